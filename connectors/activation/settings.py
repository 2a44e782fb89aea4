"""`[activation]` of the configuration: how much may be written back, and what is noise."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]


class ActivationSettings(BaseModel):
    """Thresholds of writing back; unknown keys are errors.

    `min_delta`: points on a 0-100 scale a score must move to be rewritten. `max_changed_share`: guard, per object, once
    `guard_min_rows` rows exist and one push has succeeded. `max_reject_rate`: above it a push counts as failed.
    `approval`: plan and push are two commands of a person.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    min_delta: Annotated[float, Field(ge=0, le=100)] = 1.0
    max_changed_share: Share = 0.2
    guard_min_rows: Annotated[int, Field(ge=0)] = 500
    max_reject_rate: Share = 0.05
    approval: bool = False
