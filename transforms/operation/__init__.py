"""How accounts are run 客户经营: what each lacks, how far it has come, what moved this week, and how our relations grow.

    accounts, importance_ranks                          each account today: owner, plan, key persons, fresh evaluation; its place
    lifecycle_steps, lifecycle_years, funnel, leads     how far accounts and leads come, by year and quarter
    weekly, pay_shares                                  for the rep's talk with the manager
    moat                                                size and growth of recorded relations, month by month

Everything but the edits and the changes of the week comes from the log and the records themselves, so it is there on the
first run. Deliberately absent: any wish or duty of a single person; nothing of it is written back.
"""
