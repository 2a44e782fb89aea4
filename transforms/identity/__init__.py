"""Which records of several CRMs are one person, account or user of ours, with the evidence.

    addresses  the address of a person or user as it is compared, and which addresses are evidence
    people     people and users: the same address, never a name
    accounts   accounts: shared people, or a mail domain that only these accounts have
    groups     evidence followed to groups; a group with two records of one CRM is no group
    apart      what looked alike and was not joined, with the reason

Records are never merged: the tables of each CRM, and what is written back, stay as they are. Without `across_crms` every
record stands alone. Deliberately absent: names, titles and telephone numbers as evidence, and any degree of likeness; a
join is one that a person can check by looking at one address or one count.
"""
