"""What a run has to say about the method it works with: grades that another version moves, industries nobody belongs to."""

from collections.abc import Sequence

import sqlalchemy as sa

from connectors.activation.preview import MethodChange, method_change
from connectors.activation.reports import Plan
from orchestration.session import Session
from transforms.tables import accounts


def tell(session: Session, made: Plan) -> None:
    """Keep both for the end of the run."""
    if change := change_of(session, made):
        session.figures.method_changes.append(change)
    session.figures.notes += [
        f'[method.industry."{name}"]: no account has this industry, so it changes nothing' for name in strangers(session)
    ]


def change_of(session: Session, made: Plan) -> MethodChange | None:
    """What the plan does to grades, when the method is not the one of the last push."""
    rows = {entity: item.updates for entity, item in made.entities.items()}
    return method_change(session.warehouse, made.crm, made.plan_id, rows, session.config.method.version)


def strangers(session: Session) -> Sequence[str]:
    """Industries with numbers of their own to which no account of any CRM belongs: misspelt, most likely."""
    own = session.config.method.industries
    if not own:
        return []
    compared = sa.func.lower(sa.func.trim(accounts.c.industry))
    with session.warehouse.connection() as connection:
        known = set(connection.scalars(sa.select(compared).where(compared.in_(list(own))).distinct()))
    return [name for name in own if name not in known]
