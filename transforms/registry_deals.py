"""The models of deals in build order: read by people, never written back."""

from transforms.base import Model
from transforms.deals import credits, factors, lamps, rep_types, stages, team_types, work


def deal_models() -> list[Model]:
    """Each model after those it reads; they read the model, the scores and what earlier runs left in history."""
    return [stages.MODEL, lamps.MODEL, factors.MODEL, work.MODEL, credits.MODEL, rep_types.MODEL, team_types.MODEL]
