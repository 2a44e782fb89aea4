"""Who plays in the traps: a rep and colleagues of ours, robots, a team and a queue, a customer account with contacts, a lead."""

from dataclasses import dataclass
from typing import Any, Final

from connectors.sandbox.dataverse.ids import guid
from connectors.sandbox.dataverse.standing import BUSINESS_UNIT_ID
from connectors.sandbox.dataverse.traps.planter import Party, Planter, Row

DOMAIN: Final = "dyntrap.example"
OUR_DOMAIN: Final = "guanxi-sales.example"


@dataclass(frozen=True)
class Cast:
    """`gone` is a disabled user; the robots are told from people by application id, integration flag or access mode."""

    rep: Party
    mate: Party
    gone: Party
    robots: dict[str, Party]
    team: Party
    queue: Party
    account: Party
    branch: Party
    ann: Party
    bob: Party
    eve: Party
    lead: Party


def cast(planter: Planter) -> Cast:
    """Plant the players."""
    rep = user(planter, "Dora", "Dynatrap")
    account = firm(planter, "Dyntrap AG", rep)
    branch = firm(planter, "Dyntrap Branch Ltd", rep, _parentaccountid_value=account.id)
    team = planter.add("team", name="Trap Team", _businessunitid_value=BUSINESS_UNIT_ID)
    queue = planter.add("queue", owner=rep, name="Trap Queue", emailaddress=f"sales@{OUR_DOMAIN}")
    return Cast(
        rep=rep,
        mate=user(planter, "Mia", "Dynatrap"),
        gone=user(planter, "Gil", "Dynatrap", isdisabled=True),
        robots={
            "application_user": user(planter, "Sync", "App", applicationid=guid("application", "trap")),
            "integration_user": user(planter, "Bridge", "Service", isintegrationuser=True),
            "non_interactive_user": user(planter, "Batch", "Job", accessmode=4),
        },
        team=Party(team, "team", None),
        queue=Party(queue, "queue", f"sales@{OUR_DOMAIN}"),
        account=account,
        branch=branch,
        ann=contact(planter, "Ann", account, rep),
        bob=contact(planter, "Bob", account, rep, emailaddress2=f"bob.private@{DOMAIN}", emailaddress3=f"bob.old@{DOMAIN}"),
        eve=contact(planter, "Eve", account, rep),
        lead=lead(planter, "Lea", rep),
    )


def user(planter: Planter, first: str, last: str, **fields: Any) -> Party:
    """One of ours; named like a person unless the fields say otherwise."""
    address = f"{first}.{last}@{OUR_DOMAIN}".lower()
    named: Row = {"firstname": first, "lastname": last, "domainname": address, "internalemailaddress": address, "islicensed": True}
    job = {"title": "Account Executive", "jobtitle": "Account Executive", "_businessunitid_value": BUSINESS_UNIT_ID}
    return Party(planter.add("systemuser", created=planter.ago(days=1_200), **(named | job | fields)), "systemuser", address)


def firm(planter: Planter, name: str, owner: Party, **fields: Any) -> Party:
    made = planter.add("account", owner=owner, created=planter.ago(days=900), name=name, industrycode=12, **fields)
    return Party(made, "account", f"info@{DOMAIN}")


def contact(planter: Planter, first: str, parent: Party, owner: Party, **fields: Any) -> Party:
    """A contact of an account (or of another contact); the address is `first.trap@` unless given."""
    address = fields.pop("emailaddress1", f"{first}.trap@{DOMAIN}".lower())
    named = {"firstname": first, "lastname": "Trap", "emailaddress1": address, "jobtitle": "Buyer", "department": "Procurement"}
    of = {"_parentcustomerid_value": parent.id, "_parentcustomerid_type": parent.table}
    return Party(planter.add("contact", owner=owner, created=planter.ago(days=800), **(named | of | fields)), "contact", address)


def lead(planter: Planter, first: str, owner: Party, **fields: Any) -> Party:
    address = f"{first}.lead@{DOMAIN}".lower()
    named = {"firstname": first, "lastname": "Lead", "emailaddress1": address, "companyname": "Leadworks", "subject": "Interest"}
    made = planter.add("lead", owner=owner, created=planter.ago(days=300), **(named | {"statuscode": 2} | fields))
    return Party(made, "lead", address)
