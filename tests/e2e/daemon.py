"""The daemon under test: real binary, a configuration made for the test, rounds in seconds."""
import pathlib
import re

from processes import BUILD, Process, free_port, get, get_json, post

# Seconds instead of minutes; processor, memory and disks belong to whatever else this machine does, so they
# must move by more than a busy machine can make them move.
FAST = """
web: {{listen_address: "127.0.0.1:{port}"}}
store: {{path: "{folder}/data/aiops.db"}}
collect:
  interval: {interval}s
  deadline: {deadline}ms
  entity: nas
{collect}
detect:
  interval: 2s
  warmup_samples: 15
  boot_grace: 0s
{detect}
{notify}
scopes:
  server:
    interval: {interval}s
    features:
      request_rate: {{min_deviation: 4}}
      unique_ips_per_min: {{min_deviation: 8}}
      cpu_percent: {{min_deviation: 99}}
      memory_percent: {{min_deviation: 40}}
      disk_io: {{min_deviation: 99}}
      network_rx: {{min_deviation: 1000000}}
      network_tx: {{min_deviation: 1000000}}
{features}
"""


def fast_config(folder: pathlib.Path, port: int, sources: str, alertmanagers: list[str] = (), off: list[str] = (),
                detect: str = "", interval: int = 1) -> str:
    """`sources`: lines of the section collect; `alertmanagers`: URLs; `off`: features that nobody measures.

    `interval`: seconds, 1 or 2.
    """
    notify = (f"notify: {{alertmanager: {{urls: {list(alertmanagers)}, resend_interval: 2s}}}}"
              if alertmanagers else "")
    features = "".join(f"      {name}: {{enabled: false}}\n" for name in off)
    text = FAST.format(port=port, folder=folder, collect=sources, detect=detect, notify=notify, features=features,
                       interval=interval, deadline=1000 * interval - 200)
    for name in off:  # a feature is either tuned or off
        text = re.sub(rf"^      {name}: {{min_deviation.*\n", "", text, flags=re.MULTILINE)
    return text


class Daemon(Process):
    """`config` makes its configuration, given the port to listen on. start() again after kill() or stop()."""

    def __init__(self, folder: pathlib.Path, config):
        self.folder, self.port = folder, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.database = folder / "data" / "aiops.db"
        self.config = folder / "aiops.yml"
        self.config.write_text(config(self.port))
        self.start()

    def start(self, *flags: str) -> None:
        super().__init__("aiops_exporter", self.folder, BUILD / "aiops_exporter", f"--config.file={self.config}", *flags)
        self.await_http(f"{self.url}/-/healthy")

    def status(self) -> dict:
        return get_json(f"{self.url}/status")

    def anomalies(self) -> list[dict]:
        return get_json(f"{self.url}/anomalies?hours=24")["anomalies"]

    def anomaly(self, number: int) -> dict:
        return get_json(f"{self.url}/anomalies/{number}")

    def metrics(self, openmetrics: bool = False) -> str:
        accept = "application/openmetrics-text; version=1.0.0" if openmetrics else "text/plain"
        return get(f"{self.url}/metrics", {"Accept": accept})

    def sample(self, name: str, **labels: str) -> float | None:
        """The value of the one series of the daemon's own exposition that has these labels."""
        for line in self.metrics().splitlines():
            if line.startswith(name + "{") or line.startswith(name + " "):
                if all(f'{label}="{value}"' in line for label, value in labels.items()):
                    return float(line.rsplit(" ", 1)[1])
        return None

    def command(self, path: str, body: str = "") -> tuple[int, dict]:
        return post(self.url + path, body)
