"""Records planted on purpose, each with the verdict a correct pipeline must reach (`_truth_traps`), the same in every size.

`expected` of a Task, Event or EmailMessage is `counted` or the reason it is dropped for. Other objects:
`participant_dropped:<reason>` and `participant_is:<person id>` on a relation row, `not_scored` on a record that gets no values,
`text_kept` on one whose texts must arrive unchanged (`text_kept_without_nul`: but for the NUL byte, which not every warehouse
can hold), `later:<kind>` on a row that will be deleted, and `counted` on a row still in `_later` (object `_later`). Traps of
the protocol itself (cut pages, failing jobs) are the server's.
"""

from datetime import datetime

import pyarrow as pa

from connectors.sandbox.salesforce.traps import calls, later, mails, meetings, people
from connectors.sandbox.salesforce.traps.cast import cast
from connectors.sandbox.salesforce.traps.planter import Planter, table


def plant(now: datetime, author: str) -> dict[str, pa.Table]:
    """Rows by table name: objects, `_truth_traps`, `_deleted`, `_later`, `_later_deletes`. `now` is naive UTC, author a user id."""
    planter = Planter(now, author)
    players = cast(planter)
    for module in (calls, meetings, mails, people):
        module.plant(planter, players)
    side_tables = later.plant(planter, players)
    return planter.tables() | side_tables | {"_truth_traps": table(planter.truth)}
