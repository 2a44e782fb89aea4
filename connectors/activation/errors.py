"""What can stop writing back before the CRM is touched.

ActivationError      one line for the user: what and what to do
├── FieldNotWritable     a table holds a column that is no output field: a bug, found before the first call
├── GuardTripped         the plan is too big, or its keys are broken
├── PlanUnusable         unknown, already pushed, or superseded by a newer one
└── Unsettled            an earlier push ended without knowing what the CRM took
"""


class ActivationError(Exception):
    """Base of all."""


class FieldNotWritable(ActivationError):
    """Only fields of contract 4.1 may be in a payload."""


class GuardTripped(ActivationError):
    """Nothing was written; the plan can be looked at, and pushed with an override and its reason."""


class PlanUnusable(ActivationError):
    """This plan cannot be pushed; make a new one."""


class Unsettled(ActivationError):
    """Rows were sent without a verdict; `settle.run` must ask the CRM first."""
