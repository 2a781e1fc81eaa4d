#!/usr/bin/env python3
"""day.py: what a day costs the daemon in memory, processor time and bytes written, beside node_exporter.

The Release binary (`scripts/run --build-only`) with the shipped configuration, in four parts:

 1. A day's work: 1440 ticks and 288 rounds, but a tick each second. 4 scrapes a tick, as Prometheus does in a minute,
    and 60 requests a tick through a real Nginx. Then POST /train.
 2. A week's model: the stored samples are copied until there are 10,080 (the daemon is stopped meanwhile), POST /train,
    and again, as a week later.
 3. Real time: the shipped intervals for some minutes, a scrape each 15 s, a request each second. What waits and polls
    between the ticks costs 60 times as much here as in part 1, so the share of a core is taken from here.

Bytes written are write_bytes of /proc/PID/io: the pages that the process made dirty. In part 1 the script has the
database's files written back after each tick, as the kernel does between two real minutes; `--no-write-back` shows
what would be counted without. Not in it: the file system's own journal, and what a disk writes inside.

With more cores glibc gives threads more heaps: GLIBC_TUNABLES=glibc.malloc.arena_max=64 shows the memory on eight.
"""
import argparse
import contextlib
import json
import pathlib
import sqlite3
import sys
import tempfile
import time

from day_table import DAY, table
from procfs import usage, write_back
from shipped import RELEASE, ROOT, ShippedDaemon, say, scrape
from peers import NodeExporter, Nginx, Traffic  # noqa: I001  (shipped.py says where it is)
from processes import eventually, get_json

WEEK = 7 * DAY
ACCELERATED = "collect: {{interval: 1s, nginx: {{logs: ['{log}']}}}}\ndetect: {{interval: 5s}}"
SHIPPED = "collect: {{nginx: {{logs: ['{log}']}}}}"


class Machine:
    """The daemon, node_exporter, an Nginx, and what they used."""

    def __init__(self, stack: contextlib.ExitStack, folder: pathlib.Path, program: pathlib.Path, flush: bool):
        self.stack, self.flush = stack, flush
        self.nginx = self.own(Nginx(folder))
        self.node = self.own(NodeExporter(folder))
        self.daemon = self.own(ShippedDaemon(folder, program, ACCELERATED.format(log=self.nginx.shop_log)))
        self.page_bytes = 0

    def own(self, process):
        self.stack.callback(process.kill)
        return process

    def ticks(self, count: int, name: str) -> None:
        """Each second is a minute: four scrapes, then what the tick wrote goes to the disk."""
        begin = int(time.time()) + 1
        for tick in range(count):
            for quarter in range(4):
                pause = begin + tick + 0.15 + 0.25 * quarter - time.time()
                time.sleep(max(0.0, pause))
                self.scrape()
            if self.flush:
                write_back(*self.daemon.files())
            if (tick + 1) % 60 == 0:
                say(f"{name}: tick {tick + 1} of {count}, RSS {usage(self.daemon.pid).rss / 1e6:.1f} MB")

    def scrape(self) -> None:
        self.page_bytes = scrape(self.daemon.port)
        scrape(self.node.port)

    def real_time(self, minutes: float) -> None:
        end = time.monotonic() + 60 * minutes
        while time.monotonic() < end:
            self.scrape()
            say(f"real time: {(end - time.monotonic()) / 60:.1f} minutes to go")
            time.sleep(15)

    def training(self) -> dict:
        jobs = get_json(f"{self.daemon.url}/status")["jobs"]
        return next(job for job in jobs if job["name"] == "train")

    def train(self) -> None:
        before = self.training()["last_success"]
        status, answer = self.daemon.command("/train")
        if status >= 300:
            raise AssertionError(f"POST /train: {status} {answer}")
        eventually("the training ends", lambda: self.training()["last_success"] != before)
        job = self.training()
        say(f"{job['last_result']} in {job['last_duration_seconds']} s")

    def restart(self, sections: str, between=lambda: None) -> None:
        self.daemon.stop()
        between()
        self.daemon.configure(sections.format(log=self.nginx.shop_log))
        self.daemon.start()


