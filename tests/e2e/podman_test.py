"""A container of Podman fails its health check, then gives up: facts that come and go. Stopped by hand, it is none."""
import scenario
from daemon import Daemon, fast_config
from podman import PodmanEngine
from processes import eventually
from rotation_kill_test import OTHERS

SICK, DYING = "sick", "dying"  # files that the container sees in /told
OFF = [name for name in [*OTHERS, "request_rate"] if name != "container_count_unhealthy"]
ATTEMPTS = 1


class Engine(PodmanEngine):
    host = {**PodmanEngine.host, "RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": ATTEMPTS}}
    more = {"Healthcheck": {"Test": ["CMD-SHELL", f"test ! -e /told/{SICK} || {{ echo feeling sick; false; }}"],
                            "Interval": 10**9, "Timeout": 5 * 10**9, "Retries": 1}}

    def __init__(self, folder):
        self.told = folder / "told"
        self.told.mkdir()
        self.host = {**self.host, "Binds": [f"{self.told}:/told"]}
        super().__init__(folder, "sh", "-c",
                         f"rm -f /told/{DYING}; while test ! -e /told/{DYING}; do sleep 0.2; done; exit 3")

    def give_up(self) -> None:
        for restarts in range(ATTEMPTS + 1):
            eventually("it runs", lambda: self.state() == ("running", restarts))
            (self.told / DYING).touch()
        eventually("Podman gives up", lambda: self.state() == ("exited", ATTEMPTS))

    def state(self) -> tuple[str, int]:
        seen = self.inspect()
        return seen["State"]["Status"], seen["RestartCount"]


class PodmanFacts(scenario.EndToEnd):
    def setUp(self) -> None:
        super().setUp()
        self.engine = Engine(self.folder)
        self.stack.callback(self.engine.close)
        self.processes.append(self.engine.service)
        sources = (f"  docker: {{socket: '{self.engine.socket}'}}\n"
                   "  host: {filesystem: {enabled: false}}")
        self.daemon = self.own(Daemon(self.folder, lambda port: fast_config(self.folder, port, sources, off=OFF)))

    def facts(self, state: str = "open") -> list[tuple[str, str, str]]:
        """The newest first."""
        return [(a["fact"], a["object"], a["severity"]) for a in self.daemon.anomalies() if a["state"] == state]

    def bad(self) -> float | None:
        return self.daemon.sample("aiops_feature_value", feature="container_count_unhealthy")

    def assert_comes(self, fact: str, severity: str) -> None:
        eventually(fact, lambda: self.facts() == [(fact, self.engine.container, severity)])
        eventually("it is counted", lambda: self.bad() == 1)

    def assert_goes(self) -> None:
        eventually("all is well", lambda: self.facts() == [] and self.bad() == 0)

    def test_facts_of_its_containers(self) -> None:
        self.assertEqual(self.engine.check_health(), "healthy")
        self.assert_goes()
        self.assertEqual(self.daemon.sample("aiops_collector_up", collector="docker"), 1)
        (self.engine.told / SICK).touch()
        eventually("its check fails", lambda: self.engine.check_health() == "unhealthy")
        self.assert_comes("container_unhealthy", "warning")
        (self.engine.told / SICK).unlink()
        eventually("its check succeeds", lambda: self.engine.check_health() == "healthy")
        self.assert_goes()
        self.engine.give_up()
        self.assert_comes("container_down", "critical")
        self.engine.repair()
        self.assert_goes()
        self.stop_by_hand()
        self.assertEqual(self.facts("closed"), [("container_down", self.engine.container, "critical"),
                                                ("container_unhealthy", self.engine.container, "warning")])

    def stop_by_hand(self) -> None:
        """It is killed, as it does not end when asked, and Podman tells of no stop."""
        self.engine.stop()
        self.assertEqual(self.engine.inspect()["State"]["ExitCode"], 137)
        rounds = self.daemon.sample("aiops_rounds_total")
        eventually("it is judged", lambda: self.daemon.sample("aiops_rounds_total") > rounds + 2)
        self.assertEqual((self.facts(), self.bad()), ([], 0))
