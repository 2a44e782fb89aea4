"""The Dynamics half of the sandbox: one environment over its store, with login, Web API and controls; and how its state is generated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from starlette.routing import BaseRoute

from connectors.sandbox.dataverse import login, reading, writes
from connectors.sandbox.dataverse.access import Access
from connectors.sandbox.dataverse.api import Api
from connectors.sandbox.dataverse.standing import TENANT_ID
from connectors.sandbox.dataverse.store import Store
from connectors.sandbox.dataverse.switches import TRUTH, Switches
from connectors.sandbox.dataverse.tokens import Tokens
from connectors.sandbox.faults import Faults, Rule
from connectors.sandbox.traffic import kinds

HOME = "/api/data"

_DATA = r"/api/data/v[\d.]+"
KINDS = kinds(
    ("dynamics.token", "POST /[^/]+/oauth2/v2.0/token"),
    ("dynamics.batch", rf"POST {_DATA}/\$batch"),
    ("dynamics.metadata", rf"GET {_DATA}/(\$metadata|EntityDefinitions|RelationshipDefinitions|GlobalOptionSetDefinitions).*"),
    ("dynamics.columns", rf"\w+ {_DATA}/EntityDefinitions.*"),
    ("dynamics.multiple", rf"POST {_DATA}/.+\.(Create|Update|Upsert)Multiple"),
    ("dynamics.count", rf"GET {_DATA}/\w+/\$count"),
    ("dynamics.function", rf"GET {_DATA}/(WhoAmI|Retrieve\w+)(\(.*\))?"),
    ("dynamics.query", rf"GET {_DATA}/\w+"),
    ("dynamics.read", rf"GET {_DATA}/.+"),
    ("dynamics.write", rf"(POST|PATCH|PUT|DELETE) {_DATA}/.+"),
)


class DynamicsEnvironment:
    """One environment; see `connectors.sandbox.server.Half`."""

    kinds = KINDS

    def __init__(self, state: Path, faults: Faults) -> None:
        self.store = Store.open(state)
        self.api = Api(self.store, Access(self.store), Tokens(self.store.clock.now))
        reading.register(self.api)
        writes.register(self.api, faults)
        faults.on("expire_tokens", lambda rule: self.api.tokens.expire_all(), under=HOME)
        faults.on("hide_field", self._secure_column, under=HOME)
        faults.on("drop_object", self._hide_table, under=HOME)

    def routes(self) -> Sequence[BaseRoute]:
        """API, login and control routes."""
        return [*self.api.routes(), *login.Login(self.api.tokens).routes(), *Switches(self.api).routes()]

    def exports(self, url: str) -> Mapping[str, str]:
        """The variables `guanxi.toml` reads; the sandbox is its own authority."""
        names = {"DYN_URL": url, "DYN_AUTHORITY": url, "DYN_TENANT": TENANT_ID}
        return {**names, "DYN_CLIENT_ID": login.CLIENT_ID, "DYN_CLIENT_SECRET": login.CLIENT_SECRET}

    def truth(self, name: str) -> str:
        """`pairs`, `twins` or `traps` as CSV; raises KeyError for another name."""
        return self.store.csv(TRUTH[name])

    def now(self) -> datetime:
        """The environment's present time."""
        return self.store.clock.now()

    def close(self) -> None:
        """Keep the clock's reading, give the file back."""
        self.store.close()

    def _secure_column(self, rule: Rule) -> None:
        held = self.api.access.restrictions.secured_columns
        self.api.access.restrict(secured_columns={*held, rule.target})

    def _hide_table(self, rule: Rule) -> None:
        held = self.api.access.restrictions.hidden_tables
        self.api.access.restrict(hidden_tables={*held, rule.target})


def generate(state: Path, seed: int, size: str, as_of: datetime) -> None:
    """Build the company and project it into a new store; `as_of` is naive UTC."""
    from connectors.sandbox.company import build
    from connectors.sandbox.dataverse import project

    store = Store.create(state, as_of)
    try:
        project.load(build(seed, size, as_of.replace(tzinfo=UTC)), store)
    finally:
        store.close()


remove = Store.remove
"""Delete the files of an earlier state; raises BlockingIOError while another process has it open."""
