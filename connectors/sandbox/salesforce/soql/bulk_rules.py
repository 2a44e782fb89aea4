"""What Bulk queries refuse although REST takes it: aggregates, GROUP BY, OFFSET, parent-to-child subqueries."""

from connectors.sandbox.salesforce.errors import QueryError
from connectors.sandbox.salesforce.soql import tree
from connectors.sandbox.salesforce.soql.functions import is_aggregate


def refuse_for_bulk(query: tree.Query) -> None:
    """Raises API_ERROR for the constructs Bulk API 2.0 does not take."""
    if any(isinstance(item, tree.Query) for item in query.select):
        raise QueryError("API_ERROR", "Aggregate Relationships not supported in Bulk Query")
    if query.group or any(isinstance(item, tree.Item) and is_aggregate(item.operand) for item in query.select):
        raise QueryError("API_ERROR", "GROUP BY and aggregate functions are not supported in Bulk Query")
    if query.offset is not None:
        raise QueryError("API_ERROR", "OFFSET is not supported in Bulk Query")
