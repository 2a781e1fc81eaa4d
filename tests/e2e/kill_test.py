"""kill -9 at random moments, over and over, while requests come in and a log is rotated: nothing lost, nothing doubled.

The truth is what Nginx wrote. The seed is printed; AIOPS_SEED repeats a run.
"""
import os
import random
import time

import counts
import scenario
from daemon import Daemon, fast_config
from docker import RecordedEngine
from peers import Alertmanager, Nginx
from processes import eventually

INTERVAL = 2
KILLS = 8


class Kill(scenario.EndToEnd):
    def setUp(self) -> None:
        super().setUp()
        self.random = random.Random(seed := int(os.environ.get("AIOPS_SEED", time.time_ns() % 10**6)))
        print(f"AIOPS_SEED={seed}", flush=True)
        self.nginx = self.own(Nginx(self.folder))
        self.alertmanager = self.own(Alertmanager(self.folder))
        self.engine = RecordedEngine(self.folder)
        self.stack.callback(self.engine.close)
        self.engine.crash()
        sources = (f"  nginx: {{logs: ['{self.nginx.shop_log}'], start: beginning, grace: 1s}}\n"
                   f"  docker: {{socket: '{self.engine.socket}'}}\n"
                   "  host: {filesystem: {enabled: false}}")
        others = ["error_rate_4xx", "error_rate_5xx", "unique_ips_per_min", "avg_response_size", "cpu_percent",
                  "memory_percent", "disk_io", "network_rx", "network_tx", "container_count_unhealthy"]

        def config(port: int) -> str:
            return fast_config(self.folder, port, sources, [self.alertmanager.url], others, interval=INTERVAL)

        self.config = config

    def alert(self) -> tuple | None:
        """Identity and start of the one alert."""
        firing = self.alertmanager.firing()
        self.assertLessEqual(len(firing), 1, firing)
        return (firing[0]["fingerprint"], firing[0]["startsAt"]) if firing else None

    def test_nothing_is_lost_and_nothing_doubled(self) -> None:
        traffic = self.traffic(self.nginx.port, rate=40)
        self.daemon = self.own(Daemon(self.folder, self.config))
        before = eventually("the fact is told", self.alert)
        first = self.daemon.anomalies()
        self.assertEqual(len(first), 1, first)
        for number in range(KILLS):
            time.sleep(self.random.uniform(0.2, 2.5 * INTERVAL))
            self.daemon.kill()
            if number == KILLS // 2:
                self.nginx.rotate()
            time.sleep(self.random.uniform(0, INTERVAL))
            self.daemon.start()
            now = self.daemon.anomalies()
            self.assertEqual([(a["id"], a["started_at"], a["state"]) for a in now],
                             [(a["id"], a["started_at"], "open") for a in first])
            self.assertIn(self.alert(), (before, None))
        traffic.stop()
        self.engine.repair()
        eventually("the episode is closed", lambda: [a["state"] for a in self.daemon.anomalies()] == ["closed"])
        eventually("the alert has ended", lambda: self.alert() is None)
        time.sleep(3 * INTERVAL)
        self.assertEqual(self.daemon.stop(), 0)
        self.check_counts(sum(traffic.sent.values()))

    def check_counts(self, sent: int) -> None:
        truth = counts.logged(self.nginx.shop_log.parent.glob("shop.log*"), INTERVAL)
        self.assertEqual(sum(truth.values()), sent + 1)  # and the one that waited for Nginx
        self.assertEqual(counts.stored(self.daemon.database, INTERVAL), dict(truth))
