"""A first start beside a Prometheus that remembers eight days: minutes later a model of all of them judges."""
import json
import math
import subprocess
import time

import scenario
from daemon import Daemon
from peers import Prometheus
from processes import BUILD, eventually, free_port, get_json, peer

DAYS = 8
STEP = 60
AHEAD = 1800  # seconds that the blocks reach into the future: nothing is scraped


def machine(moment: int) -> dict[str, float]:
    """Busy by day, with a little of a jitter that is the same in every run."""
    day = math.sin(2 * math.pi * (moment % 86400) / 86400)
    jitter = (moment // STEP * 7919 % 101) / 101 - 0.5
    return {"cpu": 0.3 + 0.1 * day + 0.04 * jitter, "memory": 4e9 + 5e8 * day + 1e8 * jitter,
            "disk": 0.1 + 0.05 * day + 0.02 * jitter, "rx": 2e6 + 5e5 * day + 2e5 * jitter,
            "tx": 1e6 + 3e5 * day + 1e5 * jitter}


def remembered(begin: int, end: int) -> str:
    """node_exporter's series in OpenMetrics, every STEP seconds."""
    series: dict[str, list[str]] = {}
    sums = {"cpu": 0.0, "disk": 0.0, "rx": 0.0, "tx": 0.0}
    for moment in range(begin, end, STEP):
        now = machine(moment)
        for name in sums:
            sums[name] += now[name] * STEP
        for name, value in {
            'node_cpu_seconds_total{cpu="0",mode="idle"}': (moment - begin) - sums["cpu"],
            "node_memory_MemAvailable_bytes": now["memory"],
            "node_memory_MemTotal_bytes": 8e9,
            'node_disk_io_time_seconds_total{device="sda"}': sums["disk"],
            'node_network_receive_bytes_total{device="eth0"}': sums["rx"],
            'node_network_transmit_bytes_total{device="eth0"}': sums["tx"],
        }.items():
            series.setdefault(name, []).append(f"{name} {value:.6f} {moment}")
    return "\n".join(line for lines in series.values() for line in lines) + "\n# EOF\n"


class ColdStart(scenario.EndToEnd):
    def config(self, listen: int) -> str:
        return f"""
web: {{listen_address: "127.0.0.1:{listen}"}}
store: {{path: "{self.folder}/data/aiops.db"}}
timezone: UTC
collect:
  entity: nas
  prometheus: {{url: 'http://127.0.0.1:{self.port}', scrape_interval: {STEP}s}}
  nginx: {{logs: ['{self.folder}/access.log']}}
detect: {{interval: 1m, boot_grace: 0s}}
scopes:
  server:
    features:
      container_count_unhealthy: {{enabled: false}}
"""

    def remember(self) -> None:
        now = int(time.time()) // STEP * STEP
        text = self.folder / "remembered.txt"
        text.write_text(remembered(now - DAYS * 86400, now + AHEAD))
        subprocess.run([peer("promtool"), "tsdb", "create-blocks-from", "--max-block-duration=240h", "openmetrics", "--quiet", text,
                        self.folder / "prometheus"], check=True)

    def history(self) -> str:
        return next((check["detail"] for check in self.daemon.status()["checklist"] if check["source"] == "history"), "")

    def test_a_first_start_has_a_trusted_model_at_once(self) -> None:
        self.remember()
        (self.folder / "access.log").write_text("")  # there, but nothing is in it
        self.port = free_port()
        self.own(Prometheus(self.folder, {}, self.port))
        begun = time.monotonic()
        self.daemon = self.own(Daemon(self.folder, self.config))
        eventually("the history is read", lambda: self.history().startswith("learned from"))
        eventually("a model", lambda: get_json(f"{self.daemon.url}/health")["model_loaded"])
        print(f"{self.history()}; a model after {time.monotonic() - begun:.0f} s", flush=True)
        self.assertRegex(self.history(), r"learned from (7\.9|8\.0) days of history: \d+ samples, 5 of 10 features")
        code, answer = self.daemon.command("/run")
        self.assertEqual(code, 200, answer)
        judged = self.daemon.status()["entities"][0]
        self.assertEqual(judged["verdict"], "normal", judged)
        self.assertTrue(judged["model"]["trusted"], judged["model"])
        self.assertGreater(judged["model"]["rows"], 6 * 86400 / STEP)
        self.assertEqual(self.daemon.anomalies(), [])
        # Another process has all of it, and reads nothing again.
        samples = self.daemon.status()["store"]["samples"]
        self.daemon.kill()
        self.daemon.start()
        self.assertTrue(get_json(f"{self.daemon.url}/health")["model_loaded"])
        self.assertLess(self.daemon.status()["store"]["samples"], samples + 10)
        self.assertIn("learned from", self.history())
        self.go_back()

    def models(self) -> list[tuple[int, str, str]]:
        listed = json.loads(self.ctl("model", "list", "--json"))["models"]
        return [(model["id"], model["state"], model["why"]) for model in listed]

    def ctl(self, *words: str) -> str:
        return subprocess.run([BUILD / "aiopsctl", *words, "--web.url", self.daemon.url], check=True, text=True,
                              stdout=subprocess.PIPE).stdout

    def go_back(self) -> None:
        first = self.models()[-1]
        self.assertEqual(first[1:], ("in_use", "history was read"))
        self.ctl("train")
        eventually("the second model", lambda: self.models()[0][1:] == ("in_use", "command"))
        second = self.models()[0][0]
        told = self.ctl("model", "rollback", "nas", "--why", "the first was better")
        self.assertIn(f"Model {first[0]} of nas", told)
        self.assertIn(f"instead of {second}", told)
        self.daemon.kill()
        self.daemon.start()
        self.assertEqual([model[:2] for model in self.models()], [(second, "earlier"), (first[0], "in_use")])
        self.assertEqual(self.daemon.command("/run")[0], 200)
        self.assertEqual(self.daemon.status()["entities"][0]["verdict"], "normal")
        self.assertIn("rollback", self.ctl("audit"))
