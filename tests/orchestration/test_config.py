"""guanxi.toml: what is accepted, and that every fault names its key and what is allowed, before any call."""

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.dynamics.settings import DynamicsSettings
from connectors.salesforce.settings import SalesforceSettings
from orchestration.config import SECTIONS, Configuration, load, locate
from orchestration.config_template import TEMPLATE, written
from orchestration.config_values import ConfigError
from tests.orchestration.conftest import DYNAMICS, MINIMAL, VARIABLES

Write = Callable[..., Path]


def loaded(file: Path) -> Configuration:
    return load(file, VARIABLES)


def refusal(file: Path, variables: dict[str, str] | None = None) -> str:
    with pytest.raises(ConfigError) as raised:
        load(file, VARIABLES if variables is None else variables)
    text = str(raised.value)
    assert "\n" not in text
    assert "very-secret" not in text
    return text


def test_a_minimal_file_has_the_defaults_of_the_contract(write: Write) -> None:
    config = loaded(write())
    assert config.warehouse_file == config.folder / ".guanxi/warehouse.duckdb"
    assert (config.output.prefix, config.output.labels, config.grading.individual) == ("GX", "en", True)
    activation = config.activation
    assert (activation.min_delta, activation.max_changed_share, activation.guard_min_rows) == (1.0, 0.2, 500)
    assert (activation.max_reject_rate, activation.approval) == (0.05, False)
    assert config.counting.past_scheduled_meetings
    assert not config.identity.across_crms
    assert config.history.keep_days == 0
    assert "mailer-daemon" in config.counting.not_people


def test_variables_are_read_from_the_environment(write: Write) -> None:
    settings = loaded(write()).crms["sales_cloud"].settings
    assert isinstance(settings, SalesforceSettings)
    assert settings.instance_url == "http://127.0.0.1:9"
    assert settings.client_secret is not None
    assert settings.client_secret.get_secret_value() == "very-secret"
    assert "very-secret" not in repr(settings)


def test_each_kind_of_crm_has_settings_of_its_own(write: Write) -> None:
    config = loaded(write(DYNAMICS))
    assert list(config.crms) == ["sales_cloud", "dynamics"]
    settings = config.crms["dynamics"].settings
    assert isinstance(settings, DynamicsSettings)
    assert (settings.environment_url, settings.tenant_id) == (VARIABLES["DYN_URL"], VARIABLES["DYN_TENANT"])
    assert "very-secret" not in repr(settings)


def test_without_an_authority_the_login_is_microsofts(write: Write) -> None:
    settings = loaded(write(text=DYNAMICS.replace('authority = "env:DYN_AUTHORITY"\n', ""))).crms["dynamics"].settings
    assert isinstance(settings, DynamicsSettings)
    assert settings.authority == "https://login.microsoftonline.com"


def test_ids_are_taken_as_people_copy_them(write: Write) -> None:
    crms = loaded(write(DYNAMICS)).crms
    guid = "7d577c3f-61b0-ed11-83ff-000d3a31b1e2"
    assert {crms["dynamics"].kind.record_id(text) for text in (guid, guid.upper(), f"{{{guid.upper()}}}")} == {guid}
    assert crms["sales_cloud"].kind.record_id("003Hs00000AbCdEIAZ") == "003Hs00000AbCdEIAZ"


def test_every_raw_object_names_its_ids_first(write: Write) -> None:
    crms = loaded(write(DYNAMICS)).crms
    assert crms["sales_cloud"].activities == {"Task": "Id", "Event": "Id", "EmailMessage": "Id"}
    kinds = ("email", "phonecall", "appointment", "recurringappointmentmaster", "task")
    assert crms["dynamics"].activities == dict.fromkeys(kinds, "activityid")
    assert crms["dynamics"].kind.objects(crms["dynamics"])["systemuser"][0] == "systemuserid"


