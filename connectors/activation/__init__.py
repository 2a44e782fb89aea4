"""Writing back: plan -> guard -> push -> acknowledge -> verify, over any Writer and the ledger.

settle.run(warehouse, crm, writer)                          clear up after a push that died
plan.build(warehouse, crm, tables, as_of, settings)         -> Plan, stored
push.run(warehouse, writer, plan.plan_id, settings)         -> PushReport
verify.run(warehouse, writer, plan.plan_id)                 -> VerifyReport
rollback.build(warehouse, writer, undone, entities)         -> Plan that takes a push back, stored
"""
