"""The neutral company as Dataverse rows: records once, activities chunk by chunk, each table one INSERT ... SELECT over Arrow tables.

`keys` gives every neutral number its GUID and says which firms live in this environment; `records`, `deals` and `entered` run once;
`meetings`, `calls`, `mails` and `todos` make one chunk of activities each, and `parties` the rows that all kinds have in common.

What a Salesforce org tells about the same activity must lead to the same interactions: who declined a meeting is not on the
appointment, a call that reached nobody is marked as voicemail, a mail that was only logged names its sender and its first person.
"""
