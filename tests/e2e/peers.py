"""Real peers as private processes: Nginx and its traffic, node_exporter, Prometheus, VictoriaMetrics, Alertmanager."""
import contextlib
import http.client
import json
import os
import pathlib
import signal
import subprocess
import threading
import time
import urllib.parse
import urllib.request

from processes import Process, eventually, free_port, get, get_json, peer


class Nginx(Process):
    """Two sites, a port and an access log each: `shop` for the traffic, `blog` that few people visit.

    /ok answers 200, /fail 503. `blog` answers with what `break_blog` says.
    """

    death = signal.SIGTERM  # a master that is killed leaves its workers

    def __init__(self, folder: pathlib.Path):
        self.folder = folder / "nginx"
        (self.folder / "logs").mkdir(parents=True)
        self.port, self.blog_port = free_port(), free_port()
        self.shop_log, self.blog_log = self.folder / "logs" / "shop.log", self.folder / "logs" / "blog.log"
        self._configure(blog_status=200)
        super().__init__("nginx", folder, peer("nginx"), "-p", self.folder, "-c", self.folder / "nginx.conf",
                         "-e", self.folder / "error.log")
        self.await_http(f"http://127.0.0.1:{self.port}/ok")

    def _configure(self, blog_status: int) -> None:
        body = "x" * 2000
        temporary = "\n".join(f"  {kind}_temp_path {self.folder}/tmp_{kind};"
                              for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        user = "user root;" if os.geteuid() == 0 else ""  # another one could not reopen a log in a private folder
        (self.folder / "nginx.conf").write_text(f"""
daemon off;
{user}
master_process on;
worker_processes 1;
pid {self.folder}/nginx.pid;
error_log {self.folder}/error.log warn;
events {{ worker_connections 256; }}
http {{
{temporary}
  server {{
    listen 127.0.0.1:{self.port};
    access_log {self.shop_log} combined;
    location /ok {{ return 200 "{body}"; }}
    location /fail {{ return 503 "down"; }}
  }}
  server {{
    listen 127.0.0.1:{self.blog_port};
    access_log {self.blog_log} combined;
    location / {{ return {blog_status} "{body}"; }}
  }}
}}
""")

    def rotate(self) -> None:
        """As logrotate does: the log gets another name, and Nginx is told to open a new one."""
        self.shop_log.rename(self.shop_log.with_name("shop.log.1"))
        self.reopen()

    def reopen(self) -> None:
        self.child.send_signal(signal.SIGUSR1)

    @property
    def worker(self) -> int:
        return int(pathlib.Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text())

    def writes_to(self, log: pathlib.Path) -> bool:
        """Whether the worker has the file open that bears this name now."""
        descriptors = pathlib.Path(f"/proc/{self.worker}/fd")
        return str(log) in {os.readlink(descriptor) for descriptor in descriptors.iterdir()}

    @contextlib.contextmanager
    def held(self):
        """The worker stands still meanwhile."""
        worker = self.worker
        os.kill(worker, signal.SIGSTOP)
        try:
            eventually("the worker stands still", lambda: pathlib.Path(
                f"/proc/{worker}/stat").read_text().rsplit(")", 1)[1].split()[0] == "T", pause=0.001)
            yield
        finally:
            os.kill(worker, signal.SIGCONT)

    def break_blog(self, broken: bool) -> None:
        self._configure(503 if broken else 200)
        self.child.send_signal(signal.SIGHUP)


class NodeExporter(Process):
    def __init__(self, folder: pathlib.Path):
        self.port = free_port()
        super().__init__("node_exporter", folder, peer("node_exporter"), f"--web.listen-address=127.0.0.1:{self.port}",
                         "--log.level=error", "--no-collector.systemd", "--no-collector.textfile")
        self.await_http(f"http://127.0.0.1:{self.port}/metrics")


class _Prometheus(Process):
    """Anything that scrapes and answers as Prometheus does.

    It scrapes `jobs` (name -> port) every second; the job `aiops` honours labels as the README says.
    `past`: OpenMetrics with timestamps in whole seconds, which it holds before anything asks.
    """

    def _configure(self, folder: pathlib.Path, name: str, jobs: dict[str, int], port: int) -> pathlib.Path:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        scrapes = [{"job_name": job, "honor_labels": job == "aiops",
                    "static_configs": [{"targets": [f"127.0.0.1:{target}"]}]} for job, target in jobs.items()]
        config = folder / f"{name}.yml"
        # JSON is YAML.
        config.write_text(json.dumps({"global": {"scrape_interval": "1s", "scrape_timeout": "1s"},
                                      "scrape_configs": scrapes}))
        return config

    def query(self, expression: str) -> list[tuple[dict, float]]:
        """Labels and value of every series of an instant query."""
        answer = get_json(f"{self.url}/api/v1/query?query={urllib.parse.quote(expression)}")
        return [(series["metric"], float(series["value"][1])) for series in answer["data"]["result"]]


class Prometheus(_Prometheus):
    """`name`: "prometheus", or "prometheus-3"."""

    def __init__(self, folder: pathlib.Path, jobs: dict[str, int], port: int, name: str = "prometheus",
                 past: str = ""):
        if past:
            (folder / "past.txt").write_text(past)
            subprocess.run([peer("promtool"), "tsdb", "create-blocks-from", "openmetrics",
                            "--max-block-duration=192h", folder / "past.txt", folder / name], check=True, stdout=subprocess.DEVNULL)
        config = self._configure(folder, name, jobs, port)
        super().__init__(name, folder, peer(name), f"--config.file={config}", f"--storage.tsdb.path={folder}/{name}",
                         f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=warn",
                         "--storage.tsdb.retention.time=90d")
        self.await_http(f"{self.url}/-/ready")


class VictoriaMetrics(_Prometheus):
    def __init__(self, folder: pathlib.Path, jobs: dict[str, int], port: int, past: str = ""):
        name = "victoria-metrics"
        config = self._configure(folder, name, jobs, port)
        # By default what it has scraped shows half a minute later.
        super().__init__(name, folder, peer(name), f"-promscrape.config={config}", f"-storageDataPath={folder}/{name}",
                         f"-httpListenAddr=127.0.0.1:{port}", "-loggerLevel=WARN", "-search.latencyOffset=1s",
                         "-memory.allowedBytes=200MB")
        self.await_http(f"{self.url}/health")
        if past:
            self._import(past)

    def _import(self, past: str) -> None:
        """It takes milliseconds."""
        lines = "".join(f"{line}000\n" for line in past.splitlines() if not line.startswith("#"))
        with urllib.request.urlopen(f"{self.url}/api/v1/import/prometheus", data=lines.encode(), timeout=60):
            pass
        get(f"{self.url}/internal/force_flush")


class Alertmanager(Process):
    def __init__(self, folder: pathlib.Path, name: str = "alertmanager"):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        config = folder / f"{name}.yml"
        config.write_text("route: {receiver: none}\nreceivers: [{name: none}]\n")
        super().__init__(name, folder, peer(name), f"--config.file={config}", f"--storage.path={folder}/{name}",
                         "--cluster.listen-address=", f"--web.listen-address=127.0.0.1:{self.port}")
        self.await_http(f"{self.url}/-/ready")

    def firing(self) -> list[dict]:
        return get_json(f"{self.url}/api/v2/alerts")


class Traffic(threading.Thread):
    """Steady requests to 127.0.0.1:port, `rate` a second, from `clients` addresses of loopback, until stop().

    `sent` counts by status. At most `most` requests, so that a forgotten one ends.
    """

    def __init__(self, port: int, path: str = "/ok", rate: float = 10, clients: int = 8, most: int = 20000):
        super().__init__(daemon=True)
        self.port, self.path, self.rate, self.clients, self.most = port, path, rate, clients, most
        self.sent: dict[int, int] = {}
        self._stopped = threading.Event()
        self.start()

    def run(self) -> None:
        due = time.monotonic()
        for number in range(self.most):
            if self._stopped.wait(max(0.0, due - time.monotonic())):
                return
            due += 1 / self.rate
            self._request(f"127.0.1.{1 + number % self.clients}")

    def _request(self, source: str) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5, source_address=(source, 0))
        try:
            connection.request("GET", self.path)
            status = connection.getresponse().status
            self.sent[status] = self.sent.get(status, 0) + 1
        finally:
            connection.close()

    def stop(self) -> None:
        self._stopped.set()
        self.join()
