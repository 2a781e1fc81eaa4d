"""kill -9 at random moments while Nginx's logs are rotated three times a second: nothing lost, nothing doubled.

Renamed, or copied and truncated; numbered or dated; compressed at once, later or not at all. The truth is what Nginx
wrote. The seed is printed; AIOPS_SEED repeats it, AIOPS_ROTATIONS and AIOPS_KILLS make a longer run.
"""
import collections
import gzip
import http.client
import os
import pathlib
import random
import threading
import time

import counts
import scenario
from daemon import Daemon, fast_config
from peers import Nginx
from processes import eventually

INTERVAL = 2
ROTATIONS = int(os.environ.get("AIOPS_ROTATIONS", 200))
KILLS = int(os.environ.get("AIOPS_KILLS", 30))
ROTATION_EVERY = 1 / 3
KEPT = 90  # rotated files of a log: half a minute of them and more
OTHERS = ["error_rate_4xx", "error_rate_5xx", "unique_ips_per_min", "avg_response_size", "cpu_percent",
          "memory_percent", "disk_io", "network_rx", "network_tx", "container_count_unhealthy"]


class Series:
    """A log of Nginx and its rotated files, numbered or dated, as logrotate makes them."""

    def __init__(self, nginx: Nginx, path: pathlib.Path, dated: bool, randomness: random.Random):
        self.nginx, self.path, self.dated, self.random = nginx, path, dated, randomness
        self.rotated: list[pathlib.Path] = []  # newest first
        self.dropped = collections.Counter()  # requests of those that are gone
        self.number = 0
        self.due: list = []  # steps of the rotation that is under way

    def logged(self) -> collections.Counter:
        return self.dropped + counts.logged([self.path, *self.rotated], INTERVAL)

    def step(self) -> None:
        if self.due and self.random.random() < 0.1:
            self.due.pop(0)()

    def finish(self) -> None:
        while self.due:
            self.due.pop(0)()

    def rotate(self) -> None:
        self.finish()
        newest = self._make_room()
        if self.random.random() < 0.5:
            self.path.rename(newest)
            self.due.append(self._reopen)  # some lines go on to the old file
        else:
            with self.nginx.held():  # what comes between copy and truncation would be in no file that stays
                newest.write_bytes(self.path.read_bytes())
                os.truncate(self.path, 0)
        self.rotated.insert(0, newest)
        which = self.random.choice([0, 1, None])  # at once, delayed, or not at all
        if which is not None and which < len(self.rotated) and self.rotated[which].suffix != ".gz":
            self._compress(which)

    def _make_room(self) -> pathlib.Path:
        """The name of the newest rotated file, after all others were shifted."""
        for path in self.rotated[KEPT:]:
            self.dropped += counts.logged([path], INTERVAL)
            path.unlink()
        del self.rotated[KEPT:]
        self.number += 1
        if self.dated:
            return self.path.with_name(f"{self.path.name}-{20261100 + self.number}")
        for index in range(len(self.rotated), 0, -1):
            old = self.rotated[index - 1]
            suffix = ".gz" if old.suffix == ".gz" else ""
            self.rotated[index - 1] = old.rename(self.path.with_name(f"{self.path.name}.{index + 1}{suffix}"))
        return self.path.with_name(f"{self.path.name}.1")

    def _reopen(self) -> None:
        self.nginx.reopen()
        eventually("Nginx has a new log", lambda: self.nginx.writes_to(self.path), pause=0.002)

    def _compress(self, index: int) -> None:
        original = self.rotated[index]
        compressed = original.with_name(original.name + ".gz")

        def begin() -> None:
            compressed.write_bytes(gzip.compress(original.read_bytes())[:100])

        def end() -> None:
            compressed.write_bytes(gzip.compress(original.read_bytes()))
            status = original.stat()
            os.utime(compressed, ns=(status.st_atime_ns, status.st_mtime_ns))
            original.unlink()
            self.rotated[index] = compressed

        self.due += [begin, end]


class Visitor(threading.Thread):
    """Asks all sites in turn, without a pause; once `rotating` is set, rotates one log three times a second."""

    def __init__(self, sites: dict[int, Series]):
        super().__init__()
        self.sites = [(http.client.HTTPConnection("127.0.0.1", port, timeout=60), log) for port, log in sites.items()]
        self.sent = self.rotations = 0
        self.rotating, self.ended = threading.Event(), threading.Event()

    def run(self) -> None:
        due = 0.0
        while not self.ended.is_set():
            for connection, log in self.sites:
                connection.request("GET", f"/ok?{self.sent}")
                connection.getresponse().read()
                self.sent += 1
                log.step()
            if self.rotating.is_set() and time.monotonic() > due:
                due = time.monotonic() + ROTATION_EVERY
                self.sites[self.rotations % len(self.sites)][1].rotate()
                self.rotations += 1
            time.sleep(0.002)
        for connection, log in self.sites:
            log.finish()
            connection.close()


class RotationKill(scenario.EndToEnd):
    maxDiff = None  # which intervals are wrong is what tells why

    def setUp(self) -> None:
        super().setUp()
        seed = int(os.environ.get("AIOPS_SEED", time.time_ns() % 10**6))
        print(f"AIOPS_SEED={seed}", flush=True)
        self.random = random.Random(seed)
        self.nginx = self.own(Nginx(self.folder))
        self.shop = Series(self.nginx, self.nginx.shop_log, False, random.Random(seed + 1))
        self.blog = Series(self.nginx, self.nginx.blog_log, True, random.Random(seed + 2))
        sources = (f"  nginx: {{logs: ['{self.shop.path}', '{self.blog.path}'], start: beginning, grace: 1s}}\n"
                   "  host: {filesystem: {enabled: false}}")
        self.daemon = self.own(Daemon(self.folder, lambda port: fast_config(
            self.folder, port, sources, [], OTHERS, interval=INTERVAL)))

    def test_every_interval_has_the_requests_that_nginx_wrote(self) -> None:
        visitor = Visitor({self.nginx.port: self.shop, self.nginx.blog_port: self.blog})
        self.stack.callback(visitor.ended.set)
        visitor.start()
        # What is rotated before the first commit is never read.
        eventually("the first sample is stored", lambda: counts.stored(self.daemon.database, INTERVAL))
        visitor.rotating.set()
        self.kill(visitor)
        visitor.ended.set()
        visitor.join()
        time.sleep(3 * INTERVAL)
        self.assertEqual(self.daemon.stop(), 0)
        truth = self.shop.logged() + self.blog.logged()
        print(f"{visitor.sent} requests, {visitor.rotations} rotations, {KILLS} kills", flush=True)
        self.assertEqual(sum(truth.values()), visitor.sent + 1)  # and the one that waited for Nginx
        stored = collections.Counter(counts.stored(self.daemon.database, INTERVAL))
        unequal = {at: f"{stored[at]}, not {truth[at]}" for at in sorted(stored | truth) if stored[at] != truth[at]}
        self.assertEqual(unequal, {})

    def kill(self, visitor: Visitor) -> None:
        for _ in range(KILLS):
            time.sleep(self.random.uniform(0.1, 1.3 * INTERVAL))
            self.daemon.kill()
            time.sleep(self.random.uniform(0, 0.8))
            self.daemon.start()
        while visitor.rotations < ROTATIONS and visitor.is_alive():
            time.sleep(ROTATION_EVERY)
        self.assertTrue(visitor.is_alive(), "the visitor gave up")
