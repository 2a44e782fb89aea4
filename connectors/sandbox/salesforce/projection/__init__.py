"""The neutral company as Salesforce rows: records once, activities chunk by chunk, all of it Arrow columns, no loop over rows.

`Keys` gives every neutral number its Salesforce id; `records` makes accounts to team members, `entered` the side tables of what
people would type into our fields, `meetings`, `tasks` and `mails` one chunk of activities each.
"""
