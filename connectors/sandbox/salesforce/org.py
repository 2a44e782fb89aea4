"""The Salesforce half of the sandbox: one org over its store, with REST, Bulk, login and controls; and how its state is generated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from starlette.routing import BaseRoute

from connectors.sandbox.faults import Faults, Rule
from connectors.sandbox.salesforce import login, rest
from connectors.sandbox.salesforce.api import Api
from connectors.sandbox.salesforce.bulk.routes import KINDS as BULK_KINDS
from connectors.sandbox.salesforce.bulk.routes import Bulk
from connectors.sandbox.salesforce.later import happen
from connectors.sandbox.salesforce.store import Store
from connectors.sandbox.salesforce.switches import Switches
from connectors.sandbox.traffic import kinds

JOBS = "salesforce-jobs"
HOME = "/services/"
TRUTH = {"pairs": "SELECT * FROM _truth_pairs ORDER BY ALL", "traps": "SELECT * FROM _truth_traps ORDER BY ALL"}

_DATA = r"/services/data/v[\d.]+"
KINDS = kinds(
    ("token", "POST /services/oauth2/token"),
    ("rest.versions", "GET /services/data/?"),
    ("rest.limits", f"GET {_DATA}/limits/?"),
    ("rest.query", f"GET {_DATA}/query/?"),
    ("rest.queryAll", f"GET {_DATA}/queryAll/?"),
    ("rest.queryMore", f"GET {_DATA}/query(All)?/.+"),
    ("rest.describeGlobal", f"GET {_DATA}/sobjects/?"),
    ("rest.describe", f"GET {_DATA}/sobjects/[^/]+/describe/?"),
    ("rest.deleted", f"GET {_DATA}/sobjects/[^/]+/deleted/?"),
    ("rest.updated", f"GET {_DATA}/sobjects/[^/]+/updated/?"),
    ("rest.read", f"GET {_DATA}/sobjects/.+"),
    ("rest.write", f"(POST|PATCH|DELETE) {_DATA}/sobjects/.+"),
    ("rest.collections", rf"\w+ {_DATA}/composite/sobjects.*"),
    ("rest.composite", rf"\w+ {_DATA}/composite.*"),
    ("tooling", rf"\w+ {_DATA}/tooling/.*"),
)


class SalesforceOrg:
    """One org; see `connectors.sandbox.server.Half`."""

    kinds = (*BULK_KINDS, *KINDS)

    def __init__(self, state: Path, faults: Faults) -> None:
        self.store = Store.open(state)
        self.api = Api(self.store)
        self.bulk = Bulk(self.api, state / JOBS, faults)
        faults.on("expire_tokens", lambda rule: self.api.tokens.expire_all(), under=HOME)
        faults.on("hide_field", self._hide_field, under=HOME)
        faults.on("drop_object", self._drop_object, under=HOME)

    def routes(self) -> Sequence[BaseRoute]:
        """API, login and control routes."""
        switches = Switches(self.api, self.bulk, lambda body: happen(self.store))
        return [*self.bulk.routes(), *rest.routes(self.api), *switches.routes()]

    def exports(self, url: str) -> Mapping[str, str]:
        """The variables `guanxi.toml` reads."""
        return {"SF_INSTANCE_URL": url, "SF_CLIENT_ID": login.CLIENT_ID, "SF_CLIENT_SECRET": login.CLIENT_SECRET}

    def truth(self, name: str) -> str:
        """`pairs` or `traps` as CSV; raises KeyError for another name."""
        return self.store.csv(TRUTH[name])

    def now(self) -> datetime:
        """The org's present time."""
        return self.store.clock.now()

    def close(self) -> None:
        """End background work, keep the clock's reading, give the file back."""
        self.bulk.close()
        self.store.close()

    def _hide_field(self, rule: Rule) -> None:
        held = self.api.access.restrictions.hidden_fields
        self.api.access.restrict(hidden_fields={*held, rule.target})

    def _drop_object(self, rule: Rule) -> None:
        held = self.api.access.restrictions.hidden_objects
        self.api.access.restrict(hidden_objects={*held, rule.target})


def generate(state: Path, seed: int, size: str, as_of: datetime) -> None:
    """Build the company and project it into a new store; `as_of` is naive UTC."""
    from connectors.sandbox.company import build
    from connectors.sandbox.salesforce import project

    store = Store.create(state, as_of)
    try:
        project.load(build(seed, size, as_of.replace(tzinfo=UTC)), store)
    finally:
        store.close()


remove = Store.remove
"""Delete the files of an earlier state; raises BlockingIOError while another process has it open."""
