"""Who is who by contract section 3, one record after the other: half of an oracle for the SQL, sharing nothing with it."""

from datetime import UTC, datetime

from tests.transforms.kit import World

NOT_PEOPLE = {"noreply", "no-reply", "no_reply", "donotreply", "do-not-reply", "mailer-daemon", "postmaster", "bounce", "bounces"}
Row = dict[str, str]
Who = tuple[str, str]
"""What someone is (user, person, nobody, not_a_person, deleted, unresolved) and the record or address that says so."""


def seconds(text: str | None) -> int | None:
    """Epoch seconds of an instant or a date; None for blank."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) if text else None


def local(address: str) -> str:
    return address.split("@")[0]


class PlainPeople:
    """The users, contacts and leads of a world."""

    def __init__(self, world: World) -> None:
        self.of = {name: {row["Id"]: row for row in rows if row["Id"]} for name, rows in world.rows.items()}
        self.records = {**self.all("Contact"), **self.all("Lead")}
        self.book: dict[str, str] = {}
        for row in sorted(self.all("User").values(), key=lambda row: (self.is_machine(row), row["IsActive"] != "true", row["Id"])):
            if row["UserType"] == "Standard" and self.email(row):
                self.book.setdefault(self.email(row), row["Id"])

    def all(self, name: str) -> dict[str, Row]:
        return self.of.get(name, {})

    def related(self, name: str, link: str, event_id: str) -> list[Row]:
        return [row for row in self.all(name).values() if row.get(link) == event_id and not self.yes(row, "IsDeleted")]

    @staticmethod
    def yes(row: Row, flag: str) -> bool:
        return row.get(flag) == "true"

    @staticmethod
    def email(row: Row, field: str = "Email") -> str:
        return (row.get(field) or "").strip().lower()

    def is_machine(self, row: Row) -> bool:
        named = any(row.get(field, "").lower().startswith("integration") for field in ("Name", "Username"))
        return row["UserType"] != "Standard" or named or local(self.email(row)) in NOT_PEOPLE

    def survivor(self, record_id: str) -> str:
        seen, at = {record_id}, record_id
        while (after := self.successor(at)) in self.records:
            if after in seen:
                return record_id
            seen.add(after)
            at = after
        return at

    def successor(self, record_id: str) -> str:
        row = self.records[record_id]
        return row.get("MasterRecordId") or (row.get("ConvertedContactId", "") if self.yes(row, "IsConverted") else "")

    def who_is_user(self, user_id: str) -> Who:
        row = self.all("User").get(user_id)
        return ("user", user_id) if row and not self.is_machine(row) else ("nobody", user_id if row else "")

    def who(self, party: str, address: str, account: str = "") -> Who:
        """By id, else by address."""
        if party in self.all("User"):
            user, person = self.who_is_user(party), self.who_has(address, account)
            return person if user[0] == "nobody" and person and person[0] == "person" else user
        if party in self.records and (found := self.who_is_record(party))[0] != "deleted":
            return found
        if found := self.who_has(address, account):
            return found
        if local(address) in NOT_PEOPLE and address:
            return "not_a_person", address
        if party in self.records:
            return "deleted", party
        return ("nobody", "") if party[:3] in ("005", "00G", "023") else ("unresolved", party or address)

    def who_is_record(self, record_id: str) -> Who:
        at = self.survivor(record_id)
        row = self.records[at]
        if self.yes(row, "IsDeleted"):
            return "deleted", at
        if self.email(row) in self.book:
            return self.who_is_user(self.book[self.email(row)])
        return ("not_a_person" if local(self.email(row)) in NOT_PEOPLE else "person"), at

    def who_has(self, address: str, account: str) -> Who | None:
        if address in self.book:
            return self.who_is_user(self.book[address])
        held = [row for row in self.records.values() if address and self.email(row) == address and not self.yes(row, "IsDeleted")]
        people = [(row, self.who_is_record(row["Id"])) for row in held if local(address) not in NOT_PEOPLE]
        found = sorted(
            (self.records[who[1]].get("AccountId") != account or not account, row["Id"].startswith("00Q"), row["Id"], who)
            for row, who in people
            if who[0] == "person"
        )
        return found[0][-1] if found else None
