"""Accounts, people, deals and who belongs to them: the standard fields an integration meets there."""

from typing import Final

from connectors.sandbox.salesforce.metadata import (
    Field,
    SObject,
    address,
    boolean,
    create_only,
    date,
    datetime,
    integer,
    lookup,
    number,
    person_name,
    pick,
    read_only,
    required,
    sobject,
    system_fields,
    text,
)

INDUSTRIES: Final = (
    "Agriculture", "Banking", "Biotechnology", "Chemicals", "Communications", "Construction", "Consulting", "Education", "Electronics",
    "Energy", "Engineering", "Finance", "Government", "Healthcare", "Insurance", "Machinery", "Manufacturing", "Media", "Not For Profit",
    "Retail", "Shipping", "Technology", "Telecommunications", "Transportation", "Utilities", "Other",
)  # fmt: skip
STAGES: Final = {
    "Prospecting": (10, False, False),
    "Qualification": (10, False, False),
    "Needs Analysis": (20, False, False),
    "Value Proposition": (50, False, False),
    "Id. Decision Makers": (60, False, False),
    "Perception Analysis": (70, False, False),
    "Proposal/Price Quote": (75, False, False),
    "Negotiation/Review": (90, False, False),
    "Closed Won": (100, True, True),
    "Closed Lost": (0, True, False),
}
"""StageName -> (probability, closed, won)."""
CURRENCIES: Final = {"USD": 1.0, "JPY": 128.0}
"""Currencies of the org: units to one of the corporate currency, the first."""
_ROLES: Final = (
    "Business User",
    "Decision Maker",
    "Economic Buyer",
    "Economic Decision Maker",
    "Evaluator",
    "Executive Sponsor",
    "Influencer",
    "Technical Buyer",
    "Other",
)


def _email() -> Field:
    base = text("Email", 80, type="email")
    return Field(base.name, base.type, base.label, length=80, id_lookup=True)


ACCOUNT: Final[SObject] = sobject(
    "Account",
    "001",
    [
        *system_fields(),
        read_only(lookup("MasterRecordId", "Account")),
        required(text("Name", 255)),
        lookup("ParentId", "Account"),
        pick("Type", "Prospect", "Customer - Direct", "Customer - Channel", "Channel Partner / Reseller", "Technology Partner", "Other"),
        pick("Industry", *INDUSTRIES),
        number("AnnualRevenue", "currency", 18, 0),
        integer("NumberOfEmployees"),
        lookup("OwnerId", "User"),
        *address("BillingAddress"),
        *address("ShippingAddress"),
    ],
    mergeable=True,
    child_relationships={
        "Contacts": ("Contact", "AccountId"),
        "Opportunities": ("Opportunity", "AccountId"),
        "ChildAccounts": ("Account", "ParentId"),
        "Tasks": ("Task", "AccountId"),
        "Events": ("Event", "AccountId"),
        "AccountContactRelations": ("AccountContactRelation", "AccountId"),
        "AccountTeamMembers": ("AccountTeamMember", "AccountId"),
    },
)

CONTACT: Final[SObject] = sobject(
    "Contact",
    "003",
    [
        *system_fields(),
        read_only(lookup("MasterRecordId", "Contact")),
        *person_name(),
        lookup("AccountId", "Account"),
        _email(),
        text("Title", 128),
        text("Department", 80),
        lookup("ReportsToId", "Contact", relationship="ReportsTo"),
        lookup("OwnerId", "User"),
        *address("MailingAddress"),
    ],
    mergeable=True,
    child_relationships={
        "OpportunityContactRoles": ("OpportunityContactRole", "ContactId"),
        "AccountContactRelations": ("AccountContactRelation", "ContactId"),
        "Tasks": ("Task", "WhoId"),
        "Events": ("Event", "WhoId"),
    },
)

