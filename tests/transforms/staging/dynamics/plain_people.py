"""Who is who in Dynamics by contract section 3, one record after the other: half of an oracle, sharing nothing with the SQL."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

NOT_PEOPLE = {"noreply", "no-reply", "no_reply", "donotreply", "do-not-reply", "mailer-daemon", "postmaster", "bounce", "bounces"}
Row = Mapping[str, Any]
Who = tuple[str, str]
"""What someone is (user, person, nobody, not_a_person, deleted, unresolved) and the record or address that says so."""


def tidy(address: str | None) -> str:
    return (address or "").strip().lower()


def is_nobodys(address: str) -> bool:
    return address.split("@")[0] in NOT_PEOPLE


class PlainPeople:
    """The users, contacts, leads, accounts and deals of raw tables (rows by table name)."""

    def __init__(self, raw: Mapping[str, Sequence[Row]]) -> None:
        self.raw = raw
        self.users = self.by_id("systemuser")
        self.accounts, self.deals = self.by_id("account"), self.by_id("opportunity")
        self.contacts, self.leads = self.by_id("contact"), self.by_id("lead")
        self.records = {**self.contacts, **self.leads}
        self.book: dict[str, str] = {}
        for key, row in sorted(self.users.items(), key=lambda item: (self.is_machine(item[1]), bool(item[1]["isdisabled"]), item[0])):
            if tidy(row["internalemailaddress"]):
                self.book.setdefault(tidy(row["internalemailaddress"]), key)

    def by_id(self, table: str) -> dict[str, Row]:
        return {row[f"{table}id"]: row for row in self.raw[table]}

    @staticmethod
    def is_machine(user: Row) -> bool:
        marked = user["applicationid"] or user["isintegrationuser"] or user["accessmode"] == 4
        return bool(marked or is_nobodys(tidy(user["internalemailaddress"])))

    @staticmethod
    def is_gone(row: Row) -> bool:
        return bool(row["is_deleted"] or row["merged"] or row["_masterid_value"])

    @staticmethod
    def addresses(row: Row) -> list[str]:
        return [address for number in (1, 2, 3) if (address := tidy(row[f"emailaddress{number}"]))]

    def successor(self, record_id: str, table: Mapping[str, Row]) -> str | None:
        row = table[record_id]
        if row["_masterid_value"] or record_id not in self.leads or row["statecode"] != 1:
            return row["_masterid_value"]
        made = sorted(
            key for key, contact in self.contacts.items() if contact["_originatingleadid_value"] == record_id and not self.is_gone(contact)
        )
        customer = row["_customerid_value"] if row["_customerid_type"] == "contact" else None
        return row["_parentcontactid_value"] or (made[0] if made else customer)

    def survivor(self, record_id: str, table: Mapping[str, Row]) -> str:
        seen, at = {record_id}, record_id
        while (after := self.successor(at, table)) in table:
            if after in seen:
                return record_id
            seen.add(after)
            at = after
        return at

    def account_of(self, record_id: str | None) -> str | None:
        """The account a lookup means today; None for one that is gone or was never there."""
        if record_id not in self.accounts:
            return None
        at = self.survivor(record_id, self.accounts)
        return None if self.is_gone(self.accounts[at]) else at

    def home(self, record_id: str) -> str | None:
        """The account of a contact: leads have none, nor has the contact of a contact."""
        row = self.records[record_id]
        return self.account_of(row["_parentcustomerid_value"]) if row.get("_parentcustomerid_type") == "account" else None

    def who_is_user(self, user_id: str) -> Who:
        return ("nobody" if self.is_machine(self.users[user_id]) else "user"), user_id

    def who_is_record(self, record_id: str) -> Who:
        at = self.survivor(record_id, self.records)
        row = self.records[at]
        if self.is_gone(row):
            return "deleted", at
        ours = [self.who_is_user(self.book[address]) for address in self.addresses(row) if address in self.book]
        if ours:
            return min(ours, key=lambda who: (who[0] != "user", who[1]))
        known = self.addresses(row)
        return ("not_a_person" if known and all(map(is_nobodys, known)) else "person"), at

    def who_has(self, address: str, account: str | None) -> Who | None:
        """Ours before theirs; a contact before a lead, the one on the account first, then the smallest id."""
        if address in self.book:
            return self.who_is_user(self.book[address])
        found = sorted(
            (account is None or self.home(who[1]) != account, key in self.leads, key, who)
            for key, who in self._holders(address)
            if who[0] == "person" and not is_nobodys(address)
        )
        return found[0][-1] if found else None

    def _holders(self, address: str) -> Iterator[tuple[str, Who]]:
        for key, row in self.records.items():
            if address and address in self.addresses(row) and not self.is_gone(row):
                yield key, self.who_is_record(key)

    def who(self, party: Row, account: str | None = None) -> Who:
        """By id, else by address; `party`: id, table and address."""
        key, table, address = party["id"], party["table"], tidy(party["address"])
        if key in self.users:
            return self.who_is_user(key)
        if key in self.records and (found := self.who_is_record(key))[0] != "deleted":
            return found
        if found_there := self.who_has(address, account):
            return found_there
        if address and is_nobodys(address):
            return "not_a_person", address
        if key in self.records:
            return "deleted", key
        return ("nobody", "") if table in ("systemuser", "team", "queue", "equipment") else ("unresolved", key or address)
