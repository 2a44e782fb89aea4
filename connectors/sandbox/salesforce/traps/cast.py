"""Who plays in the traps: a rep and colleagues of ours, a customer account with contacts, a lead. Records of their own, in every size."""

from dataclasses import dataclass

from connectors.sandbox.salesforce.traps.planter import Party, Planter

DOMAIN = "trapworks.example"
OUR_DOMAIN = "guanxi-sales.example"


@dataclass(frozen=True)
class Cast:
    """Ids and addresses. `gone` is an inactive user, `robot` an automated one, `queue` a Group, `public` a public Calendar."""

    rep: Party
    mate: Party
    third: Party
    gone: Party
    robot: Party
    queue: str
    public: str
    account: str
    branch: str
    ann: Party
    bob: Party
    eve: Party
    lead: Party


def cast(planter: Planter) -> Cast:
    """Plant the players."""
    rep = user(planter, "Rita", "Trapper")
    account = planter.add("Account", Name="Trapworks AG", OwnerId=rep.id, Industry="Manufacturing", created=planter.ago(days=900))
    branch = planter.add("Account", Name="Trapworks Branch Ltd", OwnerId=rep.id, ParentId=account, created=planter.ago(days=900))
    return Cast(
        rep=rep,
        mate=user(planter, "Max", "Trapper"),
        third=user(planter, "Thea", "Trapper"),
        gone=user(planter, "Gus", "Trapper", active=False),
        robot=user(planter, "Automated", "Process", kind="AutomatedProcess"),
        queue=planter.add("Group", Name="Trap Queue", DeveloperName="Trap_Queue", Type="Queue"),
        public=planter.add("Calendar", Name="Trap Showroom", Type="Public", IsActive=True),
        account=account,
        branch=branch,
        ann=contact(planter, "Ann", account, rep),
        bob=contact(planter, "Bob", account, rep),
        eve=contact(planter, "Eve", account, rep),
        lead=lead(planter, "Leo", rep),
    )


def user(planter: Planter, first: str, last: str, active: bool = True, kind: str = "Standard") -> Party:
    address = f"{first}.{last}@{OUR_DOMAIN}".lower()
    made = planter.add(
        "User", FirstName=first, LastName=last, Name=f"{first} {last}", Username=address, Email=address, IsActive=active, UserType=kind,
        Title="Account Executive", Department="Sales", created=planter.ago(days=1_200),
    )  # fmt: skip
    return Party(made, address)


def contact(planter: Planter, first: str, account: str, owner: Party, address: str | None = None, **fields: object) -> Party:
    """A contact with its direct AccountContactRelation; the address is `first.trap@` unless given."""
    address = address or f"{first}.trap@{DOMAIN}".lower()
    named = {
        "FirstName": first,
        "LastName": "Trap",
        "Name": f"{first} Trap",
        "Email": address,
        "Title": "Buyer",
        "Department": "Procurement",
    }
    made = planter.add("Contact", AccountId=account, OwnerId=owner.id, created=planter.ago(days=800), **(named | fields))
    direct = {"IsDirect": True, "IsActive": True, "IsDeleted": fields.get("IsDeleted", False)}
    planter.add("AccountContactRelation", AccountId=account, ContactId=made, created=planter.ago(days=800), **direct)
    return Party(made, address)


def lead(planter: Planter, first: str, owner: Party, **fields: object) -> Party:
    address = f"{first}.lead@{DOMAIN}".lower()
    named = {
        "FirstName": first,
        "LastName": "Lead",
        "Name": f"{first} Lead",
        "Email": address,
        "Company": "Leadworks",
        "Status": "Working - Contacted",
    }
    return Party(planter.add("Lead", OwnerId=owner.id, created=planter.ago(days=300), **(named | fields)), address)