LEAD: Final[SObject] = sobject(
    "Lead",
    "00Q",
    [
        *system_fields(),
        read_only(lookup("MasterRecordId", "Lead")),
        *person_name(),
        required(text("Company", 255)),
        _email(),
        text("Title", 128),
        required(pick("Status", "Open - Not Contacted", "Working - Contacted", "Closed - Converted", "Closed - Not Converted")),
        lookup("OwnerId", "User", "Group"),
        read_only(boolean("IsConverted")),
        read_only(date("ConvertedDate")),
        read_only(lookup("ConvertedAccountId", "Account")),
        read_only(lookup("ConvertedContactId", "Contact")),
        read_only(lookup("ConvertedOpportunityId", "Opportunity")),
        *address("Address"),
    ],
    mergeable=True,
    child_relationships={"Tasks": ("Task", "WhoId"), "Events": ("Event", "WhoId")},
)

USER: Final[SObject] = sobject(
    "User",
    "005",
    [
        *system_fields(is_deleted=False),
        *person_name(),
        required(text("Username", 80)),
        required(text("Email", 128, type="email")),
        text("Title", 80),
        text("Department", 80),
        lookup("ManagerId", "User"),
        boolean("IsActive"),
        read_only(
            pick(
                "UserType",
                "Standard",
                "PowerPartner",
                "CSPLitePortal",
                "CustomerSuccess",
                "PowerCustomerSuccess",
                "CsnOnly",
                "Guest",
                "AutomatedProcess",
                restricted=True,
            )
        ),
    ],
    label_plural="Users",
    deletable=False,
    undeletable=False,
)

OPPORTUNITY: Final[SObject] = sobject(
    "Opportunity",
    "006",
    [
        *system_fields(),
        lookup("AccountId", "Account"),
        required(text("Name", 120)),
        required(pick("StageName", *STAGES)),
        number("Amount", "currency"),
        pick("CurrencyIsoCode", *CURRENCIES, restricted=True),
        number("Probability", "percent", 3, 0),
        required(date("CloseDate")),
        read_only(boolean("IsClosed")),
        read_only(boolean("IsWon")),
        read_only(datetime("LastStageChangeDate")),
        lookup("OwnerId", "User"),
    ],
    label_plural="Opportunities",
    child_relationships={
        "OpportunityContactRoles": ("OpportunityContactRole", "OpportunityId"),
        "Tasks": ("Task", "WhatId"),
        "Events": ("Event", "WhatId"),
    },
)

CONTACT_ROLE: Final[SObject] = sobject(
    "OpportunityContactRole",
    "00K",
    [
        *system_fields(),
        create_only(required(lookup("OpportunityId", "Opportunity"))),
        required(lookup("ContactId", "Contact")),
        pick("Role", *_ROLES),
        boolean("IsPrimary"),
    ],
    label="Opportunity Contact Role",
    undeletable=False,
)

ACCOUNT_CONTACT: Final[SObject] = sobject(
    "AccountContactRelation",
    "07k",
    [
        *system_fields(),
        create_only(required(lookup("AccountId", "Account"))),
        create_only(required(lookup("ContactId", "Contact"))),
        pick("Roles", *_ROLES, multi=True),
        read_only(boolean("IsDirect")),
        boolean("IsActive"),
    ],
    label="Account Contact Relationship",
)

TEAM_MEMBER: Final[SObject] = sobject(
    "AccountTeamMember",
    "01M",
    [
        *system_fields(),
        create_only(required(lookup("AccountId", "Account"))),
        create_only(required(lookup("UserId", "User"))),
        pick(
            "TeamMemberRole",
            "Account Manager",
            "Channel Manager",
            "Executive Sponsor",
            "Lead Qualifier",
            "Pre-Sales Consultant",
            "Sales Manager",
            "Sales Rep",
        ),
    ],
    label="Account Team Member",
    undeletable=False,
)

CURRENCY_TYPE: Final[SObject] = sobject(
    "CurrencyType",
    "01L",
    [
        *system_fields(is_deleted=False),
        required(pick("IsoCode", *CURRENCIES)),
        required(number("ConversionRate", "double", 18, 6)),
        integer("DecimalPlaces"),
        boolean("IsActive"),
        read_only(boolean("IsCorporate")),
    ],
    label="Currency Type",
    deletable=False,
    undeletable=False,
)

RECORDS: Final = (ACCOUNT, CONTACT, LEAD, USER, OPPORTUNITY, CONTACT_ROLE, ACCOUNT_CONTACT, TEAM_MEMBER, CURRENCY_TYPE)
