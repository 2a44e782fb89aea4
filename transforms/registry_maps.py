"""The models of maps, coverage and suggestions, in build order: read by people, never written back."""

from collections.abc import Sequence

from transforms.base import Model, Source
from transforms.coverage import accounts, handover, known, team_people, teams
from transforms.maps import chain, competitor, deciders, links, paths, people, related, resources, steps
from transforms.suggestions import items


def map_models(sources: Sequence[Source]) -> list[Model]:
    """Each model after those it reads; all read the model, the scores and, for the lifelong network, identity."""
    return [
        links.MODEL,
        people.MODEL,
        related.MODEL,
        resources.MODEL,
        chain.MODEL,
        competitor.MODEL,
        deciders.MODEL,
        steps.MODEL,
        paths.MODEL,
        team_people.MODEL,
        teams.MODEL,
        accounts.MODEL,
        handover.MODEL,
        known.model(sources),
        items.MODEL,
    ]
