"""The models of identity and of the company-wide figures, in build order."""

from collections.abc import Sequence

from transforms.base import Model, Source
from transforms.company import accounts as company_accounts
from transforms.company import interactions, pairs, repeats
from transforms.company import people as company_people
from transforms.identity import accounts, apart, people


def identity_models(sources: Sequence[Source]) -> list[Model]:
    """Each model after those it reads; all read the model and the scores."""
    return [
        people.people_model(sources),
        people.USERS,
        accounts.evidence_model(sources),
        accounts.ACCOUNTS,
        apart.model(sources),
        repeats.MODEL,
        interactions.MODEL,
        pairs.FACTS,
        pairs.INTENSITY,
        pairs.KAPPA,
        pairs.PAIRS,
        company_people.MODEL,
        company_accounts.MODEL,
    ]
