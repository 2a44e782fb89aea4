"""Identity of accounts: more than half of the people that two CRMs share sit in both accounts, or the mail domain is theirs alone.

    identity.people -> shared people of each two accounts \
                                                            -> account_evidence (verdict) -> accounts
    mail domain of each account ---------------------------/

A domain is an account's when more than half of its people with a company address have it. It joins two accounts only
where no other account of either CRM has it: a group of companies with one domain is told apart by its people.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from transforms.base import Context, Model, Source
from transforms.functions import mail_domain, null
from transforms.identity import tables
from transforms.identity.groups import grouped, identified, when_joined
from transforms.interactions.records import staged
from transforms.scores.expressions import zero
from transforms.staging.raw import as_compared
from transforms.staging.shapes import staging_table
from transforms.tables import accounts, people, users

Cell = sa.ColumnElement[Any]


def evidence_rows(context: Context) -> sa.Select[Any]:
    """`identity.account_evidence`."""
    shared, domain = _shared(), _domains(context)
    near, far = domain.alias("near"), domain.alias("far")
    sole = sa.select(near.c.account_key, far.c.account_key.label("other_key"), near.c.domain).join(far, near.c.domain == far.c.domain)
    only = sole.where(near.c.crm < far.c.crm, near.c.holders == 1, far.c.holders == 1).cte("only")
    same = sa.and_(only.c.account_key == shared.c.account_key, only.c.other_key == shared.c.other_key)
    joined = shared.join(only, same, full=True)
    account, other = (sa.func.coalesce(shared.c[name], only.c[name]) for name in ("account_key", "other_key"))
    pair = sa.select(account.label("account_key"), other.label("other_key"), *_counts(shared), only.c.domain.label("sole")).select_from(
        joined
    )
    return _judged(context, pair.cte("pair"), near, far)


def _counts(shared: sa.CTE) -> list[Cell]:
    return [zero(shared.c[name]).label(name) for name in ("shared_people", "people_elsewhere", "others_elsewhere")]


def _judged(context: Context, pair: sa.CTE, near: sa.FromClause, far: sa.FromClause) -> sa.Select[Any]:
    joined = pair.outerjoin(near, near.c.account_key == pair.c.account_key).outerjoin(
        far, sa.and_(far.c.account_key == pair.c.other_key, far.c.domain == near.c.domain)
    )
    most = sa.and_(*(pair.c.shared_people * 2 > pair.c[name] for name in ("people_elsewhere", "others_elsewhere")))
    enough = sa.or_(pair.c.shared_people >= context.method["identity.min_shared_people"], far.c.domain.is_not(None))
    verdict = sa.case((sa.and_(most, enough), "shared people"), (pair.c.sole.is_not(None), "same domain"), else_=null(sa.String))
    shown = [column for column in pair.c if column.name != "sole"]
    return sa.select(*shown, far.c.domain, verdict.label("verdict")).select_from(joined)


def _shared() -> sa.CTE:
    """Two accounts of different CRMs with the number of people they share, and how many of their people the other CRM knows."""
    near, far = _homes("near_home"), _homes("far_home")
    same = sa.and_(near.c.identity_key == far.c.identity_key, near.c.crm < far.c.crm)
    counted = (
        sa.select(
            near.c.crm,
            far.c.crm.label("other_crm"),
            near.c.account_key,
            far.c.account_key.label("other_key"),
            sa.func.count().label("shared_people"),
        )
        .join(far, same)
        .group_by(near.c.crm, far.c.crm, near.c.account_key, far.c.account_key)
        .cte("in_both")
    )
    total = sa.func.sum(counted.c.shared_people)
    elsewhere = total.over(partition_by=(counted.c.account_key, counted.c.other_crm)).label("people_elsewhere")
    others = total.over(partition_by=(counted.c.other_key, counted.c.crm)).label("others_elsewhere")
    return sa.select(counted.c.account_key, counted.c.other_key, counted.c.shared_people, elsewhere, others).cte("shared")


def _homes(name: str) -> sa.CTE:
    """People who are in more than one CRM, with the account each CRM puts them in."""
    who = tables.people
    joined = sa.select(who.c.identity_key, who.c.crm, people.c.account_key).join(people, people.c.person_key == who.c.person_key)
    return joined.where(who.c.records > 1, people.c.account_key.is_not(None)).cte(name)


def _domains(context: Context) -> sa.CTE:
    """The mail domain of each account that has one, and how many accounts of its CRM have the same (`holders`)."""
    counted = _domain_counts(context)
    total = sa.func.sum(counted.c.people).over(partition_by=counted.c.account_key).label("total")
    each = sa.select(*counted.c, total).subquery("each")
    holders = sa.func.count().over(partition_by=(each.c.crm, each.c.domain)).label("holders")
    return sa.select(each.c.crm, each.c.account_key, each.c.domain, holders).where(each.c.people * 2 > each.c.total).cte("domain")


def _domain_counts(context: Context) -> sa.CTE:
    """People of each account by company mail domain; public domains and our own say nothing."""
    row = staged(context, "person_addresses")
    domain = mail_domain(row.c.address)
    ours = sa.select(mail_domain(users.c.email)).where(users.c.email.is_not(None), users.c.is_person)
    person = sa.and_(people.c.crm == row.c.crm, people.c.person_id == row.c.person_id, people.c.is_person)
    known = sa.and_(row.c.address.like("%_@_%._%"), people.c.account_key.is_not(None), sa.true() if context.across_crms else sa.false())
    return (
        sa.select(people.c.crm, people.c.account_key, domain.label("domain"), sa.func.count(people.c.person_key.distinct()).label("people"))
        .join(people, person)
        .where(known, domain.not_in(as_compared(context.method["identity.public_domains"])), domain.not_in(ours))
        .group_by(people.c.crm, people.c.account_key, domain)
        .cte("domain_counts")
    )


def account_rows(context: Context) -> sa.Select[Any]:
    """`identity.accounts`."""
    told = tables.account_evidence
    edge = sa.select(told.c.account_key.label("record_key"), told.c.other_key).where(told.c.verdict.is_not(None)).cte("edge")
    group, best = grouped(edge, accounts, "account_key"), _best()
    columns, joined = identified(accounts, "account", group)
    joined = joined.outerjoin(best, best.c.record_key == group.c.record_key)
    columns["evidence"] = sa.func.coalesce(when_joined(group, best.c.verdict), "single")
    columns |= {name: when_joined(group, best.c[name]) for name in ("shared_people", "people_elsewhere", "domain")}
    return sa.select(*(cell.label(name) for name, cell in columns.items())).select_from(joined)


def _best() -> sa.CTE:
    """The evidence that joins each account; where it is joined to several, the strongest of each kind."""
    told, names = tables.account_evidence, ("shared_people", "domain", "verdict")
    shown = [told.c[name] for name in names]
    near = sa.select(told.c.account_key.label("record_key"), told.c.people_elsewhere, *shown).where(told.c.verdict.is_not(None))
    far = sa.select(told.c.other_key, told.c.others_elsewhere, *shown).where(told.c.verdict.is_not(None))
    end = sa.union_all(near, far).subquery("ends")
    most = [sa.func.max(end.c[name]).label(name) for name in ("people_elsewhere", *names)]
    return sa.select(end.c.record_key, *most).group_by(end.c.record_key).cte("best")


def evidence_model(sources: Sequence[Source]) -> Model:
    """`identity.account_evidence` of these CRMs."""
    carried = (staging_table(source.crm, "person_addresses").fullname for source in sources)
    return Model(tables.account_evidence, evidence_rows, (*carried, "model.people", "model.users", "identity.people"))


ACCOUNTS = Model(tables.accounts, account_rows, ("model.accounts", "identity.account_evidence"))
