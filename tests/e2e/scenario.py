"""A scenario: the whole chain on real peers, one fault, seen to arrive everywhere and to end, and the same without it.

Each test is a module <name>_test.py with one class of Scenario; run.py runs it.
"""
import contextlib
import pathlib
import tempfile
import time
import unittest

from daemon import Daemon, fast_config
from peers import Alertmanager, Nginx, NodeExporter, Prometheus, Traffic
from processes import eventually, free_port

NGINX_FEATURES = ["request_rate", "error_rate_4xx", "error_rate_5xx", "unique_ips_per_min", "avg_response_size"]


class EndToEnd(unittest.TestCase):
    """A folder of its own, and processes that end with the test; their last lines are shown when it fails."""

    def setUp(self) -> None:
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.folder = pathlib.Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="aiops-e2e-")))
        self.processes = []
        self.addCleanup(self._tell)

    def _tell(self) -> None:
        outcome = self._outcome.result
        if any(case is self for case, _ in outcome.failures + outcome.errors):
            for process in self.processes:
                print(process.tail(), flush=True)

    def own(self, process):
        """Ends it with the test, the newest first."""
        self.processes.append(process)
        self.stack.callback(process.kill)
        return process

    def traffic(self, *arguments, **options) -> Traffic:
        made = Traffic(*arguments, **options)
        self.stack.callback(made.stop)
        return made


class Scenario(EndToEnd):
    """Sub-classes name what is expected and say how the fault is made and undone."""

    alertname = "AiopsAnomaly"
    severity = "warning"
    kind = "learned"
    patience = 60.0  # seconds for the fault to arrive; as long the control must stay quiet
    main_features: set[str] = set()  # the learned anomaly's contributions hold one of these first

    def sources(self) -> str:
        """Lines of the section `collect`."""
        return (f"  nginx: {{logs: ['{self.nginx.folder}/logs/*.log'], grace: 200ms}}\n"
                f"  prometheus: {{url: 'http://127.0.0.1:{self.prometheus_port}', scrape_interval: 1s}}")

    def off(self) -> list[str]:
        return ["container_count_unhealthy"]

    def object(self) -> str | None:
        return None

    def prepare(self) -> None:
        """Before the daemon starts."""

    def fault(self) -> None:
        raise NotImplementedError

    def repair(self) -> None:
        raise NotImplementedError

    # What a test does.

    def start(self) -> None:
        self.nginx = self.own(Nginx(self.folder))
        self.exporter = self.own(NodeExporter(self.folder))
        self.alertmanager = self.own(Alertmanager(self.folder))
        self.traffic(self.nginx.port)
        self.prepare()
        # The daemon first: a Prometheus that had once found it absent would say so.
        self.prometheus_port = free_port()
        self.daemon = self.own(Daemon(self.folder, lambda port: fast_config(
            self.folder, port, self.sources(), [self.alertmanager.url], self.off())))
        self.prometheus = self.own(Prometheus(
            self.folder, {"node": self.exporter.port, "aiops": self.daemon.port}, self.prometheus_port))
        eventually("Prometheus scrapes the daemon", lambda: self.prometheus.query('up{job="aiops"} == 1'))
        eventually("every feature is warm", self.warm)

    def warm(self) -> bool:
        features = self.daemon.status()["entities"][0]["features"]
        return bool(features) and all(f["expected"] is not None for f in features)

    def assert_quiet(self) -> None:
        self.assertEqual(self.daemon.anomalies(), [])
        self.assertEqual(self.alertmanager.firing(), [])
        self.assertEqual(self.prometheus.query('max_over_time(aiops_verdict{verdict=~"warning|critical"}[10m]) > 0'), [])

    def alert(self) -> list[dict]:
        return [a for a in self.alertmanager.firing() if a["labels"]["alertname"] == self.alertname]

    def assert_arrived(self) -> None:
        alert = eventually(f"{self.alertname} at Alertmanager", self.alert, self.patience)[0]
        self.assertEqual(alert["labels"]["severity"], self.severity)
        self.assertEqual(alert["labels"]["kind"], self.kind)
        self.assertEqual(alert["labels"]["entity"], "nas")
        self.assertEqual(alert["labels"].get("object"), self.object())
        self.assertTrue(alert["annotations"]["summary"])
        verdict = f'aiops_verdict{{entity="nas",scope="server",verdict="{self.severity}"}} == 1'
        eventually("Prometheus sees the verdict", lambda: self.prometheus.query(verdict))
        self.assertTrue(self.prometheus.query('up{job="aiops"} == 1'))
        own = [a for a in self.daemon.anomalies() if a["kind"] == self.kind and a["object"] == self.object()]
        self.assertEqual([(a["severity"], a["state"]) for a in own], [(self.severity, "open")], self.daemon.anomalies())
        if self.main_features:
            self.assertIn(own[0]["contributions"][0]["feature"], self.main_features)

    def assert_ended(self) -> None:
        eventually("the alert ends at Alertmanager", lambda: self.alertmanager.firing() == [] or None)
        ended = eventually("the anomaly is closed", lambda: [
            a for a in self.daemon.anomalies() if a["kind"] == self.kind and a["state"] == "closed"])
        self.assertEqual(len(ended), 1, ended)
        self.assertIsNotNone(ended[0]["ended_at"])
        eventually("Prometheus sees the end", lambda: self.prometheus.query(
            'aiops_verdict{entity="nas",verdict=~"normal|log_only"} == 1'))

    def test_fault_arrives_and_ends(self) -> None:
        self.start()
        self.assert_quiet()
        begun = time.monotonic()
        self.fault()
        self.assert_arrived()
        print(f"arrived within {time.monotonic() - begun:.0f} s of the fault", flush=True)
        self.repair()
        self.assert_ended()

    def test_control_without_fault_stays_quiet(self) -> None:
        self.start()
        time.sleep(self.patience)
        self.assert_quiet()

