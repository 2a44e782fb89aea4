"""What the CRM-neutral model and the interactions must satisfy, declared over `transforms.tables`."""

from quality.development import development_suites
from quality.expectations import AtLeast, Belongs, Between, Expectation, InSet, NotNull, Rule, Severity, Suite, Unique
from quality.identity import identity_suites
from warehouse import MODEL, raw_schema

CHANNELS = ("meeting", "call", "email")
DIRECTIONS = ("out", "in", "both")
PERSON_KINDS = ("contact", "lead")
DROP_REASONS = (
    "deleted", "unknown_type", "private", "draft", "failed_send", "cancelled", "series_master", "invitee_copy", "email_twin",
    "plain_task", "open", "future", "mass_mail", "not_a_person", "auto_reply", "internal_only", "no_person",
)  # fmt: skip
ALWAYS_THERE = ("User", "systemuser")
"""Raw objects no CRM can be without: empty means that we were not allowed to see them."""


def _rule(name: str, meaning: str, rule: Rule, *, blocking: bool = False, severity: Severity = "error") -> Expectation:
    return Expectation(name, meaning, rule, severity, blocking)


def raw_suite(crm: str, object_name: str, key: str) -> Suite:
    """A landed object with the column of its ids: every record once, and rows where the CRM has some."""
    rules = [
        _rule("key_present", "every landed record has its id", NotNull(key)),
        _rule("key_unique", "no record landed twice", Unique((key,))),
    ]
    if object_name in ALWAYS_THERE:
        rules.append(_rule("not_empty", "the CRM has rows of this object, so we have", AtLeast(1), blocking=True))
    return Suite(raw_schema(crm), object_name, (key,), tuple(rules))


def model_suites() -> tuple[Suite, ...]:
    """One suite per table of the model that holds more than links, those over all CRMs, and those of time, deals and operation."""
    model = (_users(), _accounts(), _people(), _opportunities(), _interactions(), _interactions_dropped())
    return (*model, *identity_suites(), *development_suites())


def _keyed(entity: str, key: str) -> list[Expectation]:
    return [
        _rule("key_present", f"every {entity} has its record id", NotNull(key)),
        _rule("key_unique", f"every {entity} is there once", Unique(("crm", key))),
    ]


def _users() -> Suite:
    rules = [*_keyed("user", "user_id"), _rule("somebody", "there is at least one user of ours", AtLeast(1))]
    return Suite(MODEL, "users", ("crm", "user_id"), tuple(rules))


def _accounts() -> Suite:
    rules = [
        *_keyed("account", "account_id"),
        _rule(
            "parent_known",
            "a parent account is one of the accounts",
            Belongs(("crm", "parent_id"), "model.accounts", ("crm", "account_id")),
            severity="warn",
        ),
    ]
    return Suite(MODEL, "accounts", ("crm", "account_id"), tuple(rules))


def _people() -> Suite:
    attitudes = ("attitude", "solution_acceptance", "price_acceptance", "competitor_attitude")
    rules = [
        *_keyed("person", "person_id"),
        _rule("kind_known", "a person is a contact or a lead", InSet("person_kind", PERSON_KINDS)),
        _rule(
            "account_known",
            "a person's account is one of the accounts",
            Belongs(("crm", "account_id"), "model.accounts", ("crm", "account_id")),
            severity="warn",
        ),
        *(_rule(f"{name}_in_range", f"{name.replace('_', ' ')} is within -2..2", Between(name, -2, 2)) for name in attitudes),
    ]
    return Suite(MODEL, "people", ("crm", "person_id"), tuple(rules))


def _opportunities() -> Suite:
    rules = [*_keyed("opportunity", "opportunity_id"), _rule("rank_in_range", "our rank is 1 to 9", Between("competitor_rank", 1, 9))]
    return Suite(MODEL, "opportunities", ("crm", "opportunity_id"), tuple(rules))


def _interactions() -> Suite:
    key = ("crm", "event_id", "user_id", "person_id")
    present = ("event_id", "user_id", "person_id", "at")
    rules = [
        _rule("unique", "a user, a person and an event meet in one row", Unique(key), blocking=True),
        *(_rule(f"{name}_present", f"every row has {name}", NotNull(name)) for name in present),
        _rule("channel_known", "meeting, call or email", InSet("channel", CHANNELS)),
        _rule("direction_known", "out, in or both", InSet("direction", DIRECTIONS)),
        _rule("kind_known", "a person is a contact or a lead", InSet("person_kind", PERSON_KINDS)),
        _rule("person_known", "the person is one of the people", Belongs(("crm", "person_id"), "model.people", ("crm", "person_id"))),
        _rule("user_known", "the user is one of the users", Belongs(("crm", "user_id"), "model.users", ("crm", "user_id"))),
        _rule("minutes_positive", "a meeting does not last less than nothing", Between("minutes", 0), severity="warn"),
    ]
    return Suite(MODEL, "interactions", ("crm", "event_id"), tuple(rules))


def _interactions_dropped() -> Suite:
    rules = [
        _rule("unique", "a record is dropped once", Unique(("crm", "event_id")), blocking=True),
        _rule("reason_known", "the reason is one of the contract's", InSet("reason", DROP_REASONS)),
    ]
    return Suite(MODEL, "interactions_dropped", ("crm", "event_id"), tuple(rules))
