"""Where new columns belong: a publisher, whose prefix their names begin with, and a solution of it.

The configured solution must be there, unmanaged, and of a publisher with our prefix. Without one: the solution `guanxi`, or
`guanxi_<prefix>` where that name is another publisher's. What is there is used, whoever made it.
"""

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from connectors.dynamics.client import DynamicsClient
from connectors.dynamics.inventory import quoted
from connectors.errors import RequestRejected

NAME: Final = "guanxi"
LABEL: Final = "Guanxi"
DESCRIPTION: Final = "Columns guanxi writes its figures to, and columns people fill in for it."
OPTION_PREFIX: Final = 10_000
"""Of publishers who have none of their own."""
Create = Callable[[str, Mapping[str, Any]], None]
"""Make a row in an entity set; one that is there already is no failure."""


@dataclass(frozen=True)
class Home:
    """Publisher (id) and solution; `publisher` is empty where it has to be made, and so is the solution unless `there`."""

    prefix: str
    solution: str
    there: bool
    publisher: str = ""
    option_prefix: int = 0

    @property
    def publisher_name(self) -> str:
        """Unique name of the publisher we make."""
        return f"{NAME}_{self.prefix}"


def find(client: DynamicsClient, prefix: str, configured: str) -> Home:
    """The home of columns named by `prefix`, as far as it is there; raises `RequestRejected` for a configured one that cannot be it."""
    names = [configured] if configured else [NAME, f"{NAME}_{prefix}"]
    publishers = _publishers(client, prefix)
    wanted = " or ".join(f"uniquename eq {quoted(name)}" for name in names)
    rows = client.get_json("solutions", {"$select": "uniquename,ismanaged,_publisherid_value", "$filter": wanted})["value"]
    ours = [row for row in rows if row["_publisherid_value"] in publishers and not row["ismanaged"]]
    if configured and not ours:
        raise RequestRejected(_unusable(configured, prefix, rows))
    publisher = ours[0]["_publisherid_value"] if ours else next(iter(publishers), "")
    taken = {row["uniquename"].lower() for row in rows}
    free = next((name for name in names if name not in taken), names[-1])
    return Home(prefix, ours[0]["uniquename"] if ours else free, bool(ours), publisher, publishers.get(publisher, 0))


def make(client: DynamicsClient, home: Home, create: Create) -> Home:
    """The same home with all of it there; raises `RequestRejected` where our publisher's name is taken for another prefix."""
    if home.there:
        return home
    if not home.publisher:
        create("publishers", _publisher(home))
        home = find(client, home.prefix, "")
    if not home.publisher:
        raise RequestRejected(
            f"publisher {home.publisher_name} has a prefix other than {home.prefix}; rename it, or set another [output] prefix"
        )
    if not home.there:
        row = {"uniquename": home.solution, "friendlyname": LABEL, "version": "1.0.0.0", "description": DESCRIPTION}
        create("solutions", {**row, "publisherid@odata.bind": f"/publishers({home.publisher})"})
    return replace(home, there=True)


def _publisher(home: Home) -> Mapping[str, Any]:
    """Publishers need an option prefix of five digits; ours follows from the prefix, so that it is the same everywhere."""
    options = 10_000 + zlib.crc32(home.prefix.encode()) % 90_000
    names = {"uniquename": home.publisher_name, "friendlyname": f"{LABEL} ({home.prefix})", "description": DESCRIPTION}
    return {**names, "customizationprefix": home.prefix, "customizationoptionvalueprefix": options}


def _publishers(client: DynamicsClient, prefix: str) -> dict[str, int]:
    """Option prefixes of the publishers with this prefix that take new solutions, by id."""
    names = "publisherid,isreadonly,customizationoptionvalueprefix"
    rows = client.get_json("publishers", {"$select": names, "$filter": f"customizationprefix eq {quoted(prefix)}"})["value"]
    return {row["publisherid"]: int(row["customizationoptionvalueprefix"] or OPTION_PREFIX) for row in rows if not row["isreadonly"]}


def _unusable(solution: str, prefix: str, rows: Sequence[Mapping[str, Any]]) -> str:
    if not rows:
        return f"solution {solution} is not in this environment; create it, or leave `solution` out of the configuration"
    reason = "is managed" if rows[0]["ismanaged"] else f"belongs to a publisher whose prefix is not {prefix}"
    return f"solution {solution} {reason}; name another `solution`, or set the prefix under [output] to that of its publisher"
