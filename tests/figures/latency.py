#!/usr/bin/env python3
"""latency.py: how long a fact takes from its source to Alertmanager, at the shipped intervals.

The Release binary (`scripts/run --build-only`), a real Alertmanager and Nginx, and a container engine as the end-to-end
tests find one (CI=true lets a private one be started). In each repetition, at another second of the minute, a container
of its own is killed and a site of its own answers five requests with 503. The clock starts when the kill has returned,
and when the fifth line is in the log; it stops when Alertmanager's API lists the alert.
"""
import argparse
import contextlib
import json
import pathlib
import sys
import tempfile
import time
import urllib.error
import urllib.request

from shipped import RELEASE, ShippedDaemon, say
from docker import RealEngine, open_engine  # noqa: I001  (shipped.py says where it is)
from peers import Alertmanager, Nginx
from processes import eventually

GOAL = 90.0
PATIENCE = 180.0
DOWN, ERRORS = "AiopsContainerDown", "AiopsSiteOnlyErrors"


class Sites(Nginx):
    """As many sites as repetitions, each with a log of its own; all answer 503."""

    def __init__(self, folder: pathlib.Path, count: int):
        self.count = count
        super().__init__(folder)

    def _configure(self, blog_status: int) -> None:
        del blog_status
        temporary = "\n".join(f"  {kind}_temp_path {self.folder}/tmp_{kind};"
                              for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        sites = "\n".join(f"    location /{i} {{ access_log {self.site_log(i)} combined; return 503; }}"
                          for i in range(self.count))
        (self.folder / "nginx.conf").write_text(f"""
daemon off;
pid {self.folder}/nginx.pid;
error_log {self.folder}/error.log warn;
events {{ worker_connections 256; }}
http {{
  access_log off;
{temporary}
  server {{
    listen 127.0.0.1:{self.port};
    location /ok {{ return 200 "ok"; }}
{sites}
  }}
}}
""")

    def site_log(self, site: int) -> pathlib.Path:
        return self.folder / "logs" / f"site{site}.log"

    def fail(self, site: int) -> float:
        """Five requests; the time at which the fifth is in the log."""
        for _ in range(5):
            with contextlib.suppress(urllib.error.HTTPError):
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{site}", timeout=5).read()
        while self.site_log(site).read_bytes().count(b"\n") < 5:
            time.sleep(0.001)
        return time.time()


class Run:
    def __init__(self, stack: contextlib.ExitStack, folder: pathlib.Path, program: pathlib.Path, count: int):
        self.count = count
        with contextlib.redirect_stdout(sys.stderr):
            engine = open_engine(folder)
        self.engine = engine.kind
        stack.callback(engine.close)
        self.engines = [engine]
        # Recorded answers know of one container only.
        while isinstance(engine, RealEngine) and len(self.engines) < count:
            self.engines.append(RealEngine(engine.socket))
            stack.callback(self.engines[-1].close)
        self.sites = Sites(folder, count)
        stack.callback(self.sites.kill)
        self.alertmanager = Alertmanager(folder)
        stack.callback(self.alertmanager.kill)
        self.daemon = ShippedDaemon(folder, program, f"""
collect:
  nginx: {{logs: ['{self.sites.folder}/logs/*.log']}}
  docker: {{socket: '{engine.socket}', ignore: {engine.ignore}}}
notify: {{alertmanager: {{urls: ['{self.alertmanager.url}']}}}}""")
        stack.callback(self.daemon.kill)
        self.due: dict[tuple[str, str], float] = {}    # fact and object -> when it could be seen
        self.seen: dict[tuple[str, str], float] = {}   # ... -> when Alertmanager had it

    def look(self) -> None:
        """Notes what Alertmanager has got by now."""
        now = time.time()
        for alert in self.alertmanager.firing():
            labels = alert["labels"]
            # A site is named after its log.
            self.seen.setdefault((labels["alertname"], labels.get("object", "").removesuffix(".log")), now)

    def look_until(self, end: float, done=lambda: False) -> None:
        while time.time() < end and not done():
            self.look()
            time.sleep(0.1)

    def break_one(self, number: int) -> None:
        if number < len(self.engines):
            engine = self.engines[number]
            engine.crash()
            self.due[DOWN, engine.container] = time.time()
        self.due[ERRORS, self.sites.site_log(number).stem] = self.sites.fail(number)

    def go(self) -> None:
        eventually("both sources have answered once", lambda: all(
            f'aiops_collector_up{{collector="{name}"}} 1' in self.daemon.metrics() for name in ("docker", "nginx_log")),
            patience=90)
        say("both sources have answered; the first fault comes with the next minute")
        begin = (int(time.time()) // 60 + 1) * 60 + 0.5
        for number in range(self.count):
            # To the last second at which errors have not lasted for ten seconds when the minute is judged.
            self.look_until(begin + number * 56 / max(1, self.count - 1))
            if early := self.seen.keys() - self.due.keys():
                raise AssertionError(f"alerts before their faults: {early}")
            self.break_one(number)
            say(f"fault {number + 1} of {self.count}, {time.time() % 60:.1f} s into the minute")
        self.look_until(time.time() + PATIENCE, lambda: self.due.keys() <= self.seen.keys())

    def figures(self) -> dict:
        rows = [{"fact": fact, "object": name, "second_of_the_minute": round(due % 60, 1),
                 "seconds": round(self.seen[fact, name] - due, 1) if (fact, name) in self.seen else None}
                for (fact, name), due in self.due.items()]
        known = [row["seconds"] for row in rows if row["seconds"] is not None]
        return {"engine": self.engine, "goal": GOAL, "arrived": len(known), "faults": len(rows),
                "maximum": {fact: max((r["seconds"] for r in rows if r["fact"] == fact and r["seconds"]), default=None)
                            for fact in (DOWN, ERRORS)}, "rows": rows}


def table(figures: dict) -> str:
    lines = [f"docker: {figures['engine']}", "", f"{'fact':<24}{'second of the minute':>22}{'s to Alertmanager':>20}"]
    lines += [f"{r['fact']:<24}{r['second_of_the_minute']:>22.1f}{r['seconds'] if r['seconds'] else 'never':>20}"
              for r in sorted(figures["rows"], key=lambda r: (r["fact"], r["second_of_the_minute"]))]
    lines += [""] + [f"maximum of {fact}: {value} s" for fact, value in figures["maximum"].items()]
    return "\n".join(lines + [f"{figures['arrived']} of {figures['faults']} arrived; goal <= {figures['goal']:.0f} s"])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path, default=RELEASE)
    parser.add_argument("--repetitions", type=int, default=12, help="spread over one minute")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="latency-")))
        run = Run(stack, folder, options.program.resolve(), options.repetitions)
        run.go()
        run.daemon.stop()
    figures = run.figures()
    print(json.dumps(figures, indent=1) if options.json else table(figures))
    return 0 if figures["arrived"] == figures["faults"] else 1


if __name__ == "__main__":
    sys.exit(main())
