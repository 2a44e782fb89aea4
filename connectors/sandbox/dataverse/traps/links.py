"""Traps among connections: both rows of one link, links that ended, roles that are gone."""

from connectors.sandbox.dataverse.projection.deals import STAKEHOLDER, role_id
from connectors.sandbox.dataverse.traps.cast import Cast
from connectors.sandbox.dataverse.traps.planter import Party, Planter, Row


def plant(planter: Planter, cast: Cast) -> None:
    """All of them, each with its verdict."""
    deal = planter.add("opportunity", owner=cast.rep, created=planter.ago(days=120), name="Trap offer", _customerid_value=cast.account.id,
                       _customerid_type="account", _parentaccountid_value=cast.account.id, estimatedvalue=1000.0)  # fmt: skip
    offer = Party(deal, "opportunity", None)
    deleted_role = planter.add("connectionrole", name="Trap role", category=STAKEHOLDER, componentstate=2)
    decider = role_id("Decider")
    _link(planter, cast, "link_of_two_rows", offer, cast.ann, decider, "linked", {})
    _link(planter, cast, "link_ended", offer, cast.bob, decider, "not_linked", {"effectiveend": planter.ago(days=10)})
    _link(planter, cast, "link_inactive", offer, cast.eve, decider, "not_linked", {"statecode": 1, "statuscode": 2})
    _link(planter, cast, "link_of_deleted_role", offer, cast.eve, deleted_role, "not_linked", {})
    _link(planter, cast, "team_of_an_account", cast.account, cast.mate, role_id("second"), "linked", {})


def _link(planter: Planter, cast: Cast, trap: str, one: Party, two: Party, role: str, expected: str, fields: Row) -> None:
    """Two rows that name each other; the reciprocal one is never a link of its own."""
    there, back = planter.new_id("connection"), planter.new_id("connection")
    ends = {
        there: {"ismaster": True, "_relatedconnectionid_value": back, "_record2roleid_value": role, **_ends(one, two)},
        back: {"ismaster": False, "_relatedconnectionid_value": there, "_record1roleid_value": role, **_ends(two, one)},
    }
    for connection, row in ends.items():
        planter.add("connection", owner=cast.rep, connectionid=connection, name=trap, **row, **fields)
        planter.expect(trap, "connection", connection, expected if connection == there else "not_linked")


def _ends(one: Party, two: Party) -> Row:
    return {
        "_record1id_value": one.id,
        "_record1id_type": one.table,
        "_record2id_value": two.id,
        "_record2id_type": two.table,
    }
