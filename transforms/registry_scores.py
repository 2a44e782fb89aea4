"""The score and enrichment models in build order."""

from transforms.base import Model
from transforms.enrichment import account, opportunity, person, user
from transforms.scores import (
    accounts,
    capture,
    deals,
    importance,
    kappa,
    key_persons,
    opportunities,
    pairs,
    people,
    seats,
    touches,
    users,
    views,
)


def score_models() -> list[Model]:
    """Each model after those it reads."""
    return [
        capture.MODEL,
        pairs.DAYS,
        pairs.FACTS,
        pairs.INTENSITY,
        kappa.MODEL,
        pairs.PAIRS,
        touches.MODEL,
        people.MODEL,
        key_persons.MODEL,
        seats.MODEL,
        views.MODEL,
        accounts.MODEL,
        users.MODEL,
        deals.MODEL,
        importance.MODEL,
        opportunities.MODEL,
        person.CONTACT,
        person.LEAD,
        account.MODEL,
        user.MODEL,
        opportunity.MODEL,
    ]
