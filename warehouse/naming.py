"""Names of the schemas: one per step of the pipeline, so that each step is a set of tables one can look at.

`raw_<crm>` holds what the CRM sent under the CRM's own names; `staging` one neutral table per CRM and entity;
`model` the CRM-neutral model and the interactions; `scores` pairs and what follows from them; `enrichment` what is
to be written back; `identity` which records of several CRMs are one person, account or user; `company` figures over all
CRMs; `maps` the four maps, `coverage` who of us covers what, `deals` how deals stand and are worked on, `operation` how
accounts are run, and `suggestions` what the evidence proposes to people, all to be read and never written back; `backtest`
how well the score foretold contact, beside simpler ones; `history` what was computed on which day; `ledger` what was
written and acknowledged.
"""

from typing import Final

STAGING: Final = "staging"
MODEL: Final = "model"
SCORES: Final = "scores"
ENRICHMENT: Final = "enrichment"
IDENTITY: Final = "identity"
COMPANY: Final = "company"
MAPS: Final = "maps"
COVERAGE: Final = "coverage"
SUGGESTIONS: Final = "suggestions"
BACKTEST: Final = "backtest"
DEALS: Final = "deals"
OPERATION: Final = "operation"
HISTORY: Final = "history"
LEDGER: Final = "ledger"
SCHEMAS: Final = (
    *(STAGING, MODEL, SCORES, ENRICHMENT, IDENTITY, COMPANY, MAPS, COVERAGE, SUGGESTIONS),
    *(BACKTEST, DEALS, OPERATION, HISTORY, LEDGER),
)
"""Schemas that every warehouse has, whichever CRMs it reads."""


def raw_schema(crm: str) -> str:
    """Schema (and dlt dataset) of what was extracted from the CRM called `crm` in the configuration."""
    return f"raw_{crm}"
