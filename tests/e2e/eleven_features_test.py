"""One vector of eleven features from Nginx, Prometheus with node_exporter, and containers; and what is seen of it."""
import subprocess
import unittest

import scenario
from daemon import Daemon, fast_config
from docker import open_engine
from peers import Nginx, NodeExporter, Prometheus
from processes import eventually, free_port, get_json, peer

SOURCES = {
    "nginx_log": scenario.NGINX_FEATURES,
    "prometheus": ["cpu_percent", "memory_percent", "disk_io", "network_rx", "network_tx"],
    "docker": ["container_count_unhealthy"],
}


class ElevenFeatures(scenario.EndToEnd):
    def setUp(self) -> None:
        super().setUp()
        self.nginx = self.own(Nginx(self.folder))
        self.exporter = self.own(NodeExporter(self.folder))
        self.engine = open_engine(self.folder)
        self.stack.callback(self.engine.close)
        self.traffic(self.nginx.port)
        port = free_port()
        sources = (f"  nginx: {{logs: ['{self.nginx.shop_log}'], grace: 200ms}}\n"
                   f"  prometheus: {{url: 'http://127.0.0.1:{port}', scrape_interval: 1s}}\n"
                   f"  docker: {{socket: '{self.engine.socket}', ignore: {self.engine.ignore}}}")
        forest = "  mode: plain\n  isolation_forest: {min_samples: 40, n_estimators: 20}"
        self.daemon = self.own(Daemon(self.folder, lambda own: fast_config(self.folder, own, sources, detect=forest)))
        jobs = {"node": self.exporter.port, "aiops": self.daemon.port}
        self.servers = [self.own(Prometheus(self.folder, jobs, port))]
        try:
            self.servers.append(self.own(Prometheus(self.folder, jobs, free_port(), "prometheus-3")))
        except unittest.SkipTest as reason:
            print(f"prometheus-3: {reason}", flush=True)

    def test_vector_verdict_model_and_exposition(self) -> None:
        self.check_vector()
        for server in self.servers:
            with self.subTest(server.name):
                self.check_scrape(server)
        self.check_exposition()
        self.check_model()
        self.check_exposition()

    def features(self) -> list[dict]:
        return self.daemon.status()["entities"][0]["features"]

    def missing(self) -> list[str]:
        missing = [f["feature"] for f in self.features() if f["value"] is None]
        if missing:
            raise ValueError(f"missing: {missing}")
        return missing

    def check_vector(self) -> None:
        eventually("all eleven are there", lambda: self.features() and not self.missing())
        eventually("a round has judged them", lambda: self.daemon.sample("aiops_coverage_ratio") == 1)
        features = self.features()
        self.assertEqual({(f["source"], f["feature"]) for f in features},
                         {(source, name) for source, names in SOURCES.items() for name in names})
        values = {f["feature"]: f["value"] for f in features}
        self.assertAlmostEqual(values["request_rate"], 10, delta=4)
        self.assertIn(values["unique_ips_per_min"], (8, 9))  # with the one that waited for Nginx
        self.assertEqual(values["avg_response_size"], 2000)
        self.assertEqual(values["container_count_unhealthy"], 0)
        self.assertTrue(0 < values["memory_percent"] < 100, values)

    def check_scrape(self, server: Prometheus) -> None:
        eventually("it has the vector", lambda: len(server.query("aiops_feature_value")) == 11)
        self.assertEqual(server.query('up{job="aiops"}')[0][1], 1)
        rate = server.query('aiops_feature_value{feature="request_rate"}')[0]
        self.assertEqual(rate[0]["entity"], "nas")
        states = eventually("a verdict", lambda: server.query("aiops_verdict"))
        self.assertEqual(sum(value for _, value in states), 1)

    def check_exposition(self) -> None:
        text, openmetrics = self.daemon.metrics(), self.daemon.metrics(openmetrics=True)
        self.assertTrue(openmetrics.endswith("# EOF\n"))
        self.check_metrics("promtool", text)
        self.check_metrics("promtool-3", text)
        # It takes OpenMetrics for the text format, in which a counter's family has another name: it only reads it.
        self.check_metrics("promtool-3", openmetrics, "--lint=none", "--extended")

    def check_metrics(self, name: str, exposition: str, *flags: str) -> None:
        with self.subTest(name, flags=flags):
            try:
                program = peer(name)
            except unittest.SkipTest as reason:
                print(f"{name}: {reason}", flush=True)
                return
            done = subprocess.run([program, "check", "metrics", *flags], input=exposition, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            self.assertEqual(done.returncode, 0, done.stdout)
            if not flags:
                self.assertEqual(done.stdout, "")

    def check_model(self) -> None:
        def trained():
            status, answer = self.daemon.command("/train")
            if status == 409 and "missing" in answer:
                self.assertGreater(answer["missing"], 0)
            return status == 202
        eventually("enough samples to train", trained, pause=2)
        eventually("the model judges", lambda: self.daemon.sample("aiops_forest_score"))
        self.assertGreaterEqual(self.daemon.sample("aiops_model_rows"), 40)
        warning = self.daemon.sample("aiops_forest_threshold", severity="warning")
        self.assertLess(warning, self.daemon.sample("aiops_forest_threshold", severity="critical"))
        self.assertTrue(eventually("health tells of it", lambda: get_json(f"{self.daemon.url}/health")["model_loaded"]))

