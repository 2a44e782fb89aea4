"""Users and what the environment itself is made of: units, teams, queues, roles, publishers, solutions, messages."""

from typing import Final

from connectors.sandbox.dataverse.schema_build import (
    choice,
    computed,
    decimal,
    full_name,
    integer,
    key,
    lookup,
    memo,
    ownership,
    read_only,
    required,
    stamps,
    state,
    status,
    table,
    text,
    yes_no,
)
from connectors.sandbox.dataverse.schema_types import Attribute, Table

ACCESS_MODES: Final = (
    (0, "Read-Write"),
    (1, "Administrative"),
    (2, "Read"),
    (3, "Support User"),
    (4, "Non-interactive"),
    (5, "Delegated Admin"),
)


def _setup(
    logical_name: str, entity_set: str, code: int, attributes: list[Attribute], primary_name: str = "name", **facts: object
) -> Table:
    """A table of the environment's own: no change tracking, no bulk operations, owned by the organisation."""
    own: dict[str, object] = dict.fromkeys(("change_tracking", "can_change_tracking", "optimistic_concurrency", "multiple"), False)
    settings = {**own, "ownership": "OrganizationOwned", **facts}
    return table(logical_name, entity_set, code, [*attributes, *stamps()], primary_name, **settings)


SYSTEM_USER: Final[Table] = table(
    "systemuser",
    "systemusers",
    8,
    [
        text("firstname", 256, label="First Name"),
        text("lastname", 256, label="Last Name"),
        full_name(),
        *stamps(),
        text("domainname", 1_024, label="User Name"),
        text("internalemailaddress", 100, format="Email", label="Primary Email"),
        text("title", 128),
        text("jobtitle", 100, label="Job Title"),
        required(lookup("businessunitid", "businessunit", label="Business Unit")),
        lookup("parentsystemuserid", "systemuser", label="Manager"),
        lookup("queueid", "queue", label="Default Queue"),
        yes_no("isdisabled", "Enabled", "Disabled", label="Status"),
        text("disabledreason", 500),
        yes_no("islicensed"),
        choice("accessmode", *ACCESS_MODES, default=0, filled="0", label="Access Mode"),
        yes_no("isintegrationuser"),
        yes_no("setupuser"),
        Attribute("applicationid", "Uniqueidentifier", "Application ID", "applicationid"),
        Attribute("azureactivedirectoryobjectid", "Uniqueidentifier", "Azure AD Object ID", "azureactivedirectoryobjectid"),
        text("mobilephone", 64, format="Phone"),
    ],
    primary_name="fullname",
    label="User",
    label_plural="Users",
    ownership="BusinessOwned",
    optimistic_concurrency=False,
    multiple=False,
    deletable=False,
    collections={"user_parent_user": ("systemuser", "parentsystemuserid")},
)

TEAM: Final = _setup(
    "team",
    "teams",
    9,
    [
        required(text("name", 160)),
        lookup("businessunitid", "businessunit"),
        lookup("administratorid", "systemuser"),
        choice("teamtype", (0, "Owner"), (1, "Access"), (2, "Security Group"), (3, "Office Group"), filled="0"),
        yes_no("isdefault"),
        memo("description"),
    ],
    ownership="BusinessOwned",
)
QUEUE: Final[Table] = table(
    "queue",
    "queues",
    2020,
    [
        required(text("name", 200)),
        *stamps(),
        *ownership(),
        state((0, "Active"), (1, "Inactive")),
        status((1, "Active", 0), (2, "Inactive", 1)),
        text("emailaddress", 100, format="Email"),
        memo("description"),
    ],
    change_tracking=False,
    multiple=False,
)
CURRENCY: Final = _setup(
    "transactioncurrency",
    "transactioncurrencies",
    9105,
    [
        required(text("currencyname", 100)),
        text("isocurrencycode", 5),
        text("currencysymbol", 13),
        integer("currencyprecision", 0, 4),
        decimal("exchangerate", 10),
    ],
    "currencyname",
    label="Currency",
    label_plural="Currencies",
)
ORGANIZATION: Final = _setup(
    "organization",
    "organizations",
    1019,
    [
        text("name", 160),
        integer("expirechangetrackingindays", 0, 365, label="Days to Expire Change Tracking Deltas"),
        integer("futureexpansionwindow", 1, 140),
        integer("pastexpansionwindow", 1, 120),
        integer("languagecode"),
        lookup("basecurrencyid", "transactioncurrency"),
        yes_no("isduplicatedetectionenabled"),
    ],
    creatable=False,
    deletable=False,
)
BUSINESS_UNIT: Final = _setup(
    "businessunit",
    "businessunits",
    10,
    [
        required(text("name", 160)),
        lookup("parentbusinessunitid", "businessunit"),
        lookup("organizationid", "organization"),
        yes_no("isdisabled"),
    ],
    ownership="BusinessOwned",
    label="Business Unit",
)
PUBLISHER: Final = _setup(
    "publisher",
    "publishers",
    7101,
    [
        required(text("uniquename", 256)),
        required(text("friendlyname", 256)),
        text("customizationprefix", 8, label="Prefix"),
        integer("customizationoptionvalueprefix", 10_000, 99_999, label="Option Value Prefix"),
        memo("description"),
        yes_no("isreadonly"),
        lookup("organizationid", "organization"),
    ],
    "friendlyname",
    collections={"publisher_solution": ("solution", "publisherid")},
)
SOLUTION: Final = _setup(
    "solution",
    "solutions",
    7100,
    [
        required(text("uniquename", 65)),
        required(text("friendlyname", 256)),
        text("version", 256),
        required(lookup("publisherid", "publisher")),
        memo("description"),
        yes_no("ismanaged"),
        yes_no("isvisible", default=True),
        lookup("organizationid", "organization"),
    ],
    "friendlyname",
)
ROLE: Final = _setup(
    "role",
    "roles",
    1036,
    [required(text("name", 100)), lookup("businessunitid", "businessunit"), yes_no("ismanaged")],
    ownership="BusinessOwned",
    label="Security Role",
)
USER_ROLE: Final = _setup(
    "systemuserroles",
    "systemuserrolescollection",
    1034,
    [
        key("systemuserroleid"),
        Attribute("systemuserid", "Uniqueidentifier", "User", "systemuserid"),
        Attribute("roleid", "Uniqueidentifier", "Role", "roleid"),
    ],
    "",
    creatable=False,
    updatable=False,
)
MESSAGE: Final = _setup("sdkmessage", "sdkmessages", 4606, [text("name", 256)], creatable=False, updatable=False)
MESSAGE_FILTER: Final = _setup(
    "sdkmessagefilter",
    "sdkmessagefilters",
    4607,
    [
        lookup("sdkmessageid", "sdkmessage"),
        read_only(Attribute("primaryobjecttypecode", "EntityName", "Primary Object Type Code", "primaryobjecttypecode")),
        computed(yes_no("iscustomprocessingstepallowed"), "true"),
    ],
    "",
    creatable=False,
    updatable=False,
)

SETUP: Final = (
    SYSTEM_USER,
    TEAM,
    QUEUE,
    CURRENCY,
    ORGANIZATION,
    BUSINESS_UNIT,
    PUBLISHER,
    SOLUTION,
    ROLE,
    USER_ROLE,
    MESSAGE,
    MESSAGE_FILTER,
)
