"""What a database's tables are like, told alike by whichever way they came to be."""

from __future__ import annotations

from sqlalchemy import Connection

Shape = dict[str, list[tuple[object, ...]]]
"""By table: its columns, keys, constraints and indexes, in an order of their own."""

_POSTGRESQL = {
    "column": """
        SELECT table_name, 'column', column_name, data_type, character_maximum_length,
               is_nullable, column_default
        FROM information_schema.columns WHERE table_schema = current_schema()""",
    "constraint": """
        SELECT conrelid::regclass::text, 'constraint', conname, pg_get_constraintdef(oid)
        FROM pg_constraint
        WHERE connamespace = current_schema()::regnamespace AND conrelid <> 0""",
    "index": """
        SELECT tablename, 'index', indexname, indexdef
        FROM pg_indexes WHERE schemaname = current_schema()""",
}


def shape(connection: Connection) -> Shape:
    """Return what all tables are like, the one that names the format excepted."""
    rows = _sqlite(connection) if connection.dialect.name == "sqlite" else _postgresql(connection)
    found: Shape = {}
    for name, *rest in rows:
        found.setdefault(name.strip('"'), []).append(tuple(rest))
    found.pop("alembic_version", None)
    return {name: sorted(parts, key=str) for name, parts in found.items()}


def _postgresql(connection: Connection) -> list[tuple]:
    return [
        tuple(row) for query in _POSTGRESQL.values() for row in connection.exec_driver_sql(query)
    ]


def _sqlite(connection: Connection) -> list[tuple]:
    def ask(name: str, about: str) -> list[tuple]:
        return [tuple(row) for row in connection.exec_driver_sql(f'PRAGMA {name}("{about}")')]

    tables = connection.exec_driver_sql("PRAGMA table_list").all()
    sources = dict(
        connection.exec_driver_sql(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        ).all()
    )
    rows: list[tuple] = []
    for _, table, kind, _, without_rowid, *_ in tables:
        if kind != "table" or table.startswith("sqlite_"):
            continue
        rows.append((table, "rowid", not without_rowid))
        rows += [(table, "column", *column[1:]) for column in ask("table_info", table)]
        rows += [(table, "foreign key", *key[2:]) for key in ask("foreign_key_list", table)]
        for _, index, unique, origin, partial in ask("index_list", table):
            columns = tuple(name for _, _, name in ask("index_info", index))
            condition = sources.get(index, "").partition(" WHERE ")[2]
            named = index if origin == "c" else None
            rows.append((table, "index", named, unique, origin, partial, columns, condition))
    return rows
