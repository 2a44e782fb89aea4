"""The values of standard choices, as (value, label), and which tables a polymorphic lookup may lead to."""

from typing import Final

INDUSTRIES: Final = tuple(
    enumerate(
        (
            "Accounting",
            "Agriculture and Non-petrol Natural Resource Extraction",
            "Broadcasting Printing and Publishing",
            "Brokers",
            "Building Supply Retail",
            "Business Services",
            "Consulting",
            "Consumer Services",
            "Design, Direction and Creative Management",
            "Distributors, Dispatchers and Processors",
            "Doctor's Offices and Clinics",
            "Durable Manufacturing",
            "Eating and Drinking Places",
            "Entertainment Retail",
            "Equipment Rental and Leasing",
            "Financial",
            "Food and Tobacco Processing",
            "Inbound Capital Intensive Processing",
            "Inbound Repair and Services",
            "Insurance",
            "Legal Services",
            "Non-Durable Merchandise Retail",
            "Outbound Consumer Service",
            "Petrochemical Extraction and Distribution",
            "Service Retail",
            "SIG Affiliations",
            "Social Services",
            "Special Outbound Trade Contractors",
            "Specialty Realty",
            "Transportation",
            "Utility Creation and Distribution",
            "Vehicle Retail",
            "Wholesale",
        ),
        start=1,
    )
)
CUSTOMER_TYPES: Final = tuple(
    enumerate(
        (
            "Competitor",
            "Consultant",
            "Customer",
            "Investor",
            "Partner",
            "Influencer",
            "Press",
            "Prospect",
            "Reseller",
            "Supplier",
            "Vendor",
            "Other",
        ),
        start=1,
    )
)
RATINGS: Final = ((1, "Hot"), (2, "Warm"), (3, "Cold"))
BUDGET: Final = ((0, "No Committed Budget"), (1, "May Buy"), (2, "Can Buy"), (3, "Will Buy"))
LEAD_STATES: Final = ((0, "Open"), (1, "Qualified"), (2, "Disqualified"))
LEAD_REASONS: Final = (
    (1, "New", 0),
    (2, "Contacted", 0),
    (3, "Qualified", 1),
    (4, "Lost", 2),
    (5, "Cannot Contact", 2),
    (6, "No Longer Interested", 2),
    (7, "Canceled", 2),
)
DEAL_STATES: Final = ((0, "Open"), (1, "Won"), (2, "Lost"))
DEAL_REASONS: Final = ((1, "In Progress", 0), (2, "On Hold", 0), (3, "Won", 1), (4, "Canceled", 2), (5, "Out-Sold", 2))
SALES_STAGES: Final = ((0, "Qualify"), (1, "Develop"), (2, "Propose"), (3, "Close"))
CONNECTION_CATEGORIES: Final = (
    (1, "Business"),
    (2, "Family"),
    (3, "Social"),
    (4, "Sales"),
    (5, "Other"),
    (1000, "Stakeholder"),
    (1001, "Sales Team"),
    (1002, "Service"),
)
PRIORITIES: Final = ((0, "Low"), (1, "Normal"), (2, "High"))

OBJECT_TYPE_CODES: Final = (
    ("account", 1),
    ("contact", 2),
    ("opportunity", 3),
    ("lead", 4),
    ("systemuser", 8),
    ("team", 9),
)
RECORD_TYPES: Final = tuple(kind for kind, _ in OBJECT_TYPE_CODES)
"""What a connection may join."""
REGARDING: Final = ("account", "contact", "lead", "opportunity")
PARTIES: Final = ("account", "contact", "lead", "systemuser", "team", "queue", "opportunity")
ACTIVITY_KINDS: Final = ("email", "phonecall", "appointment", "recurringappointmentmaster", "task", "opportunityclose")
"""The tables `activitypointer` looks over."""
PARTICIPATION: Final = (
    (1, "Sender"),
    (2, "To Recipient"),
    (3, "CC Recipient"),
    (4, "BCC Recipient"),
    (5, "Required attendee"),
    (6, "Optional attendee"),
    (7, "Organizer"),
    (8, "Regarding"),
    (9, "Owner"),
    (10, "Resource"),
    (11, "Customer"),
    (12, "Chat Participant"),
    (13, "Related"),
)
INSTANCE_TYPES: Final = (
    (0, "Not Recurring"),
    (1, "Recurring Master"),
    (2, "Recurring Instance"),
    (3, "Recurring Exception"),
    (4, "Recurring Future Exception"),
)
