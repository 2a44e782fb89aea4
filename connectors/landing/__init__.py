"""What every CRM connector does alike once rows are read: page files, what is on its way, deleted rows, one load.

page bytes -> page files in a spool -> reconciliation with the raw table (which rows are gone) -> one dlt package

Nothing here knows a CRM: a connector names the primary key, the cursor and the column that marks deleted rows, and keeps
its own state as JSON. Deliberately absent: how pages are asked for and parsed.
"""