def copy_to_a_week(database: pathlib.Path) -> None:
    """Repeats the stored samples into the past."""
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        rows, first, last = connection.execute("SELECT count(*), min(time), max(time) FROM samples").fetchone()
        span = last - first + 1000
        for copy in range(1, -(-WEEK // rows)):
            connection.execute("INSERT OR IGNORE INTO samples SELECT entity_id, time - ?, schema, flags, vector "
                               "FROM samples WHERE time >= ?", (copy * span, first))


def difference(pid: int, before) -> dict:
    after = usage(pid)
    return {"cpu_seconds": after.cpu - before.cpu, "written_bytes": after.written - before.written,
            "wchar_bytes": after.wchar - before.wchar}


def memory(pid: int) -> dict:
    used = usage(pid)
    return {"rss": used.rss, "peak": used.peak, "anonymous": used.anonymous}


def part_day(machine: Machine, ticks: int, figures: dict) -> None:
    daemon, node = machine.daemon, machine.node
    machine.ticks(2, "first")
    figures["start"] = {"daemon": memory(daemon.pid), "node_exporter": memory(node.pid)}
    traffic = Traffic(machine.nginx.port, rate=60, clients=8, most=10**7)
    before, before_node = usage(daemon.pid), usage(node.pid)
    samples = daemon.ask("SELECT count(*) FROM samples")
    machine.ticks(ticks, "day")
    figures["day"] = {"daemon": memory(daemon.pid) | difference(daemon.pid, before),
                      "node_exporter": memory(node.pid) | difference(node.pid, before_node), "ticks": ticks,
                      "samples": daemon.ask("SELECT count(*) FROM samples") - samples,
                      "judgements": daemon.ask("SELECT count(*) FROM judgements"),
                      "anomalies": daemon.ask("SELECT count(*) FROM anomalies"),
                      "requests": sum(traffic.sent.values()), "page_bytes": machine.page_bytes,
                      "checkpoint_bytes": daemon.ask("SELECT sum(length(value)) FROM checkpoints"),
                      "state_bytes": daemon.ask("SELECT sum(length(value)) FROM state"),
                      "database_bytes": daemon.database.stat().st_size}
    if ticks >= 300:
        machine.train()
        machine.ticks(60, "with a model")
        figures["trained"] = {"daemon": memory(daemon.pid)}
    traffic.stop()


def part_week(machine: Machine, figures: dict) -> None:
    machine.restart(ACCELERATED, lambda: copy_to_a_week(machine.daemon.database))
    machine.ticks(60, "with a week of samples")
    for part in ("week", "again"):
        machine.train()
        machine.ticks(30, "with a week's model")
        figures[part] = {"daemon": memory(machine.daemon.pid)}
    figures["week"] |= {"samples": machine.daemon.ask("SELECT count(*) FROM samples"),
                        "model_bytes": machine.daemon.ask("SELECT max(length(value)) FROM state")}


def part_real_time(machine: Machine, minutes: float, figures: dict) -> None:
    machine.restart(SHIPPED)
    traffic = Traffic(machine.nginx.port, rate=1, clients=8, most=10**6)
    machine.real_time(1)
    daemon, node = machine.daemon.pid, machine.node.pid
    before, before_node, begun = usage(daemon), usage(node), time.monotonic()
    machine.real_time(minutes)
    seconds = time.monotonic() - begun
    figures["real_time"] = {"daemon": memory(daemon) | difference(daemon, before), "seconds": seconds,
                            "node_exporter": memory(node) | difference(node, before_node),
                            "checkpoint_bytes": machine.daemon.ask("SELECT sum(length(value)) FROM checkpoints")}
    for part in (figures["real_time"]["daemon"], figures["real_time"]["node_exporter"]):
        part["share_of_a_core"] = part["cpu_seconds"] / seconds
    traffic.stop()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path, default=RELEASE)
    parser.add_argument("--ticks", type=int, default=DAY, help="fewer for a short try; below 300 nothing is trained")
    parser.add_argument("--minutes", type=float, default=15, help="of real time; 0: none")
    parser.add_argument("--folder", type=pathlib.Path, default=ROOT / "build",
                        help="for the database: on a real disk, because no writes are counted on a tmpfs")
    parser.add_argument("--no-write-back", action="store_true")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    figures: dict = {}
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="day-", dir=options.folder)))
        machine = Machine(stack, folder, options.program.resolve(), not options.no_write_back)
        part_day(machine, options.ticks, figures)
        if options.ticks >= 300:
            part_week(machine, figures)
        if options.minutes:
            part_real_time(machine, options.minutes, figures)
        machine.daemon.stop()
    print(json.dumps(figures, indent=1) if options.json else table(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
