"""The Release binary with the shipped configuration; only the sections that are given differ from the defaults."""
import contextlib
import pathlib
import sqlite3
import sys
import urllib.request

E2E = pathlib.Path(__file__).resolve().parent.parent / "e2e"
sys.path.insert(0, str(E2E))
from daemon import Daemon  # noqa: E402
from processes import ROOT, Process, free_port  # noqa: E402

RELEASE = ROOT / "build" / "release" / "aiops_exporter"
# As Prometheus asks.
SCRAPE = {"Accept": "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
          "Accept-Encoding": "gzip", "X-Prometheus-Scrape-Timeout-Seconds": "10"}


def say(*words: object) -> None:
    print(*words, file=sys.stderr, flush=True)


def scrape(port: int) -> int:
    """Bytes of the page as they were sent."""
    with urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}/metrics", headers=SCRAPE),
                                timeout=10) as answer:
        return len(answer.read())


class ShippedDaemon(Daemon):
    def __init__(self, folder: pathlib.Path, program: pathlib.Path, sections: str):
        self.folder, self.program, self.port = folder, program, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.database = folder / "data" / "aiops.db"
        self.config = folder / "aiops.yml"
        self.configure(sections)
        self.start()

    def configure(self, sections: str) -> None:
        """For the next start()."""
        self.config.write_text(f'web: {{listen_address: "127.0.0.1:{self.port}"}}\n'
                               f'store: {{path: "{self.database}"}}\n{sections}\n')

    def start(self, *flags: str) -> None:
        Process.__init__(self, "aiops_exporter", self.folder, self.program, f"--config.file={self.config}", *flags)
        self.await_http(f"{self.url}/-/healthy")

    def files(self) -> list[pathlib.Path]:
        """The database, its log, and the log's index, which the process writes through a mapping."""
        return [self.database.with_name(self.database.name + suffix) for suffix in ("", "-wal", "-shm")]

    def ask(self, query: str) -> int:
        """One number out of the database."""
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            return connection.execute(query).fetchone()[0] or 0
