"""Brings an Odoo's tables in a DuckDB file up to the end of its topics, as of now.

Run it again for what has come since: how far each partition is read lies in the same file, written in one
transaction with the rows, so that a run that is interrupted neither loses nor doubles anything.
"""

import json
import os
import re
import sys

import duckdb
import pyarrow as pa
from confluent_kafka import Consumer, KafkaError, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer

rows_per_transaction = 20_000

registry = SchemaRegistryClient({"url": os.environ["REGISTRY"] + "/apis/ccompat/v7"})
deserialize = AvroDeserializer(registry)
consumer = Consumer(
    {
        "bootstrap.servers": os.environ["KAFKA_BROKERS"],
        "group.id": "not-used",
        "enable.auto.commit": False,
        "isolation.level": "read_committed",
        "enable.partition.eof": True,
        # Where what it had not read is gone, it must say so instead of leaving it out.
        "auto.offset.reset": "error",
    }
)
database = duckdb.connect(sys.argv[1])
database.execute("create table if not exists read_until (topic text, part int, next bigint, primary key (topic, part))")


def positions():
    """Where to go on in each partition; a new topic's from its beginning."""
    known = {(topic, part): next for topic, part, next in database.execute("from read_until").fetchall()}
    for topic in consumer.list_topics().topics.values():
        if re.fullmatch(os.environ["TOPICS"], topic.topic):
            for part in topic.partitions:
                lowest, _ = consumer.get_watermark_offsets(TopicPartition(topic.topic, part))
                yield TopicPartition(topic.topic, part, known.get((topic.topic, part), lowest))


def columns_of(value):
    """Name and type of each column of the row, from the schema that the record was written with."""
    schema = json.loads(registry.get_schema(int.from_bytes(value[1:5], "big")).schema_str)
    row = next(field["type"][1] for field in schema["fields"] if field["name"] == "before")
    return {field["name"]: types_of(field["type"][1]) for field in row["fields"]}


def types_of(avro):
    """Of an Avro type, the one in Arrow and the one in DuckDB."""
    match avro:
        case {"connect.name": "io.debezium.data.Json"}:
            return pa.string(), "json"
        case {"logicalType": "decimal", "precision": precision, "scale": scale}:
            return pa.decimal128(precision, scale), f"decimal({precision}, {scale})"
        case {"logicalType": "date"}:
            return pa.date32(), "date"
        case {"logicalType": "timestamp-micros"}:
            return pa.timestamp("us"), "timestamp"
    return {
        "int": (pa.int32(), "integer"),
        "long": (pa.int64(), "bigint"),
        "double": (pa.float64(), "double"),
        "boolean": (pa.bool_(), "boolean"),
        "string": (pa.string(), "text"),
        "bytes": (pa.binary(), "blob"),
    }[avro]


def write(changes):
    """The last state of each record; a table and its columns are made when they are first seen."""
    for (table, key), records in changes.items():
        changed = [change for change in records.values() if change["op"] != "d"]
        gone = [list(ids) for ids, change in records.items() if change["op"] == "d"]
        key_columns = ", ".join(f'"{name}" bigint' for name in key)
        primary_key = ", ".join(f'"{name}"' for name in key)
        is_gone = " and ".join(f'"{name}" = ?' for name in key)
        columns = {name: types for change in changed for name, types in columns_by_schema[change["schema"]].items()}
        database.execute(f'create table if not exists "{table}" ({key_columns}, primary key ({primary_key}))')
        for name, (_, type) in columns.items():
            database.execute(f'alter table "{table}" add column if not exists "{name}" {type}')
        if gone:
            database.executemany(f'delete from "{table}" where {is_gone}', gone)
        if changed:
            schema = pa.schema([(name, arrow) for name, (arrow, _) in columns.items()])
            rows = pa.Table.from_pylist([change["after"] for change in changed], schema)
            database.execute(f'insert or replace into "{table}" by name from rows')


columns_by_schema = {}
unread = list(positions())
consumer.assign(unread)
open_partitions = {(each.topic, each.partition) for each in unread}
while open_partitions:
    changes, read = {}, 0
    while open_partitions and read < rows_per_transaction:
        message = consumer.poll()
        if message.error() is not None:
            if message.error().code() != KafkaError._PARTITION_EOF:
                raise RuntimeError(message.error().str())
            open_partitions.discard((message.topic(), message.partition()))
        elif message.value() is not None:  # else a tombstone: it follows a delete
            schema = message.value()[:5]
            if schema not in columns_by_schema:
                columns_by_schema[schema] = columns_of(message.value())
            change = deserialize(message.value(), None)
            key = deserialize(message.key(), None)  # {"id": …}, of a relation table its two columns
            records = changes.setdefault((change["source"]["table"], tuple(key)), {})
            records[tuple(key.values())] = {**change, "schema": schema}
            read += 1
    database.begin()
    write(changes)
    next_offsets = [[each.topic, each.partition, each.offset] for each in consumer.position(unread) if each.offset >= 0]
    if next_offsets:
        database.executemany("insert or replace into read_until values (?, ?, ?)", next_offsets)
    database.commit()
    print(f"{read} changes", flush=True)
consumer.close()
