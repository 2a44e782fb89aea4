"""What every table must satisfy, as data; checked by Great Expectations on small tables and by the same rules as SQL on large ones.

Flow: `suites`, `identity`, `development` and `enrichment` declare expectations (`expectations`), `check` runs a suite with
`gx` or `sql` and gives one `Outcome` per expectation; `reconciliation` proves that nothing read was lost. Deliberately
absent: Dagster (orchestration turns expectations into asset checks) and values of records: an outcome holds counts and a
few record ids.
"""
