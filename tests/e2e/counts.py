"""Requests by the end of the interval that holds their time (Unix time): what logs say, and what a database holds."""
import collections
import datetime
import gzip
import pathlib
import re
import sqlite3
import struct

TIME = re.compile(r"\[([^\]]+)\]")


def of_lines(lines, interval: int) -> collections.Counter:
    counts = collections.Counter()
    for line in lines:
        stamp = datetime.datetime.strptime(TIME.search(line).group(1), "%d/%b/%Y:%H:%M:%S %z").timestamp()
        counts[int(stamp) // interval * interval + interval] += 1
    return counts


def logged(logs, interval: int) -> collections.Counter:
    """Of `logs`, which may be compressed."""
    counts = collections.Counter()
    for log in logs:
        text = log.read_bytes()
        counts += of_lines((gzip.decompress(text) if log.suffix == ".gz" else text).decode().splitlines(), interval)
    return counts


def unpack(vector: bytes) -> float | None:
    """The one value of a stored vector (exporter/store/pack.h): its count, its tag, its bytes."""
    tag = vector[1] & 3
    return {0: None, 1: 0.0}[tag] if tag < 2 else struct.unpack("<f" if tag == 2 else "<d", vector[2:])[0]


def stored(database: pathlib.Path, interval: int) -> dict[int, int]:
    """Of the intervals that have any; request_rate must be the only feature."""
    with sqlite3.connect(database) as connection:
        rows = connection.execute("SELECT time, vector FROM samples").fetchall()
    told = {at // 1000: unpack(vector) for at, vector in rows}
    return {at: round(value * interval) for at, value in told.items() if value}
