"""Traps among people: merged and converted records, shared addresses, records that are ours or a machine, odd texts."""

from connectors.sandbox.salesforce.traps.cast import OUR_DOMAIN, Cast, contact, lead
from connectors.sandbox.salesforce.traps.mails import expect_mail
from connectors.sandbox.salesforce.traps.planter import Party, Planter
from connectors.sandbox.salesforce.traps.records import event, mail, task

NUL = "text_nul"
ODD_TEXTS = {
    "text_na": {"Department": "NA"},
    "text_null": {"Title": "null"},
    "text_hash_na": {"LastName": "#N/A", "Name": "Hash #N/A"},
    "text_none": {"Department": "None"},
    "text_newline": {"Title": "Head of\nPurchasing"},
    "text_carriage_return": {"Title": "Head of\r\nStores"},
    "text_quotes": {"Name": 'Pat "Patty" O\'Trap', "LastName": 'O\'Trap "Jr."'},
    "text_line_separator": {"Department": "R\u2028D"},
    "text_emoji": {"Name": "Zoe 🦊 Trap", "LastName": "🦊 Trap"},
    NUL: {"Department": "Nul\x00Department"},
    "text_spaces": {"Department": "  IT  "},
    "text_comma_backslash": {"Title": 'Director, "East\\West"'},
}
MACHINE_ADDRESS = "no-reply@trapworks.example"


def plant(planter: Planter, cast: Cast) -> None:
    """All of them, each with its verdict."""
    _merged(planter, cast)
    _converted(planter, cast)
    _shared_address(planter, cast)
    _not_outside(planter, cast)
    _texts(planter, cast)


def _merged(planter: Planter, cast: Cast) -> None:
    """A contact merged into one that was merged itself; its activities still name the loser. And an account merged away."""
    survivor = contact(planter, "Sue", cast.account, cast.rep)
    middle = contact(planter, "Sue2", cast.account, cast.rep, IsDeleted=True, MasterRecordId=survivor.id)
    loser = contact(planter, "Sue3", cast.account, cast.rep, IsDeleted=True, MasterRecordId=middle.id)
    for trap, gone in {"merged_contact": middle, "merged_twice": loser}.items():
        made = task(planter, cast, planter.ago(days=56), [gone])
        planter.expect(trap, "Task", made.id, "counted")
        planter.expect(trap, "TaskRelation", made.relations[str(gone.id)], f"participant_is:{survivor.id}")
        planter.expect(trap, "Contact", str(gone.id), "not_scored")
    old = planter.add("Account", Name="Trapworks old", OwnerId=cast.rep.id, IsDeleted=True, MasterRecordId=cast.account)
    made = event(planter, cast, planter.ago(days=57), {cast.ann: None}, WhatId=old, AccountId=old)
    planter.expect("merged_account", "Event", made.id, "counted")
    planter.expect("merged_account", "Account", old, "not_scored")


def _converted(planter: Planter, cast: Cast) -> None:
    born = contact(planter, "Cora", cast.account, cast.rep)
    converted = lead(
        planter, "Cora", cast.rep, IsConverted=True, Status="Closed - Converted", ConvertedDate=planter.ago(days=80).date(),
        ConvertedContactId=born.id, ConvertedAccountId=cast.account,
    )  # fmt: skip
    made = task(planter, cast, planter.ago(days=100), [converted])
    planter.expect("converted_lead", "Task", made.id, "counted")
    planter.expect("converted_lead", "TaskRelation", made.relations[str(converted.id)], f"participant_is:{born.id}")
    planter.expect("converted_lead", "Lead", str(converted.id), "not_scored")


def _shared_address(planter: Planter, cast: Cast) -> None:
    """Two contacts with one address: the one on the mail's account is meant, else the smallest id."""
    address = "office.shared@trapworks.example"
    away = contact(planter, "Shay", cast.branch, cast.rep, address)
    home = contact(planter, "Shea", cast.account, cast.rep, address)
    unresolved = Party(None, address)
    for trap, about, meant in (("shared_address_on_account", cast.account, home), ("shared_address_elsewhere", None, away)):
        made = mail(planter, cast, planter.ago(days=58), cast.rep, {"to": [unresolved]}, twin=False, RelatedToId=about)
        expect_mail(planter, trap, made, "counted")
        planter.expect(trap, "EmailMessageRelation", made.relations[address], f"participant_is:{meant.id}")


def _not_outside(planter: Planter, cast: Cast) -> None:
    """A contact with our colleague's address is that colleague; a contact with a machine's address is nobody."""
    double = contact(planter, "Max", cast.account, cast.rep, f"Max.Trapper@{OUR_DOMAIN}")
    expect_mail(planter, "contact_with_our_address", mail(planter, cast, planter.ago(days=61), cast.rep, {"to": [double]}), "internal_only")
    both = mail(planter, cast, planter.ago(days=62), cast.rep, {"to": [cast.ann], "cc": [double]})
    expect_mail(planter, "contact_with_our_address_in_copy", both, "counted")
    planter.expect("contact_with_our_address_in_copy", "EmailMessageRelation", both.relations[str(double.id)], "participant_dropped:ours")
    machine = contact(planter, "Portal", cast.account, cast.rep, MACHINE_ADDRESS)
    made = mail(planter, cast, planter.ago(days=63), cast.rep, {"to": [cast.ann], "cc": [machine]})
    expect_mail(planter, "contact_with_machine_address", made, "counted")
    planter.expect(
        "contact_with_machine_address", "EmailMessageRelation", made.relations[str(machine.id)], "participant_dropped:not_a_person"
    )
    called = task(planter, cast, planter.ago(days=64), [cast.bob, machine])
    planter.expect("machine_on_the_line", "Task", called.id, "counted")
    planter.expect("machine_on_the_line", "TaskRelation", called.relations[str(machine.id)], "participant_dropped:not_a_person")


def _texts(planter: Planter, cast: Cast) -> None:
    """Texts that readers like to turn into blanks, or to break at."""
    for number, (trap, fields) in enumerate(ODD_TEXTS.items()):
        odd = contact(planter, f"Odd{number}", cast.branch, cast.rep, **fields)
        planter.expect(trap, "Contact", str(odd.id), "text_kept_without_nul" if trap == NUL else "text_kept")
    subject = 'Call: "quoted",\nsecond line, 🦊\u2028end'
    made = task(planter, cast, planter.ago(days=65), [cast.bob], Subject=subject, TaskSubtype="Task")
    planter.expect("subject_with_newline_and_quotes", "Task", made.id, "counted")
