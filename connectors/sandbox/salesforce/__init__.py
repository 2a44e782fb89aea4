"""A Salesforce org on loopback: its rows in one DuckDB file, its APIs over them, refusals in Salesforce's codes and words.

What is where:
  declarations   `schema` (objects and fields as data: `metadata`, `standard_*`), `customfields`
  rows           `store` (tables, clock, ids), `project` (the generated company as this org's rows)
  rights         `permissions` (what the integration user sees), `tokens`, `login`, `limits`
  reading        `soql` (grammar and compiler), `query` and `cursors` (REST pages), `describe`, `replication` (deleted, updated)
  writing        `records` (set-based) with `cells`, `checks`, `staging`, `defaults`; what follows: `consequences`, `derive`, `removal`
  surface        `api` (the envelope of every call), `rest` (routes), `sobjects`, `collection`, `composite`, `tooling`, `bulk/`
  controls       `switches`, `surgery`, `later` under `/_sandbox/salesforce/`

One write path serves single records, Collections and Bulk ingest; one SOQL compiler serves REST, Bulk and Tooling queries.
Deliberately absent: SOAP, SOSL, Metadata API deploys, sharing rules beyond View All, formula fields, triggers.
"""
