"""The score and enrichment models in build order."""

from transforms.base import Model
from transforms.enrichment import account, opportunity, person, user
from transforms.history import averages, figures
from transforms.history.entered import EDITS
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
    teams,
    touches,
    users,
    views,
)


def score_models() -> list[Model]:
    """Each model after those it reads; accounts come early, because the look back before the first run builds all up to them."""
    accounts_ready = [
        capture.MODEL,
        pairs.FACTS,
        pairs.INTENSITY,
        kappa.MODEL,
        pairs.PAIRS,
        touches.MODEL,
        people.MODEL,
        EDITS,
        key_persons.MODEL,
        seats.MODEL,
        accounts.MODEL,
    ]
    return [
        *accounts_ready,
        figures.model(accounts_ready),
        averages.MODEL,
        views.MODEL,
        users.MODEL,
        teams.MODEL,
        deals.MODEL,
        importance.MODEL,
        opportunities.MODEL,
        person.CONTACT,
        person.LEAD,
        account.MODEL,
        user.MODEL,
        opportunity.MODEL,
    ]
