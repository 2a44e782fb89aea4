"""Traps among emails: states, copies of one mail, wrong flags, machines, mass mail, and people known by address only."""

from connectors.sandbox.dataverse.projection.parties import BCC, CC, SENDER, TO
from connectors.sandbox.dataverse.traps.cast import DOMAIN, OUR_DOMAIN, Cast, contact
from connectors.sandbox.dataverse.traps.planter import Party, Planter, Row
from connectors.sandbox.dataverse.traps.records import Parties, mail

RELATED = 13
MACHINE_ADDRESS = f"no-reply@{DOMAIN}"


def plant(planter: Planter, cast: Cast) -> None:
    """All of them, each with its verdict."""
    _states(planter, cast)
    _copies(planter, cast)
    _senders(planter, cast)
    _recipients(planter, cast)
    _addresses(planter, cast)
    _not_outside(planter, cast)


def _stranger(local: str) -> Party:
    return Party(None, None, f"{local}@strangers.example")


def _states(planter: Planter, cast: Cast) -> None:
    """State and status reason; the send time may be missing on a mail that was logged by hand."""
    states: dict[str, tuple[Row, str]] = {
        "draft_mail": ({"statecode": 0, "statuscode": 1, "senton": None, "actualend": None}, "draft"),
        "failed_mail": ({"statecode": 0, "statuscode": 8, "senton": None}, "failed_send"),
        "cancelled_mail": ({"statecode": 2, "statuscode": 5}, "cancelled"),
        "pending_mail": ({"statuscode": 6, "senton": None}, "open"),
        "mail_being_sent": ({"statuscode": 7, "senton": None}, "open"),
        "mail_logged_by_hand": ({"statuscode": 2, "senton": None, "messageid": None}, "counted"),
        "mail_without_times": ({"statuscode": 2, "senton": None, "actualend": None, "messageid": None}, "counted"),
        "private_mail": ({"ismapiprivate": True}, "private"),
        "large_body": ({"description": "<p>" + "Trap 200 KB. " * 16_000 + "</p>"}, "counted"),
        "imported_back_dated": ({"overriddencreatedon": planter.ago(days=2), "createdon": planter.ago(days=800),
                                 "modifiedon": planter.ago(days=800)}, "counted"),
    }  # fmt: skip
    for number, (trap, (fields, expected)) in enumerate(states.items()):
        made = mail(planter, cast, planter.ago(days=60, minutes=number), [(SENDER, cast.rep), (TO, cast.ann)], **fields)
        planter.expect(trap, "email", made.id, expected)


def _copies(planter: Planter, cast: Cast) -> None:
    """Two of us tracked one mail: the earliest stands."""
    parties: Parties = [(SENDER, cast.bob), (TO, cast.rep), (CC, cast.mate)]
    same = {"messageid": f"<trap-one-mail@{DOMAIN}>"}
    first = mail(planter, cast, planter.ago(days=62), parties, **same)
    second = mail(planter, cast, planter.ago(days=62, minutes=-2), parties, owner=cast.mate, **same)
    planter.expect("copy_of_one_mail", "email", first.id, "counted")
    planter.expect("copy_of_one_mail", "email", second.id, "email_twin")
    twice = mail(planter, cast, planter.ago(days=63), [(SENDER, cast.rep), (TO, cast.ann), (CC, cast.ann), (RELATED, cast.bob)])
    planter.expect("named_twice", "email", twice.id, "counted")
    planter.expect("related_party", "activityparty", twice.party(RELATED, cast.bob), "no_participant")


def _senders(planter: Planter, cast: Cast) -> None:
    """The sender decides the direction, whatever the flag says."""
    machine = {"noreply": "noreply", "mailer_daemon": "MAILER-DAEMON"}
    for trap, local in machine.items():
        parties = [(SENDER, Party(None, None, f"{local}@systems.example")), (TO, cast.rep)]
        made = mail(planter, cast, planter.ago(days=64), parties, about=None)
        planter.expect(f"auto_reply_{trap}", "email", made.id, "auto_reply")
    wrong = mail(planter, cast, planter.ago(days=65), [(SENDER, cast.ann), (TO, cast.rep)], directioncode=True, statuscode=3)
    planter.expect("inbound_flagged_outgoing", "email", wrong.id, "counted")
    ours = Party(None, None, f" {str(cast.rep.address).upper()} ")
    by_address = mail(planter, cast, planter.ago(days=66), [(SENDER, ours), (TO, cast.ann)], directioncode=True, statuscode=3)
    planter.expect("sender_known_by_address", "email", by_address.id, "counted")
    from_queue = [(SENDER, cast.queue), (TO, cast.ann)]
    planter.expect("sent_by_queue", "email", mail(planter, cast, planter.ago(days=67), from_queue).id, "counted")
    planter.expect(
        "sent_by_queue_of_team", "email", mail(planter, cast, planter.ago(days=68), from_queue, owner=cast.team).id, "not_a_person"
    )


