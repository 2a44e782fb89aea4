"""The counting rules of contract section 3 for Dynamics, one activity after the other: an oracle for the SQL, sharing nothing with it.

`verdicts()` says of every activity why it was dropped, or the rows it counts as.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tests.transforms.staging.dynamics.plain_people import PlainPeople, Row, Who, is_nobodys, tidy

CHANNELS = {"email": "email", "phonecall": "call", "appointment": "meeting", "recurringappointmentmaster": "meeting", "task": ""}
MASKS = {"email": (1, 2, 3, 4), "phonecall": (1, 2), "appointment": (5, 6, 7)}
FIRST = {"email": 1, "phonecall": 1, "appointment": 7}
TIMES = {"email": ("senton", "actualend"), "phonecall": ("actualend",), "appointment": ("scheduledstart",)}
OURS = ("user", "nobody")
Counted = set[tuple[Any, ...]]


def seconds(at: datetime | None) -> int | None:
    return int(at.timestamp() // 1) if at else None


class PlainRules(PlainPeople):
    """Raw tables and what the contract says about their activities."""

    def __init__(self, raw: Mapping[str, Sequence[Row]], as_of: int, past_scheduled: bool = True) -> None:
        super().__init__(raw)
        self.as_of, self.past_scheduled = as_of, past_scheduled
        self.named: dict[str, list[Row]] = {}
        for row in raw["activityparty"]:
            self.named.setdefault(row["_activityid_value"], []).append(row)

    def verdicts(self) -> dict[str, str | Counted]:
        twins = self.copies()
        return {row["activityid"]: self.verdict(name, row, twins) for name in CHANNELS for row in self.raw[name]}

    def own_reason(self, name: str, row: Row) -> str:
        """What the record shows by itself, in the order of the contract."""
        mail = name == "email"
        failed = mail and row["statuscode"] == 8
        tests = (
            ("deleted", row["is_deleted"]),
            ("private", row.get("ismapiprivate")),
            ("draft", row.get("isdraft") or (mail and row["statecode"] == 0 and not failed)),
            ("failed_send", failed),
            ("cancelled", row["statecode"] == 2),
            ("series_master", name == "recurringappointmentmaster" or row.get("instancetypecode") == 1),
        )
        return next((reason for reason, applies in tests if applies), "")

    def copies(self) -> set[str]:
        """All but the first record of one mail that is done."""
        seen: dict[str, list[tuple[int, str]]] = {}
        for row in self.raw["email"]:
            message = (row["messageid"] or "").strip()
            if message and not self.own_reason("email", row) and self.is_done("email", row):
                seen.setdefault(message, []).append((self.at("email", row) or 0, row["activityid"]))
        return {key for same in seen.values() for _, key in sorted(same)[1:]}

    @staticmethod
    def at(name: str, row: Row) -> int | None:
        fields = (*TIMES.get(name, ()), "actualstart", "scheduledend", "createdon")
        return next((found for field in fields if (found := seconds(row.get(field))) is not None), None)

    def is_done(self, name: str, row: Row) -> bool:
        if name == "email":
            return row["statecode"] == 1 and row["statuscode"] in (2, 3, 4)
        return row["statecode"] == 1 or (name == "appointment" and row["statecode"] == 3 and self.past_scheduled)

    def account(self, row: Row) -> str | None:
        """What the activity is about: an account, else the account of the deal or contact."""
        about, table = row["_regardingobjectid_value"], row["_regardingobjectid_type"]
        if table == "opportunity" and about in self.deals:
            deal = self.deals[about]
            customer = deal["_customerid_value"] if deal["_customerid_type"] == "account" else None
            return self.account_of(deal["_parentaccountid_value"] or customer)
        if table == "contact" and about in self.contacts:
            return self.home(about)
        return self.account_of(about) if table == "account" else None

    def parties(self, name: str, row: Row) -> list[tuple[int, Row, Who]]:
        """Kind of participation, party, who: those that take part, and who stands in (kind 0: the owner, 8: regarding)."""
        account = self.account(row)
        found = []
        for party in self.named.get(row["activityid"], []):
            one = {"id": party["_partyid_value"], "table": party["_partyid_type"], "address": party["addressused"]}
            if party["participationtypemask"] in MASKS[name] and not party["is_deleted"] and (one["id"] or tidy(one["address"])):
                found.append((party["participationtypemask"], one, self.who(one, account)))
        owner = {"id": row["_ownerid_value"], "table": row["_ownerid_type"], "address": None}
        about = {"id": row["_regardingobjectid_value"], "table": row["_regardingobjectid_type"], "address": None}
        us, them = (any(who[0] == kind for _, _, who in found) for kind in ("user", "person"))
        if owner["id"] and not (name == "phonecall" and us):
            found.append((0, owner, self.who(owner)))
        if about["table"] in ("contact", "lead") and self.who(about)[0] == "person" and not them:
            found.append((8, about, self.who(about)))
        return found

    def verdict(self, name: str, row: Row, twins: set[str]) -> str | Counted:
        """The first reason that applies, else the rows counted."""
        if own := self.own_reason(name, row):
            return own
        if name not in MASKS:
            return "plain_task"
        at, sides = self.at(name, row), self.mail(row) if name == "email" else self.meeting_or_call(name, row)
        tests = (
            ("email_twin", row["activityid"] in twins),
            ("open", not self.is_done(name, row) or at is None),
            ("future", (at or 0) > self.as_of),
            ("mass_mail", (sides["recipients"] or 0) > 10),
            ("not_a_person", not sides["us"]),
            ("auto_reply", sides["automatic"]),
            ("internal_only", not sides["outsider"] and sides["colleague"]),
            ("no_person", not sides["them"]),
        )
        if reason := next((reason for reason, applies in tests if applies), ""):
            return reason
        ways = sides["direction"], sides["two_way"], sides["recipients"], len(sides["them"]), at, CHANNELS[name], self.minutes(name, row)
        out = sides["direction"] == "out"
        return {
            (us[1], them[1], all(them_cc if out else us_cc), *ways)
            for us, us_cc in sides["us"].items()
            for them, them_cc in sides["them"].items()
        }

    @staticmethod
    def minutes(name: str, row: Row) -> float | None:
        if name != "appointment" or row["isalldayevent"]:
            return None
        planned, start, end = row["scheduleddurationminutes"], seconds(row["scheduledstart"]), seconds(row["scheduledend"])
        return planned if planned is not None else (end - start) / 60 if start is not None and end is not None else None

    def meeting_or_call(self, name: str, row: Row) -> dict[str, Any]:
        there = self.parties(name, row)
        missed = bool(row.get("leftvoicemail"))
        says = "in" if row.get("directioncode") is False else "out"
        return {
            "us": {who: [False] for _, _, who in there if who[0] == "user"},
            "them": {who: [False] for _, _, who in there if who[0] == "person"},
            "outsider": any(who[0] not in OURS for _, _, who in there),
            "colleague": any(
                who[0] == "user" and mask not in (0, 8, FIRST[name]) and party["id"] != row["_ownerid_value"] for mask, party, who in there
            ),
            "automatic": False,
            "direction": says if missed else "both",
            "two_way": not missed,
            "recipients": None,
        }

    def mail(self, row: Row) -> dict[str, Any]:
        there = self.parties("email", row)
        senders = [(party, who) for mask, party, who in there if mask == 1]
        sender = senders[0][1] if senders else ("unresolved", "")
        flag = {True: "out", False: "in"}.get(row["directioncode"], "in" if sender[0] == "not_a_person" else "out")
        way = {"user": "out", "nobody": "out", "person": "in", "deleted": "in"}.get(sender[0], flag)
        got = [(mask, party, who) for mask, party, who in there if mask in (2, 3, 4, 8)]
        owner = next((who for mask, _, who in there if mask == 0), ("", ""))
        us: dict[Who, list[bool]] = {}
        them: dict[Who, list[bool]] = {}
        is_machine = sender[0] == "nobody" and sender[1]
        if sender[0] not in ("user", "person", "deleted") and not is_machine and owner[0] == "user":
            us[owner] = [False]
        if sender[0] == "user":
            us.setdefault(sender, []).append(False) if way == "out" else None
        if sender[0] == "person":
            them[sender] = [False]
        for mask, _, who in got:
            if who[0] == "user" and way == "in" and mask in (2, 3):
                us.setdefault(who, []).append(mask == 3)
            if who[0] == "person" and (way == "out" or mask == 8):
                them.setdefault(who, []).append(mask in (3, 4))
        strangers = [who for _, _, who in got] + ([sender] if way == "in" and senders else [])
        return {
            "us": us,
            "them": them,
            "outsider": any(who[0] not in OURS for who in strangers),
            "colleague": any(who[0] == "user" for _, _, who in got),
            "automatic": way == "in" and any(who[0] == "not_a_person" or is_nobodys(tidy(party["address"])) for party, who in senders),
            "direction": way,
            "two_way": way == "in",
            "recipients": len({self.shown(party) for mask, party, _ in got if mask != 8}),
        }

    def shown(self, party: Row) -> str:
        """The address a party counts by: its own, else the first of its record that may be a person's, else its id."""
        known = self.addresses(self.records[party["id"]]) if party["id"] in self.records else []
        first = sorted(known, key=is_nobodys)
        user = tidy(self.users.get(party["id"], {}).get("internalemailaddress"))
        return tidy(party["address"]) or (first[0] if first else user) or party["id"]
