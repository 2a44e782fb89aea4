"""What was computed on which day, what people entered when, and what follows from both: averages over time, reviews, revisions.

`history.<entity>` keeps one row per record and day on which one of its fields changed. Rows are appended by the run of
their day and never rewritten later, so that what stood on a date can be looked up instead of computed again; a run of an
earlier date only lists what it would say now (`history.revisions`). All of one run is written in one transaction.

    enrichment.*, scores.averages, model.* -> record -> history.snapshots, contact, lead, account, user, opportunity, entered, averages
    history.*  (days before this run)      -> scores.edits, scores.account_figures, scores.averages
"""
