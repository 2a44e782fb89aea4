"""A company with every odd kind of record, and any number of random activities among them: worlds for the oracle."""

import random
from collections.abc import Sequence

from tests.transforms.kit import PEOPLE, World

ODD_PEOPLE = """
User 005gone Name=Gone Email=gone@ours.example IsActive=false
User 005udo2 Name=Udo Email=udo@ours.example IsActive=false
User 005pat Name=Portal Email=ann@acme.example UserType=PowerCustomerSuccess
User 005nore Name=Mailer Email=no-reply@ours.example
Contact 003old AccountId=001acme IsDeleted=true MasterRecordId=003ann Email=old@acme.example
Contact 003gone AccountId=001acme IsDeleted=true Email=gone@acme.example
Contact 003c1 IsDeleted=true MasterRecordId=003c2 Email=c1@acme.example
Contact 003c2 IsDeleted=true MasterRecordId=003c1
Contact 003udo AccountId=001acme Email=UDO@ours.example
Contact 003bot AccountId=001acme Email=bot@ours.example
Contact 003nor AccountId=001acme Email=noreply@acme.example
Contact 003tw1 AccountId=001beta Email=twin@shared.example
Contact 003tw2 AccountId=001acme Email=Twin@shared.example
Contact 003fre Email=free@x.example
Lead 00Qtw Email=twin@shared.example Status=Open
Lead 00Qann Email=ann@acme.example Status=Open
Lead 00Qcon IsConverted=true ConvertedContactId=003old Email=con@acme.example
Lead 00Qhid IsConverted=true ConvertedContactId=003hidden Email=hid@acme.example
Lead 00Qdis Status=Unqualified Email=dis@gamma.example
Lead 00Qdup IsDeleted=true MasterRecordId=00Qcon Email=con@acme.example
"""
OWNERS = ["005uma", "005uma", "005udo", "005gone", "005udo2", "005bot", "005nore", "005pat", "005lost", "00Gqueue", "023room", ""]
OUTSIDE = ["003ann", "003bob", "003cat", "003old", "003gone", "003c1", "003udo", "003bot", "003nor", "003tw1", "003tw2", "003fre"]
OUTSIDE += ["003lost", "00Qlea", "00Qtw", "00Qann", "00Qcon", "00Qhid", "00Qdis", "00Qdup"]
OURS = ["uma@ours.example", " UMA@Ours.example", "udo@ours.example", "gone@ours.example", "bot@ours.example", "support@ours.example"]
THEIRS = ["ann@acme.example", "bob@acme.example", "cat@beta.example", "old@acme.example", "gone@acme.example", "noreply@acme.example"]
THEIRS += ["MAILER-DAEMON@acme.example", "twin@shared.example", "con@acme.example", "hid@acme.example", "lea@gamma.example", "x@y.example"]
TYPED = ["Ann Lee <ann@acme.example>", "'bob@acme.example'", *(f"n{number}@x.example" for number in range(6))]


