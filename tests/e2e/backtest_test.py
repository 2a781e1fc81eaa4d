"""A history with one incident in a real Prometheus or VictoriaMetrics, and what `aiopsctl backtest` makes of it."""
import json
import math
import os
import random
import subprocess
import time

import scenario
from peers import Prometheus, VictoriaMetrics
from processes import BUILD, free_port

MINUTE, DAY = 60, 86400
DAYS = 8
JUDGED = 36 * 60 * MINUTE  # the last day and a half
INCIDENT = 20 * MINUTE
NOISE = 4  # warnings about nothing that three days of entities may have
CONFIG = """
timezone: UTC
collect: {prometheus: {url: 'http://127.0.0.1:%d', scrape_interval: 1m}}
%s
scopes:
  web:
    entity_labels: [host]
    features:
      cpu: {source: prometheus, expr: 'avg by (host) (avg_over_time(shop_cpu[$window]))', unit: '%%', direction: up}
      requests: {source: prometheus, expr: shop_requests, unit: requests/s}
      latency: {source: prometheus, expr: shop_latency, unit: s, direction: up}
"""


def series(now: int, incident: int) -> str:
    """Three features of two hosts that breathe with the day; `shop` has the incident."""
    random.seed(7)
    lines: dict[str, list[str]] = {"shop_cpu": [], "shop_requests": [], "shop_latency": []}
    for host in ("shop", "blog"):
        for t in range(now - DAYS * DAY, now + 1, MINUTE):
            day = math.sin(2 * math.pi * (t % DAY) / DAY)
            bad = host == "shop" and incident <= t < incident + INCIDENT
            values = {"shop_cpu": 30 + 10 * day + random.gauss(0, 2) + (55 if bad else 0),
                      "shop_requests": 50 + 20 * day + random.gauss(0, 3) - (45 if bad else 0),
                      "shop_latency": 0.2 + 0.05 * day + random.gauss(0, 0.01) + (1.5 if bad else 0)}
            for name, value in values.items():
                lines[name].append(f'{name}{{host="{host}"}} {max(value, 0):.4f} {t}')
    text = "".join(f"# TYPE {name} gauge\n" + "\n".join(each) + "\n" for name, each in lines.items())
    return text + "# EOF\n"


class Backtest(scenario.EndToEnd):
    server = Prometheus

    def setUp(self) -> None:
        super().setUp()
        self.now = int(time.time()) // MINUTE * MINUTE
        self.incident = self.now - 10 * 60 * MINUTE
        self.prometheus = self.own(self.server(self.folder, {}, free_port(), past=series(self.now, self.incident)))
        self.config = self.folder / "aiops.yml"
        self.config.write_text(CONFIG % (self.prometheus.port, "detect: {sensitivity: low}"))

    def backtest(self, *more) -> subprocess.CompletedProcess:
        return subprocess.run([BUILD / "aiopsctl", "backtest", "--prometheus", "--config", self.config, "--from",
                               str(self.now - JUDGED), "--to", str(self.now), "--pause", "0s", *more], text=True,
                              env={**os.environ, "XDG_CACHE_HOME": str(self.folder / "cache")}, timeout=50,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def test_the_incident_is_found_and_the_rest_is_quiet(self) -> None:
        page = self.folder / "report.html"
        done = self.backtest("--json", "--html", page)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("one at a time", done.stderr)
        report = json.loads(done.stdout)
        print(report["headline"], report["reading"], flush=True)
        began, late = (time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.incident + minutes * MINUTE))
                       for minutes in (0, 5))
        found, others = [], []
        for e in report["episodes"]:
            (found if e["entity"] == "shop" and began <= e["started_at"] <= late else others).append(e)
        self.assertEqual([e["severity"] for e in found], ["critical"], report["episodes"])
        self.assertEqual({c["feature"] for c in found[0]["contributions"]}, {"cpu", "requests", "latency"})
        self.assertLessEqual(len(others), NOISE, others)
        self.assertEqual({e["severity"] for e in others} - {"warning"}, set(), others)
        self.assertLessEqual(report["messages"], len(report["episodes"]) + 1)
        self.assertEqual([e["unknown"] for e in report["entities"]], [0, 0])
        self.assertTrue(all(e["model"]["trusted"] for e in report["entities"]), report["entities"])
        html = page.read_text()
        self.assertIn("<svg", html)
        self.assertNotIn("<script", html)

        again = self.backtest("--compare", self.deaf())
        self.assertEqual(again.returncode, 0, again.stderr)
        print(again.stdout, flush=True)
        self.assertIn(f"Only in A: {len(report['episodes'])}", again.stdout)
        self.assertIn("Only in B: nothing", again.stdout)

        kept = sorted((self.folder / "cache").rglob("*.answer"))
        self.assertEqual(len(kept), report["reading"]["queries"])
        self.prometheus.kill()
        gone = self.backtest()
        self.assertEqual(gone.returncode, 1)
        self.assertIn("is Prometheus running", gone.stderr)

    def deaf(self):
        """A configuration that alerts about nothing."""
        other = self.folder / "deaf.yml"
        without = "[shift, breadth, jump, season, forest, burst, lone]"
        other.write_text(CONFIG % (self.prometheus.port, f"detect: {{calibrated: {{without: {without}}}}}"))
        return other


class BacktestOfVictoriaMetrics(Backtest):
    server = VictoriaMetrics
