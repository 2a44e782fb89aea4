"""What people would have typed into our fields: side tables `_entered_<Object>`, copied in when the fields are provisioned.

A column is named like the field with the default prefix; a row is there only when it has a value.
"""

import pyarrow as pa
import pyarrow.compute as pc

from connectors.sandbox.company import Company
from connectors.sandbox.company.arrays import Column, arrow, frame, whole
from connectors.sandbox.company.opinions import FACTORS
from connectors.sandbox.salesforce.projection.keys import Keys

ATTITUDES = arrow(["Strongly against", "Against", "Neutral", "Support", "Strong support"])


def entered(company: Company, keys: Keys) -> dict[str, pa.Table]:
    """Side tables by name: Id, then the entered fields of the object."""
    return {
        "_entered_Contact": _contacts(company, keys),
        "_entered_Lead": _leads(company, keys),
        "_entered_Account": _accounts(company, keys),
        "_entered_Opportunity": _opportunities(company, keys),
        "_entered_User": frame({"Id": keys.users, "GX_Industry_Expert__c": company.experts["industry_expert"]}),
    }


def _attitude(column: Column) -> Column:
    return ATTITUDES.take(pc.add(whole(column), 2))


def _contacts(company: Company, keys: Keys) -> pa.Table:
    stated = company.opinions
    return frame(
        {
            "Id": keys.people.take(whole(stated["person"])),
            "GX_Attitude__c": _attitude(stated["attitude"]),
            "GX_Solution_Acceptance__c": _attitude(stated["solution"]),
            "GX_Price_Acceptance__c": _attitude(stated["price"]),
            "GX_Competitor_Attitude__c": _attitude(stated["competitor"]),
            "GX_Vote__c": stated["vote"],
            "GX_Buying_Role__c": stated["buying_roles"],
            "GX_Key_Person__c": stated["key_person"],
            "GX_Influenced_By__c": keys.people.take(whole(stated["influenced_by"])),
        }
    )


def _leads(company: Company, keys: Keys) -> pa.Table:
    stated = company.lead_opinions
    return frame({"Id": keys.people.take(whole(stated["person"])), "GX_Attitude__c": _attitude(stated["attitude"])})


def _accounts(company: Company, keys: Keys) -> pa.Table:
    plans = company.account_plans
    scores = {"GX_Potential__c": "potential", "GX_Demonstration__c": "demonstration", "GX_Can_Win__c": "can_win"}
    return frame(
        {
            "Id": keys.accounts,
            **{field: pc.cast(whole(plans[column]), pa.float64()) for field, column in scores.items()},
            "GX_Key_Departments__c": plans["key_departments"],
            "GX_Competitor_Main__c": plans["competitor"],
            "GX_Plan__c": plans["plan"],
        }
    )


def _opportunities(company: Company, keys: Keys) -> pa.Table:
    facts = company.deal_facts
    return frame(
        {
            "Id": keys.deals,
            "GX_Compelling_Event__c": facts["compelling_event"],
            "GX_Inside_Source__c": facts["inside_source"],
            "GX_Competitor_Rank__c": pc.cast(whole(facts["competitor_rank"]), pa.float64()),
            "GX_Value_Proposition__c": facts["value_proposition"],
            **{f"GX_Factor_{number}__c": pc.cast(whole(facts[f"factor_{number}"]), pa.float64()) for number in range(1, FACTORS + 1)},
        }
    )
