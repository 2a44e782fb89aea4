"""Names of the schemas: one per step of the pipeline, so that each step is a set of tables one can look at.

`raw_<crm>` holds what the CRM sent under the CRM's own names; `staging` one neutral table per CRM and entity;
`model` the CRM-neutral model and the interactions; `scores` pairs and what follows from them; `enrichment` what is
to be written back; `ledger` what was written and acknowledged.
"""

from typing import Final

STAGING: Final = "staging"
MODEL: Final = "model"
SCORES: Final = "scores"
ENRICHMENT: Final = "enrichment"
LEDGER: Final = "ledger"


def raw_schema(crm: str) -> str:
    """Schema (and dlt dataset) of what was extracted from the CRM called `crm` in the configuration."""
    return f"raw_{crm}"