def test_relative_paths_start_at_the_folder_of_the_file(write: Write) -> None:
    jwt = MINIMAL.replace('client_secret = "env:SF_CLIENT_SECRET"', 'auth = "jwt"\nusername = "u"\nprivate_key_file = "keys/sf.pem"')
    config = loaded(write('[warehouse]\nurl = "duckdb:///data/w.duckdb"\n', jwt))
    assert config.warehouse_file == config.folder / "data/w.duckdb"
    settings = config.crms["sales_cloud"].settings
    assert isinstance(settings, SalesforceSettings)
    assert settings.private_key_file == config.folder / "keys/sf.pem"


def test_an_absolute_warehouse_path_stays(write: Write) -> None:
    assert loaded(write('[warehouse]\nurl = "duckdb:////var/lib/g.duckdb"\n')).warehouse_file == Path("/var/lib/g.duckdb")


def test_method_overrides_change_the_version(write: Write) -> None:
    plain = loaded(write()).method
    overridden = loaded(write("[method]\ncounting.max_recipients = 20\n")).method
    assert overridden["counting.max_recipients"] == 20
    assert overridden.version != plain.version


def test_the_template_that_init_writes_loads_and_names_every_section() -> None:
    assert set(tomllib.loads(TEMPLATE.read_text(encoding="utf-8"))) == set(SECTIONS)
    assert list(loaded(TEMPLATE).crms) == ["sales_cloud", "dynamics"]


SALESFORCE_SET = {name: value for name, value in VARIABLES.items() if name.startswith("SF_")}
DYNAMICS_SET = {name: value for name, value in VARIABLES.items() if name.startswith("DYN_")}


@pytest.mark.parametrize(
    ("variables", "crms"),
    [({}, ["sales_cloud"]), (SALESFORCE_SET, ["sales_cloud"]), (DYNAMICS_SET, ["dynamics"]), (VARIABLES, ["sales_cloud", "dynamics"])],
    ids=["none", "salesforce", "dynamics", "both"],
)
def test_init_writes_for_the_crms_whose_variables_are_set(tmp_path: Path, variables: dict[str, str], crms: list[str]) -> None:
    made = written(variables)
    file = tmp_path / "guanxi.toml"
    file.write_text(made.text, encoding="utf-8")
    assert list(load(file, variables or VARIABLES).crms) == crms == list(made.active)
    assert {*made.active, *made.commented} == {"sales_cloud", "dynamics"}


def test_what_init_commented_out_can_be_brought_back_by_taking_the_marks_away(tmp_path: Path) -> None:
    made = written({})
    start = made.text.index("# [crm.dynamics]")
    section = made.text[start : made.text.index("\n\n", start)]
    opened = "\n".join(line.removeprefix("# ") for line in section.splitlines())
    file = tmp_path / "guanxi.toml"
    file.write_text(made.text.replace(section, opened), encoding="utf-8")
    assert list(loaded(file).crms) == ["sales_cloud", "dynamics"]


def test_every_commented_value_of_the_template_is_accepted(tmp_path: Path) -> None:
    lines = TEMPLATE.read_text(encoding="utf-8").splitlines()
    keys = (
        "prefix",
        "labels",
        "individual",
        "aggregates",
        "past_",
        "not_people",
        "min_",
        "max_",
        "guard_",
        "approval",
        "schedule",
        "across",
        "authority",
        "solution",
        "max_concurrency",
        '"closeness',
    )
    opened = [line.removeprefix("# ") if line.removeprefix("# ").startswith(keys) and "=" in line else line for line in lines]
    file = tmp_path / "guanxi.toml"
    file.write_text("\n".join(opened), encoding="utf-8")
    assert loaded(file).method["closeness.half_life_days"] == 45


def test_the_file_is_the_one_named_then_the_variable_then_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GUANXI_CONFIG", raising=False)
    assert locate() == tmp_path / "guanxi.toml"
    monkeypatch.setenv("GUANXI_CONFIG", "a/b.toml")
    assert locate() == tmp_path / "a/b.toml"
    assert locate("c.toml") == tmp_path / "c.toml"


