"""Records planted on purpose, each with the verdict a correct pipeline must reach (`_truth_traps`), the same in every size.

`expected` of an activity is `counted` or the reason it is dropped for; `never_counted` on a kind that may be read or not. Other tables:
`participant_is:<person id>` and `participant_dropped:<reason>` on a party (`no_participant` on one that is nobody by its kind of
participation), `account_is:<account id>` (`account_is:none`) on a contact, `not_scored` on a record that gets no values, `text_kept` on
one whose texts must arrive unchanged, `linked` and `not_linked` on a connection. The players have addresses of their own, so nobody
takes them for people of the Salesforce org. Traps of the protocol itself (expired tokens, cut pages) are the server's.
"""

from datetime import datetime

import pyarrow as pa

from connectors.sandbox.dataverse.traps import calls, links, mails, meetings, people
from connectors.sandbox.dataverse.traps.cast import cast
from connectors.sandbox.dataverse.traps.planter import Planter, table


def plant(now: datetime) -> dict[str, pa.Table]:
    """Rows by table name, `_truth_traps` among them. `now` is naive UTC."""
    planter = Planter(now)
    players = cast(planter)
    for module in (calls, meetings, mails, people, links):
        module.plant(planter, players)
    return planter.tables() | {"_truth_traps": table(planter.truth)}
