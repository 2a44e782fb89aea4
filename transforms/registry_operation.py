"""The models of account operation, in build order: read by people, never written back."""

from transforms.base import Model
from transforms.operation import accounts, funnel, importance, leads, lifecycle, moat, pay, weekly


def operation_models() -> list[Model]:
    """Each model after those it reads; they read the model, the scores, the coverage and what history says of reviews and the week."""
    return [
        accounts.MODEL,
        importance.MODEL,
        lifecycle.STEPS,
        lifecycle.YEARS,
        funnel.MODEL,
        leads.MODEL,
        weekly.MODEL,
        pay.MODEL,
        moat.MODEL,
    ]