class OddWorld:
    """Draws one world; the same seed gives the same world."""

    def __init__(self, seed: int, size: int) -> None:
        self.random, self.size = random.Random(seed), size
        self.world = World.of(PEOPLE, ODD_PEOPLE)
        self.sent_by_id: set[int] = set()

    def draw(self) -> World:
        for number in range(self.size):
            self.task(number)
            self.event(number)
            self.mail(number)
        for number in range(2 * self.size):
            self.relations(number)
        return self.world

    def one(self, *choices: str | Sequence[str]) -> str:
        """One of the choices; of a list, one of its items."""
        choice = self.random.choice(choices)
        return choice if isinstance(choice, str) else self.random.choice(choice)

    def rarely(self) -> str:
        return self.one(*["false"] * 12, "true", "")

    def moment(self) -> str:
        """Mostly some second of May 2026, sometimes the as-of, one second later, or unknown."""
        second = self.random.randint(0, 27 * 86_400)
        hour, day = second % 86_400 // 3600, second // 86_400 + 1
        some = f"2026-05-{day:02d}T{hour:02d}:{second % 3600 // 60:02d}:{second % 60:02d}Z"
        return self.one(*[some] * 20, "", "2026-06-01T00:00:00Z", "2026-06-01T00:00:01Z")

    def task(self, number: int) -> None:
        cells = {
            "OwnerId": self.one(OWNERS),
            "WhoId": self.one(OUTSIDE, OUTSIDE, OUTSIDE, ""),
            "WhatId": self.one("", "", "001acme"),
            "AccountId": self.one("", "001acme", "001beta"),
            "TaskSubtype": self.one("Task", "Task", "Call", "Call", "Email", "Email", "ListEmail", "Cadence", ""),
            "Type": self.one("", "Call", "Email", "Meeting", "Other"),
            "SubjectKind": self.one("", "call", "email", "meeting", "cancelled"),
            "Status": self.one(*["Completed"] * 8, "Open", "CANCELED by us", ""),
            "IsClosed": self.one(*["true"] * 6, "false", ""),
            "CompletedDateTime": self.moment(),
            "ActivityDate": self.one("", "2026-05-04", "2026-06-01", "2026-06-02"),
            "CallDisposition": self.one("", "Connected", "Left Voicemail", "BUSY"),
            "CallType": self.one("", "Inbound", "Outbound", "Internal"),
            "IsRecurrence": self.rarely(),
        }
        self.world.add("Task", f"00T{number}", IsDeleted=self.rarely(), **cells)

    def event(self, number: int) -> None:
        cells = {
            "OwnerId": self.one(OWNERS),
            "WhoId": self.one(OUTSIDE, ""),
            "StartDateTime": self.moment(),
            "ActivityDate": self.one("", "2026-05-04"),
            "IsAllDayEvent": self.rarely(),
            "IsPrivate": self.rarely(),
            "IsChild": self.rarely(),
            "IsRecurrence": self.rarely(),
            "GroupEventType": self.one(*["0"] * 8, "1", "3", ""),
            "SubjectKind": self.one(*[""] * 8, "cancelled", "call"),
        }
        self.world.add("Event", f"00U{number}", IsDeleted=self.rarely(), **cells)

    def mail(self, number: int) -> None:
        task = self.random.choice(self.world.rows["Task"])
        cells = {
            "ActivityId": self.one("", "", task["Id"]),
            "RelatedToId": self.one("", "", "001acme", "001beta"),
            "FromAddress": self.one(OURS, THEIRS, ""),
            "ToAddress": self.line(7),
            "CcAddress": self.line(5),
            "BccAddress": self.line(2),
            "Incoming": self.one("true", "false", ""),
            "Status": self.one(*["3"] * 8, "1", "5", ""),
            "IsBounced": self.rarely(),
            "MessageDate": self.one(*[self.moment()] * 4, task["CompletedDateTime"]),
            "MessageIdentifier": self.one("", "", f"<{self.random.randint(0, self.size)}@x>"),
        }
        self.world.add("EmailMessage", f"02s{number}", IsDeleted=self.rarely(), **cells)

    def line(self, most: int) -> str:
        return self.one("; ", ",").join(self.one(OURS, THEIRS, THEIRS, TYPED) for _ in range(self.random.choice([0, 1, 1, 2, 3, most])))

    def relations(self, number: int) -> None:
        """One relation of each kind; a sender's names the address the mail shows."""
        to = self.random.randrange(self.size)
        self.world.add("TaskRelation", f"0RT{number}", TaskId=f"00T{to}", RelationId=self.one(OUTSIDE), IsDeleted=self.rarely())
        party, status = self.one(OWNERS, OUTSIDE), self.one("", "New", "Accepted", "Declined", "uninvited")
        self.world.add("EventRelation", f"0RE{number}", EventId=f"00U{to}", RelationId=party, Status=status, IsDeleted=self.rarely())
        kind = self.one("FromAddress", "ToAddress", "ToAddress", "CcAddress", "BccAddress", "OtherAddress")
        cells = {"EmailMessageId": f"02s{to}", "RelationType": kind, "IsDeleted": self.rarely()}
        if kind == "FromAddress":
            cells["RelationId"] = self.one(OWNERS, OUTSIDE) if to not in self.sent_by_id else ""
            cells["RelationAddress"] = self.world.rows["EmailMessage"][to]["FromAddress"]
            self.sent_by_id.add(to)
        else:
            cells |= {"RelationId": self.one("", OWNERS, OUTSIDE), "RelationAddress": self.one("", OURS, THEIRS)}
        self.world.add("EmailMessageRelation", f"0Em{number}", **cells)
