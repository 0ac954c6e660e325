"""Prints all tables of a DuckDB file as JSON, with the values in the form in which the tests have them."""

import datetime
import decimal
import json
import sys

import duckdb


def shown(value):
    if isinstance(value, decimal.Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.%f")
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value


database = duckdb.connect(sys.argv[1], read_only=True)
tables = {}
for (name,) in database.execute("select table_name from duckdb_tables() where table_name <> 'read_until'").fetchall():
    found = database.execute(f'from "{name}"')
    columns = [column[0] for column in found.description]
    # Of a relation table by its pair.
    keys = ["id"] if "id" in columns else sorted(columns)
    rows = [dict(zip(columns, map(shown, row))) for row in found.fetchall()]
    tables[name] = sorted(rows, key=lambda row: [row[key] for key in keys])
json.dump(tables, sys.stdout)
