"""What people "had entered" in columns nobody has made yet: side tables `_entered_<table>`, made with the company and never changed."""

import duckdb


class Entered:
    """Columns of the side tables, by what they are beside. Each is looked up once: DuckDB goes through all columns of all tables for it."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, ...]] = {}

    def columns(self, cursor: duckdb.DuckDBPyConnection, beside: str) -> tuple[str, ...]:
        """Columns of the side table of `beside`, none where there is no such table."""
        if beside not in self._known:
            sql = "select column_name from duckdb_columns() where table_name = ?"
            self._known[beside] = tuple(str(name) for (name,) in cursor.execute(sql, [f"_entered_{beside}"]).fetchall())
        return self._known[beside]