FAULTS = {
    "unknown section": ("[outputs]\n", "[outputs]: unknown section; the known ones are: warehouse, crm, output"),
    "unknown key": ('[output]\nprefx = "GX"\n', "[output] prefx: unknown key; the known ones are: prefix, labels"),
    "value not in the list": ('[output]\nlabels = "de"\n', "[output] labels: must be 'en', 'zh' or 'both'"),
    "bad prefix": ('[output]\nprefix = "my-fields"\n', "[output] prefix: must match pattern"),
    "not yes or no": ('[grading]\nindividual = "perhaps"\n', "[grading] individual: must be a valid boolean"),
    "out of range": ("[activation]\nmax_reject_rate = 1.5\n", "[activation] max_reject_rate: must be less than or equal to 1"),
    "negative": ("[activation]\nmin_delta = -1\n", "[activation] min_delta: must be greater than or equal to 0"),
    "section is a value": ("[crm]\nsales_cloud = 1\n", "[crm.sales_cloud]: must be a section"),
    "postgres": ('[warehouse]\nurl = "postgresql://x/y"\n', "[warehouse] url: postgresql is not supported yet; allowed: duckdb:///<file>"),
    "memory": ('[warehouse]\nurl = "duckdb:///:memory:"\n', "[warehouse] url: names no file"),
    "a number no industry can have": (
        '[method.industry."Healthcare"]\n"closeness.half_life_days" = 30\n',
        '[method.industry."Healthcare"] closeness.half_life_days: cannot vary by industry; by industry can be set: departments.key, ',
    ),
    "unknown method key": ("[method]\ncloseness.magic = 1\n", "[method] closeness.magic: unknown key"),
    "method key of another type": ('[method]\ncounting.max_recipients = "ten"\n', "[method] counting.max_recipients: expected a number"),
    "unknown kind": ('[crm.other]\nkind = "sugar"\n', "[crm.other] kind: unknown: 'sugar'; allowed: salesforce, dynamics"),
    "kind of another type": ('[crm.other]\nkind = ["dynamics"]\n', "[crm.other] kind: unknown: "),
    "no kind": ("[crm.other]\n", "[crm.other] kind: missing; allowed: salesforce, dynamics"),
    "across": ('[identity]\nacross_crms = "maybe"\n', "[identity] across_crms: must be a valid boolean"),
    "days before today": ("[history]\nkeep_days = -1\n", "[history] keep_days: "),
    "more days than a calendar has": ("[history]\nkeep_days = 99999999999\n", "[history] keep_days: must be less than or equal to 36500"),
    "one text for a list": ('[counting]\nnot_people = "noreply"\n', "[counting] not_people: must be a list"),
    "bad name": ('[crm.Sales-Cloud]\nkind = "salesforce"\n', "[crm.Sales-Cloud]: a name is a small letter"),
}


