"""One machine seen twice at once: by the host collector's /proc, and by node_exporter through Prometheus, or what is
asked as Prometheus is."""
import os
import pathlib
import socket
import subprocess
import threading

import scenario
from daemon import Daemon
from peers import NodeExporter, Prometheus, VictoriaMetrics
from processes import eventually, free_port

INTERVAL = 5
ROUNDS = 4
RATE = f"[{INTERVAL}s]"
DEVICES = '{device!~"lo|veth.*|docker.*|br-.*"}'
QUERIES = {
    "cpu_percent": f'100 * (1 - avg(rate(node_cpu_seconds_total{{mode="idle"}}{RATE})))',
    "memory_percent": "100 * (1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes)",
    "disk_io": f'100 * max(rate(node_disk_io_time_seconds_total{{device!~"(z?ram|loop|fd)[0-9]+"}}{RATE}))',
    "network_rx": f"sum(rate(node_network_receive_bytes_total{DEVICES}{RATE}))",
    "network_tx": f"sum(rate(node_network_transmit_bytes_total{DEVICES}{RATE}))",
}
# How far the means of both may be apart, in the feature's unit: their windows differ by up to two scrapes.
SLACK = {"cpu_percent": 15, "memory_percent": 2, "disk_io": 20, "network_rx": 30e3, "network_tx": 30e3}


class HostAndPrometheus(scenario.EndToEnd):
    def open_server(self, jobs: dict[str, int]):
        return Prometheus(self.folder, jobs, free_port())

    def config(self, prometheus: int, listen: int) -> str:
        features = "".join(f"      host_{name}: {{source: host, expr: {name}}}\n"
                           f"      prom_{name}: {{source: prometheus, expr: '{query}'}}\n"
                           for name, query in QUERIES.items())
        return f"""
web: {{listen_address: "127.0.0.1:{listen}"}}
store: {{path: "{self.folder}/data/aiops.db"}}
collect:
  interval: {INTERVAL}s
  host: {{procfs: '{self.procfs()}'}}
  prometheus: {{url: 'http://127.0.0.1:{prometheus}', scrape_interval: 1s}}
detect: {{interval: {INTERVAL}s, boot_grace: 0s}}
scopes:
  both:
    features:
{features}
  device:
    entity_labels: [device]
    features:
      received: {{source: prometheus, expr: 'rate(node_network_receive_bytes_total{RATE})'}}
"""

    def procfs(self) -> pathlib.Path:
        """/proc as it is, but the daemon takes itself for the first process: for one of this namespace."""
        root = self.folder / "proc"
        root.mkdir()
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit():
                (root / entry.name).symlink_to(entry)
        (root / "1").symlink_to("/proc/self")
        return root

    def load_network(self) -> None:
        """Datagrams to nobody, out of one end of the namespace's pair of devices and into the other."""
        for command in ("addr replace 192.0.2.5/30 dev net0", "neigh replace 192.0.2.6 lladdr 02:00:00:00:00:01 dev net0"):
            subprocess.run(["ip", *command.split()], check=True)
        stopped = threading.Event()
        self.stack.callback(stopped.set)

        def send() -> None:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                for _ in range(60 * 200):
                    if stopped.wait(1 / 200):
                        return
                    sender.sendto(bytes(1200), ("192.0.2.6", 9))

        threading.Thread(target=send, daemon=True).start()

    def test_both_see_the_same(self) -> None:
        exporter = self.own(NodeExporter(self.folder))
        server = self.own(self.open_server({"node": exporter.port}))
        in_namespace = os.environ.get("AIOPS_NETNS") == "1"
        if in_namespace:
            self.load_network()
        self.daemon = self.own(Daemon(self.folder, config=lambda port: self.config(server.port, port)))
        eventually("both have all features", lambda: self.daemon.sample("aiops_coverage_ratio", scope="both") == 1)
        seen = [self.vector()]
        while len(seen) <= ROUNDS:
            seen.append(eventually("another vector", lambda: self.vector(after=seen[-1]["judged_at"])))
        del seen[0]  # half of its window lay before the load
        print(*seen, sep="\n", flush=True)
        for name, slack in SLACK.items():
            host, prom = (sum(v[f"{side}_{name}"] for v in seen) / ROUNDS for side in ("host", "prom"))
            self.assertAlmostEqual(host, prom, delta=slack, msg=name)
        if in_namespace:  # a network feature of nothing would be noticed
            self.assertGreater(min(v["host_network_rx"] for v in seen), 100e3)
        self.assert_exposed(server)

    def assert_exposed(self, server) -> None:
        self.assertEqual(self.daemon.sample("aiops_collector_up", collector="prometheus"), 1)
        for name in QUERIES:
            self.assertIsNotNone(self.daemon.sample("aiops_feature_value", scope="both", feature=f"prom_{name}"), name)
        devices = [labels["device"] for labels, _ in server.query("node_network_receive_bytes_total")]
        self.assertGreater(len(devices), 0)
        for device in devices:
            received = self.daemon.sample("aiops_feature_value", scope="device", entity=device, feature="received")
            self.assertIsNotNone(received, device)

    def vector(self, after: str = "") -> dict | None:
        entity = next(e for e in self.daemon.status()["entities"] if e["scope"] == "both")
        values = {f["feature"]: f["value"] for f in entity["features"]}
        if entity["judged_at"] == after or None in values.values():
            return None
        return {"judged_at": entity["judged_at"], **values}


class HostAndPrometheus3(HostAndPrometheus):
    def open_server(self, jobs: dict[str, int]):
        return Prometheus(self.folder, jobs, free_port(), "prometheus-3")


class HostAndVictoriaMetrics(HostAndPrometheus):
    def open_server(self, jobs: dict[str, int]):
        return VictoriaMetrics(self.folder, jobs, free_port())
