"""What the identity tables and the company-wide figures must satisfy: nobody is joined twice, and every join can be counted.

None of it blocks: what is written to a CRM does not rest on these tables.
"""

from quality.expectations import Belongs, Between, Expectation, InSet, NotNull, Ordered, Rule, Suite, Unique
from warehouse import COMPANY, IDENTITY

EVIDENCE = {
    "person": ("same address", "single"),
    "user": ("same address", "single"),
    "account": ("shared people", "same domain", "single"),
}
TABLES = {"person": "people", "user": "users", "account": "accounts"}


def identity_suites() -> tuple[Suite, ...]:
    """One suite per table that people and tools read."""
    return (*(_identity(entity) for entity in TABLES), _pairs(), _of_identity("person"), _of_identity("account"))


def _rule(name: str, meaning: str, rule: Rule) -> Expectation:
    return Expectation(name, meaning, rule)


def _identity(entity: str) -> Suite:
    table, key = TABLES[entity], f"{entity}_id"
    rules = [
        _rule("identity_present", f"every {entity} has an identity", NotNull("identity_id")),
        _rule("key_unique", f"every {entity} is there once", Unique(("crm", key))),
        _rule("record_known", f"the record is in model.{table}", Belongs(("crm", key), f"model.{table}", ("crm", key))),
        _rule("one_of_each_crm", "an identity holds at most one record of each CRM", Unique(("identity_key", "crm"))),
        _rule(
            "named_after_a_record",
            "an identity is called after one of its records",
            Belongs(("identity_key", "identity_key"), f"{IDENTITY}.{table}", (f"{entity}_key", "identity_key")),
        ),
        _rule("evidence_known", "the evidence is of a known kind", InSet("evidence", EVIDENCE[entity])),
    ]
    if entity == "account":
        counted = Ordered("shared_people", "people_elsewhere")
        rules.append(_rule("evidence_counted", "no more people are shared than the other CRM knows", counted))
    return Suite(IDENTITY, table, ("crm", key), tuple(rules))


def _ordered(low: str, high: str) -> Expectation:
    return _rule(f"{low}_within_{high}", f"{low} is not above {high}", Ordered(low, high))


def _pairs() -> Suite:
    rules = [
        _rule("pair_unique", "a user of ours and a person meet in one row", Unique(("user_key", "person_key"))),
        _rule("user_known", "the user is one of the identities", Belongs(("user_key",), f"{IDENTITY}.users", ("identity_key",))),
        _rule("person_known", "the person is one of the identities", Belongs(("person_key",), f"{IDENTITY}.people", ("identity_key",))),
        _rule("closeness_in_range", "closeness is 0 to 100", Between("closeness", 0, 100)),
        _ordered("touches_90d", "touches_365d"),
        _ordered("touches_365d", "touches"),
        _ordered("contact_days", "touches"),
        _ordered("doubled", "touches"),
        _ordered("first_s", "last_s"),
    ]
    return Suite(COMPANY, "pairs", ("user_identity", "person_identity"), tuple(rules))


def _of_identity(entity: str) -> Suite:
    rules = [
        _rule("identity_unique", f"every {entity} is there once", Unique(("identity_key",))),
        _rule(
            "identity_known",
            f"the {entity} is one of the identities",
            Belongs(("identity_key",), f"{IDENTITY}.{TABLES[entity]}", ("identity_key",)),
        ),
        _ordered("touches_90d", "touches_365d"),
        _ordered("last_two_way_s", "last_s"),
    ]
    if entity == "person":
        rules.append(_rule("closeness_in_range", "closeness is 0 to 100", Between("closeness", 0, 100)))
    return Suite(COMPANY, TABLES[entity], ("identity_id",), tuple(rules))
