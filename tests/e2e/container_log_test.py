"""Lines that a container prints, asked from its engine, while the daemon is killed and the container started again:
nothing lost, nothing doubled. The truth is what the engine says itself.
"""
import collections
import os
import random
import time

import counts
import scenario
from daemon import Daemon, fast_config
from docker import open_engine_that_runs
from podman import PodmanEngine
from processes import eventually
from rotation_kill_test import OTHERS

INTERVAL = 2
KILLS = 6
PRINT = r"""
i=0
while :; do
  echo "10.0.0.$((i % 250)) - - [$(date '+%d/%b/%Y:%H:%M:%S %z')] \"GET /$i HTTP/1.1\" 200 12 \"-\" \"-\""
  i=$((i + 1))
  sleep 0.05
done
"""


class ContainerLog(scenario.EndToEnd):
    maxDiff = None

    def open_engine(self, *command: str):
        return open_engine_that_runs(*command)

    def setUp(self) -> None:
        super().setUp()
        seed = int(os.environ.get("AIOPS_SEED", time.time_ns() % 10**6))
        print(f"AIOPS_SEED={seed}", flush=True)
        self.random = random.Random(seed)
        self.engine = self.open_engine("sh", "-c", PRINT)
        self.stack.callback(self.engine.close)
        sources = (f"  nginx: {{containers: ['{self.engine.container}'], start: beginning, grace: 1s,\n"
                   f"          engine: {{socket: '{self.engine.socket}'}}}}\n"
                   "  host: {filesystem: {enabled: false}}")
        self.daemon = self.own(Daemon(self.folder, lambda port: fast_config(
            self.folder, port, sources, [], OTHERS, interval=INTERVAL)))

    def test_every_interval_has_the_lines_that_the_container_printed(self) -> None:
        eventually("the first lines are stored", lambda: counts.stored(self.daemon.database, INTERVAL))
        for number in range(KILLS):
            time.sleep(self.random.uniform(0.1, 2 * INTERVAL))
            self.daemon.kill()
            if number == KILLS // 2:
                self.engine.restart()
            time.sleep(self.random.uniform(0, 1.5))
            self.daemon.start()
        self.engine.stop()
        time.sleep(4 * INTERVAL)
        self.assertEqual(self.daemon.stop(), 0)
        truth = counts.of_lines(self.engine.log(), INTERVAL)
        print(f"{sum(truth.values())} lines, {KILLS} kills", flush=True)
        self.assertGreater(sum(truth.values()), 100)
        stored = collections.Counter(counts.stored(self.daemon.database, INTERVAL))
        unequal = {at: f"{stored[at]}, not {truth[at]}" for at in sorted(stored | truth) if stored[at] != truth[at]}
        self.assertEqual(unequal, {})


class PodmanLog(ContainerLog):
    def open_engine(self, *command: str):
        return PodmanEngine(self.folder, *command)
