"""SOQL: a grammar, name resolution under the user's rights, and DuckDB SQL with bound values.

`compile_query(text, access, all_rows=..., dialect=...)` returns a `Compiled`; a refused statement is a `QueryError` in
Salesforce's code and words.
"""

from connectors.sandbox.salesforce.soql.compile import Dialect, compile_query
from connectors.sandbox.salesforce.soql.compiled import Child, Column, Compiled

__all__ = ["Child", "Column", "Compiled", "Dialect", "compile_query"]
