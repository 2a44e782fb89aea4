"""The only room that knows Dagster: the assets, checks, job and schedules, and the console script that runs the same job.

Flow: `config` reads guanxi.toml; `definitions` turns it into Dagster definitions (`assets/`, `checks`, `nightly`); `cli/`
runs them in process with a progress display. `session` is what one run shares: the open warehouse, the as-of, the figures.
Deliberately absent: anything a CRM, the method or a table means; that is in the rooms below, which never import this one.
"""
