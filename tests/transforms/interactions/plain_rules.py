"""The counting rules of contract section 3, one record after the other: an oracle for the SQL, sharing nothing with it.

Only Salesforce. `verdicts(world, as_of)` says of every activity why it was dropped, or the rows it counts as.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from tests.transforms.interactions.plain_people import NOT_PEOPLE, PlainPeople, Row, Who, local, seconds
from tests.transforms.kit import World

KINDS = {"call": "call", "email": "email", "meeting": "meeting"}
PARTIES = ("003", "00Q", "005", "00G", "023")
SOMEBODY = ("user", "nobody", "person")
RANK = {"user": 0, "person": 0, "nobody": 0, "not_a_person": 2}
Party = tuple[str, Who, bool]
Counted = set[tuple[Any, ...]]


class PlainRules(PlainPeople):
    """A world and what the contract says about its activities."""

    def __init__(self, world: World, as_of: int) -> None:
        super().__init__(world)
        self.as_of = as_of
        mails = [row for row in self.all("EmailMessage").values() if not self.yes(row, "IsDeleted")]
        self.linked = {row["ActivityId"] for row in mails if row.get("ActivityId")}

    def channel(self, task: Row) -> str:
        subtype = (task.get("TaskSubtype") or "Task").lower()
        if subtype in ("call", "email"):
            return subtype
        if subtype == "listemail":
            return "email"
        return KINDS.get(task.get("Type", "").strip().lower()) or KINDS.get(task.get("SubjectKind", "")) or ""

    def own_reason(self, name: str, row: Row) -> str:
        """What the record shows by itself, in the order of the contract."""
        master = self.yes(row, "IsRecurrence") or row.get("GroupEventType") == "3" or row.get("RecurrenceActivityId") == row["Id"]
        subtype = (row.get("TaskSubtype") or "Task").lower()
        status = row.get("Status", "").strip().lower()
        tests = (
            ("deleted", self.yes(row, "IsDeleted")),
            ("unknown_type", name == "Task" and subtype not in ("task", "call", "email", "listemail")),
            ("private", self.yes(row, "IsPrivate")),
            ("draft", name == "EmailMessage" and status == "5"),
            ("failed_send", self.yes(row, "IsBounced")),
            ("cancelled", status.startswith("cancel") if name == "Task" else name == "Event" and row.get("SubjectKind") == "cancelled"),
            ("series_master", name != "EmailMessage" and master),
            ("invitee_copy", self.yes(row, "IsChild")),
        )
        return next((reason for reason, applies in tests if applies), "")

    def at(self, name: str, row: Row) -> int | None:
        if name == "EmailMessage":
            fields = ["MessageDate"]
        elif name == "Task":
            fields = ["CompletedDateTime", "ActivityDate"]
        else:
            fields = ["ActivityDate", "StartDateTime"] if self.yes(row, "IsAllDayEvent") else ["StartDateTime", "ActivityDate"]
        return next((found for field in (*fields, "CreatedDate") if (found := seconds(row.get(field))) is not None), None)

    def parties(self, name: str, row: Row) -> list[Party]:
        """Role, who, declined: of a Task or an Event."""
        link = ("TaskId", "TaskRelation") if name == "Task" else ("EventId", "EventRelation")
        found = [(role, row.get(field, ""), False) for role, field in (("owner", "OwnerId"), ("who", "WhoId"))]
        for relation in self.related(link[1], link[0], row["Id"]):
            away = relation.get("Status", "").lower() in ("declined", "uninvited")
            if not self.yes(relation, "IsWhat"):
                found.append(("who", relation.get("RelationId", ""), away))
        named = [(role, self.who(party, ""), away) for role, party, away in found if party[:3] in PARTIES]
        refused = {who for _, who, away in named if away and who[0] in ("user", "person", "nobody") and who[1]}
        return [(role, who, away or who in refused) for role, who, away in named]

    def mail_parties(self, row: Row) -> Iterator[tuple[str, str, Who, str]]:
        """Role, id, who, address: of an EmailMessage."""
        account = self.account(row)
        named: set[tuple[str, str]] = set()
        known: list[tuple[bool, str, Who]] = []
        for relation in self.related("EmailMessageRelation", "EmailMessageId", row["Id"]):
            role = relation.get("RelationType", "").lower().removesuffix("address")
            party, address = relation.get("RelationId", ""), self.email(relation, "RelationAddress")
            if role in ("from", "to", "cc", "bcc") and (party or address):
                who, shown = self.who(party, address, account), address or self.address_of(party) or party
                named.add((role, address))
                known.append((role == "from", shown, who))
                yield role, party, who, shown
        for role in ("from", "to", "cc", "bcc"):
            for part in row.get(f"{role.title()}Address", "").replace(",", ";").split(";"):
                address = (part.split("<")[1].split(">")[0] if "<" in part else part).strip(" \t\r\n'\"").lower()
                who = self.who("", address, account)
                others = [other for sends, shown, other in known if (sends, shown) == (role == "from", address) and other[0] in SOMEBODY]
                if "@" in address and (role, address) not in named and all(other == who for other in others):
                    yield role, "", who, address

    def address_of(self, party: str) -> str:
        """The address of a record; customers' log-ins have none."""
        user = self.all("User").get(party, {})
        return self.email(self.records.get(party, {})) or (self.email(user) if user.get("UserType") == "Standard" else "")

    def account(self, mail: Row) -> str:
        related = mail.get("RelatedToId", "")
        return related if related.startswith("001") else self.all("Task").get(mail.get("ActivityId", ""), {}).get("AccountId", "")

    def verdict(self, name: str, row: Row, twins: set[str]) -> str | Counted:
        """The first reason that applies, else the rows counted."""
        if own := self.own_reason(name, row):
            return own
        channel = {"Event": "meeting", "EmailMessage": "email"}.get(name) or self.channel(row)
        at, mail = self.at(name, row), (self.mail(row) if name == "EmailMessage" else self.task_or_event(name, row, channel))
        beside = self.all("Task").get(row.get("ActivityId", ""), {}) if name == "EmailMessage" else row
        is_list = (beside.get("TaskSubtype") or "").lower() == "listemail"
        tests = (
            ("email_twin", row["Id"] in self.linked | twins),
            ("plain_task", not channel),
            ("open", (name == "Task" and not self.is_closed(row)) or at is None),
            ("future", (at or 0) > self.as_of),
            ("mass_mail", is_list or (mail["recipients"] or 0) > 10),
            ("not_a_person", not mail["us"]),
            ("auto_reply", mail["automatic"]),
            ("internal_only", not mail["them"] and not mail["outsider"] and mail["colleague"]),
            ("no_person", not mail["them"]),
        )
        if reason := next((reason for reason, applies in tests if applies), ""):
            return reason
        ways = mail["direction"], mail["two_way"], mail["recipients"], len(mail["them"]), at, channel
        outbound = mail["direction"] == "out"
        return {
            (us[1], them[1], all(them_cc if outbound else us_cc), *ways)
            for us, us_cc in mail["us"].items()
            for them, them_cc in mail["them"].items()
        }

    def is_closed(self, row: Row) -> bool:
        return self.yes(row, "IsClosed") or (
            not row.get("IsClosed") and bool(row.get("CompletedDateTime") or row.get("Status", "").lower() == "completed")
        )

    def task_or_event(self, name: str, row: Row, channel: str) -> dict[str, Any]:
        parties = self.parties(name, row)
        there = [(role, who) for role, who, away in parties if not away]
        unanswered = channel == "call" and any(
            word in row.get("CallDisposition", "").lower() for word in ("voicemail", "no answer", "left message", "busy")
        )
        called = "in" if row.get("CallType", "").lower() == "inbound" else "out"
        asked = {party for party in [row.get("WhoId", ""), *self.asked(row)] if party[:3] in PARTIES}
        addresses = {self.address_of(party) or party for party in asked}
        return {
            "us": {who: [False] for role, who in there if who[0] == "user" and (channel != "email" or role == "owner")},
            "them": {who: [False] for _, who in there if who[0] == "person"},
            "outsider": any(who[0] not in ("user", "nobody") for _, who, _ in parties),
            "colleague": any(who[0] == "user" and role != "owner" for role, who, _ in parties),
            "automatic": False,
            "direction": "out" if channel == "email" else called if unanswered else "both",
            "two_way": channel != "email" and not unanswered,
            "recipients": len(addresses) if channel == "email" else None,
        }

    def asked(self, row: Row) -> list[str]:
        relations = self.related("TaskRelation", "TaskId", row["Id"])
        return [relation.get("RelationId", "") for relation in relations if not self.yes(relation, "IsWhat")]

    def mail(self, row: Row) -> dict[str, Any]:
        parties = list(self.mail_parties(row))
        senders = [(not party, who) for role, party, who, _ in parties if role == "from"]
        sender = min((RANK.get(who[0], 3) or by_address, who) for by_address, who in senders)[1] if senders else ("", "")
        flag = {"true": "in", "false": "out"}.get(row.get("Incoming", ""), "in" if sender[0] == "not_a_person" else "out")
        way = {"user": "out", "nobody": "out", "person": "in", "deleted": "in"}.get(sender[0], flag)
        got = [(role, who, address) for role, _, who, address in parties if role != "from"]
        strangers = [who for _, who, _ in got] + [who for _, who in senders if way == "in"]
        from_nobody = any(who[0] == "not_a_person" or local(address) in NOT_PEOPLE for role, _, who, address in parties if role == "from")
        return {
            **self.sides(way, sender, self.owner(row), got),
            "outsider": any(who[0] not in ("user", "nobody") for who in strangers),
            "colleague": any(who[0] == "user" for _, who, _ in got),
            "automatic": from_nobody and way == "in",
            "direction": way,
            "two_way": way == "in",
            "recipients": len({address for _, _, address in got}),
        }

    def owner(self, mail: Row) -> Who:
        return self.who_is_user(self.all("Task").get(mail.get("ActivityId", ""), {}).get("OwnerId", ""))

    def sides(self, way: str, sender: Who, owner: Who, got: Sequence[tuple[str, Who, str]]) -> dict[str, dict[Who, list[bool]]]:
        """Everyone of ours and everyone outside who counts, with one flag per line: whether it was a copy."""
        us: dict[Who, list[bool]] = {}
        them: dict[Who, list[bool]] = {}
        speaker = owner if sender[0] in ("", "unresolved", "not_a_person") or sender == ("nobody", "") else sender
        if speaker[0] in ("user", "person"):
            (us if speaker[0] == "user" else them)[speaker] = [False]
        for role, who, _ in got:
            if who[0] == "person" and way == "out":
                them.setdefault(who, []).append(role != "to")
            if who[0] == "user" and way == "in" and role != "bcc":
                us.setdefault(who, []).append(role != "to")
        return {"us": us, "them": them}

    def people_of(self, mail: Row) -> set[Who]:
        return {who for _, _, who, _ in self.mail_parties(mail) if who[0] == "person"}

    def copies(self) -> set[str]:
        """All records of one message but the earliest."""
        found: dict[str, list[tuple[Any, str]]] = {}
        for row in self.all("EmailMessage").values():
            message = row.get("MessageIdentifier", "").strip()
            if message and not self.own_reason("EmailMessage", row):
                found.setdefault(message, []).append((self.at("EmailMessage", row), row["Id"]))
        return {record_id for records in found.values() for _, record_id in sorted(records)[1:]}

    def shadows(self) -> set[str]:
        """Tasks that log a mail without a link to it."""
        mails, found = self.all("EmailMessage").values(), set()
        seen = [
            (self.at("EmailMessage", row), row.get("RelatedToId", ""), self.people_of(row))
            for row in mails
            if self.own_reason("EmailMessage", row) != "deleted"
        ]
        for row in self.all("Task").values():
            if self.own_reason("Task", row) or self.channel(row) != "email":
                continue
            at = seconds(row.get("CompletedDateTime") or row.get("CreatedDate"))
            people = {who for _, who, _ in self.parties("Task", row) if who[0] == "person"}
            if any(about == row.get("WhatId", "") and people & them and abs(when - at) <= 60 for when, about, them in seen):
                found.add(row["Id"])
        return found


def verdicts(world: World, as_of: int) -> dict[str, str | Counted]:
    """Event -> reason, or its rows: user, person, is_cc, direction, two_way, recipients, participants_outside, at_s, channel."""
    plain = PlainRules(world, as_of)
    twins = plain.copies() | plain.shadows()
    return {row["Id"]: plain.verdict(name, row, twins) for name in ("Task", "Event", "EmailMessage") for row in plain.all(name).values()}