def _recipients(planter: Planter, cast: Cast) -> None:
    readers = [_stranger(f"reader{number}") for number in range(11)]
    ten: Parties = [(SENDER, cast.rep), (TO, cast.ann), *((CC, one) for one in readers[:9])]
    eleven: Parties = [(SENDER, cast.rep), (TO, cast.ann), *((CC, one) for one in readers[:5]), *((BCC, one) for one in readers[5:10])]
    kinds: dict[str, tuple[Parties, Row, str]] = {
        "ten_recipients": (ten, {}, "counted"),
        "eleven_recipients": (eleven, {}, "mass_mail"),
        "internal_mail": ([(SENDER, cast.rep), (TO, cast.mate)], {"about": None}, "internal_only"),
        "stranger": ([(SENDER, cast.rep), (TO, _stranger("nobody.knows"))], {"about": None}, "no_person"),
        "mail_to_an_account": ([(SENDER, cast.rep), (TO, cast.account)], {}, "no_person"),
        "blind_copy": ([(SENDER, cast.rep), (TO, cast.ann), (BCC, cast.eve)], {}, "counted"),
    }
    for number, (trap, (parties, fields, expected)) in enumerate(kinds.items()):
        made = mail(planter, cast, planter.ago(days=69, minutes=number), parties, **fields)
        planter.expect(trap, "email", made.id, expected)


def _addresses(planter: Planter, cast: Cast) -> None:
    """Parties without a record: any of a contact's three addresses, in any case, resolves."""
    spelled = {
        "known_by_address_in_capitals": f" {str(cast.bob.address).upper()} ",
        "known_by_second_address": f"bob.private@{DOMAIN}",
        "known_by_third_address": f"bob.old@{DOMAIN}",
    }
    for number, (trap, address) in enumerate(spelled.items()):
        who = Party(None, None, address)
        made = mail(planter, cast, planter.ago(days=70, minutes=number), [(SENDER, cast.rep), (TO, who)])
        planter.expect(trap, "email", made.id, "counted")
        planter.expect(trap, "activityparty", made.party(TO, who), f"participant_is:{cast.bob.id}")
    stranger = _stranger("beside")
    beside = mail(planter, cast, planter.ago(days=71), [(SENDER, cast.rep), (TO, cast.ann), (CC, stranger)])
    planter.expect("stranger_in_copy", "email", beside.id, "counted")
    planter.expect("stranger_in_copy", "activityparty", beside.party(CC, stranger), "participant_dropped:unresolved")
    _shared_address(planter, cast)


def _shared_address(planter: Planter, cast: Cast) -> None:
    """Two contacts with one address: the one on the mail's account is meant."""
    address = f"office.shared@{DOMAIN}"
    contact(planter, "Shay", cast.branch, cast.rep, emailaddress1=address)
    home = contact(planter, "Shea", cast.account, cast.rep, emailaddress1=address)
    who = Party(None, None, address)
    made = mail(planter, cast, planter.ago(days=72), [(SENDER, cast.rep), (TO, who)])
    planter.expect("shared_address_on_account", "email", made.id, "counted")
    planter.expect("shared_address_on_account", "activityparty", made.party(TO, who), f"participant_is:{home.id}")


def _not_outside(planter: Planter, cast: Cast) -> None:
    """A contact with our colleague's address is that colleague; a contact with a machine's address is nobody."""
    double = contact(planter, "Mia", cast.account, cast.rep, emailaddress1=f"Mia.Dynatrap@{OUR_DOMAIN}")
    alone = mail(planter, cast, planter.ago(days=73), [(SENDER, cast.rep), (TO, double)])
    planter.expect("contact_with_our_address", "email", alone.id, "internal_only")
    machine = contact(planter, "Portal", cast.account, cast.rep, emailaddress1=MACHINE_ADDRESS)
    both = mail(planter, cast, planter.ago(days=74), [(SENDER, cast.rep), (TO, cast.ann), (CC, double), (CC, machine)])
    planter.expect("nobodies_in_copy", "email", both.id, "counted")
    planter.expect("nobodies_in_copy", "activityparty", both.party(CC, double), "participant_dropped:ours")
    planter.expect("nobodies_in_copy", "activityparty", both.party(CC, machine), "participant_dropped:not_a_person")
