"""Traps among people: merged, inactive, qualified and deleted records, customers that are contacts, odd texts."""

from collections.abc import Mapping
from typing import Final

from connectors.sandbox.dataverse.projection.parties import ORGANIZER, REQUIRED, SENDER, TO
from connectors.sandbox.dataverse.traps.cast import DOMAIN, Cast, contact, firm, lead
from connectors.sandbox.dataverse.traps.planter import Party, Planter
from connectors.sandbox.dataverse.traps.records import call, meeting

INACTIVE: Final = {"statecode": 1, "statuscode": 2}
ODD_TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    "text_na": {"department": "NA"},
    "text_null": {"jobtitle": "null"},
    "text_hash_na": {"lastname": "#N/A"},
    "text_none": {"department": "None"},
    "text_newline": {"jobtitle": "Head of\nPurchasing"},
    "text_carriage_return": {"jobtitle": "Head of\r\nStores"},
    "text_quotes": {"lastname": 'O\'Trap "Jr."'},
    "text_line_separator": {"department": "R\u2028D"},
    "text_emoji": {"lastname": "🦊 Trap"},
    "text_spaces": {"department": "  IT  "},
    "text_comma_backslash": {"jobtitle": 'Director, "East\\West"'},
    "text_like_a_number": {"department": "007"},
    "text_chinese": {"lastname": "陈", "firstname": "敏"},
}


def plant(planter: Planter, cast: Cast) -> None:
    """All of them, each with its verdict."""
    _merged(planter, cast)
    _inactive(planter, cast)
    _leads(planter, cast)
    _parents(planter, cast)
    for number, (trap, fields) in enumerate(ODD_TEXTS.items()):
        odd = contact(planter, f"Odd{number}", cast.branch, cast.rep, **fields)
        planter.expect(trap, "contact", str(odd.id), "text_kept")


def _merged(planter: Planter, cast: Cast) -> None:
    """A contact merged into one that was merged itself; parties still name the losers. And an account merged away."""
    survivor = contact(planter, "Sue", cast.account, cast.rep)
    middle = contact(planter, "Sue2", cast.account, cast.rep, merged=True, _masterid_value=survivor.id, **INACTIVE)
    loser = contact(planter, "Sue3", cast.account, cast.rep, merged=True, _masterid_value=middle.id, **INACTIVE)
    for trap, gone in {"merged_contact": middle, "merged_twice": loser}.items():
        made = call(planter, cast, planter.ago(days=56), [(SENDER, cast.rep), (TO, gone)])
        planter.expect(trap, "phonecall", made.id, "counted")
        planter.expect(trap, "activityparty", made.party(TO, gone), f"participant_is:{survivor.id}")
        planter.expect(trap, "contact", str(gone.id), "not_scored")
    old = firm(planter, "Dyntrap old", cast.rep, merged=True, _masterid_value=cast.account.id, **INACTIVE)
    left = contact(planter, "Lou", old, cast.rep)
    met = meeting(planter, cast, planter.ago(days=57), [(ORGANIZER, cast.rep), (REQUIRED, left)], about=old)
    planter.expect("merged_account", "appointment", met.id, "counted")
    planter.expect("merged_account", "account", str(old.id), "not_scored")
    planter.expect("merged_account", "contact", str(left.id), f"account_is:{cast.account.id}")


def _inactive(planter: Planter, cast: Cast) -> None:
    """Inactive without being merged is an ordinary record: its history counts, it gets no values. A deleted one has no record at all."""
    quiet = contact(planter, "Ina", cast.account, cast.rep, **INACTIVE)
    made = call(planter, cast, planter.ago(days=58), [(SENDER, cast.rep), (TO, quiet)])
    planter.expect("inactive_contact", "phonecall", made.id, "counted")
    planter.expect("inactive_contact", "contact", str(quiet.id), "not_scored")
    gone = Party(planter.new_id("contact"), "contact", f"deleted@{DOMAIN}", deleted=True)
    lost = call(planter, cast, planter.ago(days=59), [(SENDER, cast.rep), (TO, gone)])
    planter.expect("party_deleted", "phonecall", lost.id, "no_person")


def _leads(planter: Planter, cast: Cast) -> None:
    """A qualified lead is the contact it became, told from either side; a disqualified one stays itself."""
    told_by_contact = lead(planter, "Quinn", cast.rep, statecode=1, statuscode=3)
    born = contact(planter, "Quinn", cast.account, cast.rep, _originatingleadid_value=told_by_contact.id)
    other = contact(planter, "Quentin", cast.account, cast.rep)
    told_by_lead = lead(planter, "Quentin", cast.rep, statecode=1, statuscode=3, _parentcontactid_value=other.id)
    for trap, qualified, contact_ in (("qualified_lead", told_by_contact, born), ("qualified_into_known_contact", told_by_lead, other)):
        made = call(planter, cast, planter.ago(days=100), [(SENDER, cast.rep), (TO, qualified)])
        planter.expect(trap, "phonecall", made.id, "counted")
        planter.expect(trap, "activityparty", made.party(TO, qualified), f"participant_is:{contact_.id}")
        planter.expect(trap, "lead", str(qualified.id), "not_scored")
    lost = lead(planter, "Dirk", cast.rep, statecode=2, statuscode=6)
    made = call(planter, cast, planter.ago(days=101), [(SENDER, cast.rep), (TO, lost)])
    planter.expect("disqualified_lead", "phonecall", made.id, "counted")
    planter.expect("disqualified_lead", "lead", str(lost.id), "not_scored")


def _parents(planter: Planter, cast: Cast) -> None:
    """The customer of a contact is an account, or another contact, which is no account."""
    assistant = contact(planter, "Pia", cast.ann, cast.rep)
    planter.expect("customer_is_a_contact", "contact", str(assistant.id), "account_is:none")
    planter.expect("customer_is_an_account", "contact", str(cast.ann.id), f"account_is:{cast.account.id}")