@pytest.mark.parametrize(("more", "told"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_names_its_key_and_what_is_allowed(write: Write, more: str, told: str) -> None:
    text = "" if "crm]" in more.split("\n")[0] else MINIMAL
    assert told in refusal(write(more, text))


CRM_FAULTS = {
    "unknown key": ('tenant = "x"\n', "[crm.sales_cloud] tenant: unknown key; the known ones are: schedule, kind, instance_url"),
    "http abroad": (
        'instance_url = "http://crm.example.com"\n',
        "[crm.sales_cloud] instance_url: http:// is accepted for loopback hosts only",
    ),
    "no url": ('instance_url = "crm.example.com"\n', "[crm.sales_cloud] instance_url: must be a URL"),
    "unknown flow": ('auth = "password"\n', "[crm.sales_cloud] auth: must be 'client_credentials' or 'jwt'"),
    "jwt without a key": ('auth = "jwt"\n', '[crm.sales_cloud]: auth = "jwt" needs username and private_key_file'),
    "cron of six fields": ('schedule = "0 15 2 * * *"\n', "[crm.sales_cloud] schedule: must be a cron line of five fields"),
    "cron that no day meets": ('schedule = "99 2 * * *"\n', "[crm.sales_cloud] schedule: must be a cron line of five fields"),
}


@pytest.mark.parametrize(("line", "told"), CRM_FAULTS.values(), ids=CRM_FAULTS.keys())
def test_a_fault_of_a_crm_names_its_key(write: Write, line: str, told: str) -> None:
    key = line.split(" ")[0]
    kept = "\n".join(old for old in MINIMAL.splitlines() if not old.startswith(f"{key} ")) + "\n"
    assert told in refusal(write(line, kept))


DYNAMICS_FAULTS = {
    "unknown key": (
        'instance_url = "https://x"\n',
        "[crm.dynamics] instance_url: unknown key; the known ones are: schedule, kind, environment_url",
    ),
    "http abroad": (
        'environment_url = "http://crm.example.com"\n',
        "[crm.dynamics] environment_url: http:// is accepted for loopback hosts only",
    ),
    "http login": ('authority = "http://login.example.com"\n', "[crm.dynamics] authority: http:// is accepted for loopback hosts only"),
    "no secret": ('client_secret = ""\n', "[crm.dynamics] client_secret: "),
    "no tenant": ('tenant_id = "a b"\n', "[crm.dynamics] tenant_id: must match pattern"),
    "too many at once": ("max_concurrency = 100\n", "[crm.dynamics] max_concurrency: must be less than or equal to 52"),
    "map of a field nobody enters": ('map.contact.closeness = "new_x"\n', "[crm.dynamics] map: contact.closeness is no field people enter"),
    "cron": ('schedule = "daily"\n', "[crm.dynamics] schedule: must be a cron line of five fields"),
}


@pytest.mark.parametrize(("line", "told"), DYNAMICS_FAULTS.values(), ids=DYNAMICS_FAULTS.keys())
def test_a_fault_of_a_dynamics_section_names_its_key(write: Write, line: str, told: str) -> None:
    key = line.split(" ")[0]
    kept = "\n".join(old for old in DYNAMICS.splitlines() if not old.startswith(f"{key} ")) + "\n"
    assert told in refusal(write(line, kept))


def test_a_missing_variable_is_named_with_its_key(write: Write) -> None:
    told = refusal(write(), {**VARIABLES, "SF_CLIENT_SECRET": ""})
    assert told == "[crm.sales_cloud] client_secret: the environment variable SF_CLIENT_SECRET is not set"


def test_a_missing_key_is_named(write: Write) -> None:
    assert "[crm.sales_cloud] client_id: missing" in refusal(
        write(text='[crm.sales_cloud]\nkind = "salesforce"\ninstance_url = "https://x.example"\n')
    )


def test_no_crm_at_all_is_an_error(write: Write) -> None:
    assert refusal(write(text="[output]\n")).startswith("[crm.NAME]: no CRM is configured")


def test_a_mark_of_windows_editors_at_the_beginning_is_no_fault(tmp_path: Path) -> None:
    file = tmp_path / "guanxi.toml"
    file.write_text(MINIMAL, encoding="utf-8-sig")
    assert list(loaded(file).crms) == ["sales_cloud"]


def test_a_missing_file_says_how_to_get_one(tmp_path: Path) -> None:
    assert refusal(tmp_path / "guanxi.toml").endswith("write one with: guanxi init")


def test_broken_toml_names_the_line(write: Write) -> None:
    assert "is not valid TOML" in refusal(write(text="[crm\n"))


def test_an_unknown_crm_names_the_known_ones(write: Write) -> None:
    with pytest.raises(ConfigError, match=r"no \[crm.dynamics\].*the known ones are: sales_cloud"):
        loaded(write()).crm("dynamics")
