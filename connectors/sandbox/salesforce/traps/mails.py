"""Traps among mails: twins, copies, drafts, bounces, machines, mass mail, and people known by address only."""

from connectors.sandbox.salesforce.traps.cast import Cast
from connectors.sandbox.salesforce.traps.planter import Party, Planted, Planter, Row
from connectors.sandbox.salesforce.traps.records import mail, mail_task

LARGE_HTML = "<p>" + "Trap 200 KB. " * 16_000 + "</p>"


def plant(planter: Planter, cast: Cast) -> None:
    """All of them, each with its verdict."""
    _twins(planter, cast)
    _states(planter, cast)
    _recipients(planter, cast)
    _addresses(planter, cast)


def expect_mail(planter: Planter, trap: str, made: Planted, expected: str) -> None:
    """The mail's verdict; a Task beside it is a twin whatever becomes of the mail."""
    planter.expect(trap, "EmailMessage", made.id, expected)
    for copy in made.copies:
        planter.expect(trap, "Task", copy, "email_twin")


def _twins(planter: Planter, cast: Cast) -> None:
    expect_mail(planter, "mail_with_twin", mail(planter, cast, planter.ago(days=40), cast.rep, {"to": [cast.ann]}), "counted")
    expect_mail(planter, "mail_in_with_twin", mail(planter, cast, planter.ago(days=39), cast.ann, {"to": [cast.rep]}), "counted")
    at = planter.ago(days=41, minutes=17)
    made = mail(planter, cast, at, cast.rep, {"to": [cast.ann]}, twin_fields={"IsDeleted": True})
    planter.expect("recreated_twin", "EmailMessage", made.id, "counted")
    planter.expect("recreated_twin", "Task", made.copies[0], "deleted")
    planter.expect("recreated_twin", "Task", mail_task(planter, cast, at, [cast.ann]).id, "email_twin")
    same: Row = {"MessageIdentifier": "<trap-one-mail@mail.example>"}
    first = mail(planter, cast, planter.ago(days=42), cast.rep, {"to": [cast.bob], "cc": [cast.mate]}, **same)
    second = mail(planter, cast, planter.ago(days=42, minutes=-2), cast.rep, {"to": [cast.bob], "cc": [cast.mate]}, **same)
    expect_mail(planter, "one_mail_logged_twice", first, "counted")
    expect_mail(planter, "one_mail_logged_twice", second, "email_twin")
    logged = mail_task(planter, cast, planter.ago(days=43), [cast.eve])
    planter.expect("mail_logged_as_task_only", "Task", logged.id, "counted")


def _states(planter: Planter, cast: Cast) -> None:
    draft = mail(planter, cast, planter.ago(days=44), cast.rep, {"to": [cast.ann]}, twin=False, Status="5")
    expect_mail(planter, "draft", draft, "draft")
    expect_mail(planter, "bounced", mail(planter, cast, planter.ago(days=45), cast.rep, {"to": [cast.ann]}, IsBounced=True), "failed_send")
    deleted = mail(planter, cast, planter.ago(days=46), cast.rep, {"to": [cast.ann]}, twin=False, IsDeleted=True)
    expect_mail(planter, "deleted_mail", deleted, "deleted")
    large = mail(planter, cast, planter.ago(days=47), cast.rep, {"to": [cast.ann]}, HtmlBody=LARGE_HTML)
    expect_mail(planter, "html_of_200_kilobytes", large, "counted")


def _recipients(planter: Planter, cast: Cast) -> None:
    strangers = [Party(None, f"reader{number}@readers.example") for number in range(11)]
    expect_mail(
        planter, "ten_recipients", mail(planter, cast, planter.ago(days=48), cast.rep, {"to": [cast.ann], "cc": strangers[:9]}), "counted"
    )
    eleven = mail(planter, cast, planter.ago(days=49), cast.rep, {"to": [cast.ann], "cc": strangers[:5], "bcc": strangers[5:10]})
    expect_mail(planter, "eleven_recipients", eleven, "mass_mail")
    internal = mail(planter, cast, planter.ago(days=50), cast.rep, {"to": [cast.mate], "cc": [cast.third]})
    expect_mail(planter, "internal_mail", internal, "internal_only")
    for trap, local in {"noreply": "noreply", "mailer_daemon": "MAILER-DAEMON"}.items():
        machine = Party(None, f"{local}@systems.example")
        expect_mail(planter, f"auto_reply_{trap}", mail(planter, cast, planter.ago(days=51), machine, {"to": [cast.rep]}), "auto_reply")


def _addresses(planter: Planter, cast: Cast) -> None:
    stranger = Party(None, "nobody.knows@strangers.example")
    expect_mail(planter, "stranger", mail(planter, cast, planter.ago(days=52), cast.rep, {"to": [stranger]}), "no_person")
    beside = mail(planter, cast, planter.ago(days=53), cast.rep, {"to": [cast.ann], "cc": [stranger]})
    expect_mail(planter, "stranger_in_copy", beside, "counted")
    planter.expect("stranger_in_copy", "EmailMessageRelation", beside.relations[stranger.address], "participant_dropped:unresolved")
    shouting = Party(None, f" {cast.bob.address.upper()} ")
    by_address = mail(planter, cast, planter.ago(days=54), cast.rep, {"to": [shouting]})
    expect_mail(planter, "known_by_address_in_capitals", by_address, "counted")
    planter.expect(
        "known_by_address_in_capitals", "EmailMessageRelation", by_address.relations[shouting.address], f"participant_is:{cast.bob.id}"
    )
    seen = mail(planter, cast, planter.ago(days=55), cast.bob, {"to": [cast.rep], "cc": [cast.eve]})
    expect_mail(planter, "contact_copied_on_inbound", seen, "counted")
