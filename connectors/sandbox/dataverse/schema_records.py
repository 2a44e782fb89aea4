"""Accounts, people, deals and the connections between them."""

from typing import Final

from connectors.sandbox.dataverse.schema_build import (
    choice,
    computed,
    customer,
    day,
    decimal,
    full_name,
    instant,
    integer,
    lookup,
    memo,
    money,
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
from connectors.sandbox.dataverse.schema_words import (
    BUDGET,
    CONNECTION_CATEGORIES,
    CUSTOMER_TYPES,
    DEAL_REASONS,
    DEAL_STATES,
    INDUSTRIES,
    LEAD_REASONS,
    LEAD_STATES,
    OBJECT_TYPE_CODES,
    RATINGS,
    RECORD_TYPES,
    SALES_STAGES,
)

ACTIVE: Final = (state((0, "Active"), (1, "Inactive")), status((1, "Active", 0), (2, "Inactive", 1)))
MAX_EMPLOYEES: Final = 1_000_000_000


def _addresses() -> list[Attribute]:
    lines = [text(f"address1_line{number}", 250) for number in (1, 2, 3)]
    return [*lines, *(text(f"address1_{part}", 80) for part in ("city", "stateorprovince", "postalcode", "country"))]


ACCOUNT: Final[Table] = table(
    "account",
    "accounts",
    1,
    [
        required(text("name", 160, label="Account Name")),
        *stamps(),
        *ownership(),
        *ACTIVE,
        text("accountnumber", 20),
        choice("industrycode", *INDUSTRIES, label="Industry"),
        choice("customertypecode", *CUSTOMER_TYPES, label="Relationship Type"),
        integer("numberofemployees", 0, MAX_EMPLOYEES, label="Number of Employees"),
        money("revenue", label="Annual Revenue"),
        read_only(money("revenue_base", label="Annual Revenue (Base)")),
        lookup("transactioncurrencyid", "transactioncurrency", label="Currency"),
        read_only(decimal("exchangerate", 10, label="Exchange Rate")),
        lookup("parentaccountid", "account", label="Parent Account"),
        lookup("primarycontactid", "contact", label="Primary Contact"),
        lookup("originatingleadid", "lead", label="Originating Lead"),
        text("emailaddress1", 100, format="Email"),
        text("telephone1", 50, format="Phone"),
        text("websiteurl", 200, format="Url"),
        *_addresses(),
        memo("description"),
        yes_no("creditonhold"),
        yes_no("donotemail"),
        read_only(lookup("masterid", "account", label="Master ID")),
        read_only(yes_no("merged")),
    ],
    mergeable=True,
    collections={
        "contact_customer_accounts": ("contact", "parentcustomerid"),
        "account_parent_account": ("account", "parentaccountid"),
        "opportunity_customer_accounts": ("opportunity", "customerid"),
    },
)

CONTACT: Final[Table] = table(
    "contact",
    "contacts",
    2,
    [
        text("firstname", 50, label="First Name"),
        required(text("lastname", 50, label="Last Name")),
        full_name(),
        *stamps(),
        *ownership(),
        *ACTIVE,
        text("jobtitle", 100, label="Job Title"),
        text("department", 100),
        customer("parentcustomerid", label="Company Name"),
        lookup("parentcontactid", "contact", label="Parent Contact"),
        choice("accountrolecode", (1, "Decision Maker"), (2, "Employee"), (3, "Influencer"), label="Role"),
        *(text(f"emailaddress{number}", 100, format="Email") for number in (1, 2, 3)),
        text("telephone1", 50, format="Phone"),
        text("mobilephone", 50, format="Phone"),
        *_addresses(),
        day("birthdate"),
        memo("description"),
        text("governmentid", 50, secured=True),
        yes_no("donotemail"),
        money("creditlimit"),
        read_only(money("creditlimit_base")),
        lookup("transactioncurrencyid", "transactioncurrency", label="Currency"),
        lookup("originatingleadid", "lead", label="Originating Lead"),
        read_only(lookup("masterid", "contact", label="Master ID")),
        read_only(yes_no("merged")),
    ],
    primary_name="fullname",
    mergeable=True,
    collections={
        "contact_parent_contacts": ("contact", "parentcontactid"),
        "opportunity_customer_contacts": ("opportunity", "customerid"),
    },
)

LEAD: Final[Table] = table(
    "lead",
    "leads",
    4,
    [
        text("subject", 300, label="Topic"),
        text("firstname", 50, label="First Name"),
        required(text("lastname", 50, label="Last Name")),
        full_name(),
        *stamps(),
        *ownership(),
        state(*LEAD_STATES),
        status(*LEAD_REASONS),
        text("companyname", 100, label="Company Name"),
        text("jobtitle", 100, label="Job Title"),
        *(text(f"emailaddress{number}", 100, format="Email") for number in (1, 2, 3)),
        text("telephone1", 50, format="Phone"),
        choice("industrycode", *INDUSTRIES, label="Industry"),
        choice("leadqualitycode", *RATINGS, label="Rating"),
        choice("budgetstatus", *BUDGET),
        yes_no("decisionmaker"),
        integer("numberofemployees", 0, MAX_EMPLOYEES),
        money("revenue"),
        read_only(money("revenue_base")),
        lookup("transactioncurrencyid", "transactioncurrency", label="Currency"),
        customer("customerid"),
        lookup("parentaccountid", "account", label="Parent Account for lead"),
        lookup("parentcontactid", "contact", label="Parent Contact for lead"),
        lookup("qualifyingopportunityid", "opportunity", label="Qualifying Opportunity"),
        read_only(lookup("masterid", "lead", label="Master ID")),
        read_only(yes_no("merged")),
    ],
    primary_name="fullname",
    mergeable=True,
)

OPPORTUNITY: Final[Table] = table(
    "opportunity",
    "opportunities",
    3,
    [
        required(text("name", 300, label="Topic")),
        *stamps(),
        *ownership(),
        state(*DEAL_STATES),
        status(*DEAL_REASONS),
        customer("customerid", label="Potential Customer"),
        lookup("parentaccountid", "account", label="Account"),
        lookup("parentcontactid", "contact", label="Contact"),
        lookup("originatingleadid", "lead", label="Originating Lead"),
        lookup("transactioncurrencyid", "transactioncurrency", label="Currency"),
        read_only(decimal("exchangerate", 10)),
        *(money(name) for name in ("estimatedvalue", "actualvalue", "totalamount", "budgetamount")),
        *(read_only(money(f"{name}_base")) for name in ("estimatedvalue", "actualvalue", "totalamount", "budgetamount")),
        day("estimatedclosedate", label="Est. Close Date"),
        day("actualclosedate", label="Actual Close Date"),
        integer("closeprobability", 0, 100, label="Probability"),
        choice("opportunityratingcode", *RATINGS, label="Rating", default=2),
        choice("salesstage", *SALES_STAGES, label="Sales Stage"),
        text("stepname", 200),
        choice("budgetstatus", *BUDGET),
        yes_no("decisionmaker"),
        memo("customerneed"),
        memo("description"),
    ],
    collections={"opportunity_opportunity_close": ("opportunityclose", "opportunityid")},
)

CONNECTION_ROLE: Final[Table] = table(
    "connectionrole",
    "connectionroles",
    3231,
    [
        required(text("name", 100)),
        *stamps(),
        *ACTIVE,
        choice("category", *CONNECTION_CATEGORIES, label="Connection Role Category"),
        memo("description", 100),
        choice("componentstate", (0, "Published"), (1, "Unpublished"), (2, "Deleted"), (3, "Deleted Unpublished"), filled="0"),
        read_only(yes_no("ismanaged")),
        read_only(lookup("organizationid", "organization")),
    ],
    ownership="OrganizationOwned",
    change_tracking=False,
    can_change_tracking=False,
    optimistic_concurrency=False,
    multiple=False,
)


def _side(number: int) -> list[Attribute]:
    """One end of a connection: which record, its type code, its role."""
    name = f"record{number}id"
    cases = " ".join(f"when '{kind}' then {code}" for kind, code in OBJECT_TYPE_CODES)
    code = choice(f"record{number}objecttypecode", *((code, kind) for kind, code in OBJECT_TYPE_CODES), label="Type")
    return [
        required(lookup(name, *RECORD_TYPES, label=f"Connected {'From' if number == 1 else 'To'}")),
        computed(code, f'case "_{name}_type" {cases} end'),
        lookup(f"record{number}roleid", "connectionrole", label="Role"),
    ]


CONNECTION: Final[Table] = table(
    "connection",
    "connections",
    3234,
    [
        text("name", 500),
        *stamps(),
        *ownership(),
        *ACTIVE,
        *_side(1),
        *_side(2),
        lookup("relatedconnectionid", "connection", label="Reciprocal Connection"),
        read_only(yes_no("ismaster")),
        instant("effectivestart", label="Starting"),
        instant("effectiveend", label="Ending"),
        memo("description", 2_000),
    ],
    change_tracking=False,
    can_change_tracking=True,
    optimistic_concurrency=False,
    multiple=False,
)

RECORDS: Final = (ACCOUNT, CONTACT, LEAD, OPPORTUNITY, CONNECTION_ROLE, CONNECTION)
