"""A Dynamics 365 (Dataverse) environment on loopback: its rows in one DuckDB file, its Web API over them, refusals in Dataverse's codes.

What is where:
  declarations   `schema` (tables and columns as data: `schema_*`), `customcolumns`, `standing` (rows every environment has)
  rows           `store` (tables, versions, delete log, clock), `project` (the generated company as this environment's rows)
  surface        `api` (the envelope of every call), `routing`, `errors`, `login`, `tokens`, `access` (rights), `limits` (protection)
  reading        `odata` (grammar to SQL), `query`, `retrieve`, `render`, `pages`, `tracking` (changes), `functions`, `metadata`
  writing        `writes` registers `writing`, `associations`, `multiple`, `batch`, `actions`, `columns`; one path below them: `records`
                 (`bind`, `cells`, `drafts`, `states`, `rows`); what follows: `consequences`, `parties`, `connections`, `removal`, `merge`
  controls       `environment` (the half of the sandbox), `switches` under `/_sandbox/dynamics/`, `spoiling` (writes that go wrong)

Deliberately absent: FetchXML, plug-ins, alternate keys, elastic tables, many-to-many relationships, and customizing beyond columns.
"""
