#!/usr/bin/env python3
"""logs.py AIOPSCTL [--lines N] [--alone]: reading access logs, beside mtail and GoAccess, as a table for docs/performance.md.

Writes a log of which every count is known: ordinary lines, raw bytes, escaped quotes, lines that pretend to be others,
long ones and broken ones, every client another one. Each program reads it alone, once; its processor time and peak
memory are what the kernel says of it, so that other work on the machine hardly shows. mtail and GoAccess are the
distribution's (tests/tools/peers); one that cannot be had is left out, and that is said.
"""
import argparse
import dataclasses
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
BEGIN = 1_763_856_000  # 2025-11-23T00:00:00Z
LINES_A_SECOND = 500
MTAIL_PROGRAM = r"""
counter requests by code
/^(?P<client>\S+) \S+ \S+ \[[^\]]+\] "(?P<request>[^"]*)" (?P<code>\d{3}) (?P<bytes>\S+) / {
  requests[$code]++
}
"""


@dataclasses.dataclass
class Truth:
    lines: int = 0
    valid: int = 0
    errors: int = 0
    clients: int = 0


@dataclasses.dataclass
class Reading:
    program: str
    cpu: float
    peak: int
    valid: int | None
    errors: int | None
    clients: int | None


def stamp(second: int) -> bytes:
    minutes, seconds = divmod(second % 86400, 60)
    return b"%02d/Nov/2025:%02d:%02d:%02d +0000" % (23 + second // 86400, minutes // 60, minutes % 60, seconds)


def write_log(path: pathlib.Path, lines: int) -> Truth:
    rng = random.Random(7)
    truth = Truth()
    with open(path, "wb") as out:
        for i in range(lines):
            client = b"10.%d.%d.%d" % (i >> 16 & 255, i >> 8 & 255, i & 255)
            head = client + b" - - [" + stamp(i // LINES_A_SECOND) + b'] "'
            agent, request, code = b"Mozilla/5.0", b"GET /p/%d?q=%d HTTP/1.1" % (rng.getrandbits(20), i), 200
            kind = rng.randrange(1000)
            truth.lines += 1
            if kind < 5:
                out.write(head + b"GET /half\n")
                continue
            if kind < 25:
                code = 502
            elif kind < 35:
                agent = b"\xff\xfe\x80 raw"
            elif kind < 45:
                agent = rb'\" 500 1 \"-\" \"'
            elif kind < 55:
                request = rb"GET /\x22 HTTP/1.1\x22 500 1 HTTP/1.1"
            elif kind < 58:
                request = b"GET /" + b"a" * 4000 + b" HTTP/1.1"
            truth.valid += 1
            truth.errors += code >= 500
            truth.clients += 1
            out.write(head + request + b'" %d 1234 "-" "' % code + agent + b'"\n')
    return truth


def run(command: list[str]) -> tuple[float, int, bytes]:
    """Processor seconds, peak bytes, standard output."""
    with tempfile.TemporaryFile() as out:
        child = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, out.read()


def read_with_aiopsctl(program: str, log: pathlib.Path) -> Reading:
    cpu, peak, text = run([program, "parse-log", "--json", str(log)])
    told = json.loads(text)
    errors = sum(count for code, count in told["status"].items() if code.startswith("5"))
    return Reading("aiopsctl parse-log", cpu, peak, told["valid"], errors, told["unique_clients"])


def read_with_goaccess(program: str, log: pathlib.Path) -> Reading:
    report = log.with_suffix(".json")
    cpu, peak, _ = run([program, str(log), "--log-format=COMBINED", "--no-global-config", "--no-progress", "-o",
                        str(report)])
    told = json.loads(report.read_text(errors="replace"))
    codes = {row["data"][:3]: row["hits"]["count"] for group in told["status_codes"]["data"]
             for row in group.get("items", [])}
    errors = sum(count for code, count in codes.items() if code.startswith("5"))
    return Reading("GoAccess", cpu, peak, told["general"]["valid_requests"], errors, None)


def read_with_mtail(program: str, log: pathlib.Path) -> Reading:
    programs = log.parent / "mtail"
    programs.mkdir()
    (programs / "requests.mtail").write_text(MTAIL_PROGRAM)
    cpu, peak, text = run([program, "--one_shot", "--progs", str(programs), "--logs", str(log)])
    begin = text.find(b"[")
    codes: dict[str, int] = {}
    if begin >= 0:
        for metric in json.loads(text[begin:text.rfind(b"]") + 1]):
            for value in metric.get("LabelValues") or []:
                codes[value["Labels"][0]] = value["Value"]["Value"]
    errors = sum(count for code, count in codes.items() if code.startswith("5"))
    return Reading("mtail", cpu, peak, sum(codes.values()) or None, errors if codes else None, None)


def peer(name: str) -> str | None:
    done = subprocess.run([ROOT / "tests/tools/peers", name], capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return done.stdout.strip()
    print(f"without {name}: {done.stdout.strip()}", file=sys.stderr)
    return None


def number(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("aiopsctl")
    parser.add_argument("--lines", type=int, default=2_000_000)
    parser.add_argument("--alone", action="store_true", help="without the others: mtail takes minutes for a million lines")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        log = pathlib.Path(folder) / "access.log"
        print(f"writing {options.lines:,} lines", file=sys.stderr)
        truth = write_log(log, options.lines)
        readings = [Reading("*the truth*", 0, 0, truth.valid, truth.errors, truth.clients)]
        for name, read in (("aiopsctl", read_with_aiopsctl), ("mtail", read_with_mtail),
                           ("goaccess", read_with_goaccess)):
            program = options.aiopsctl if name == "aiopsctl" else None if options.alone else peer(name)
            if program:
                print(f"reading with {name}", file=sys.stderr)
                readings.append(read(program, log))
    print("| program | million lines a processor second | peak memory | requests | of them 5xx | clients |")
    print("|---|--:|--:|--:|--:|--:|")
    for r in readings:
        speed = f"{truth.lines / r.cpu / 1e6:.2f}" if r.cpu else "–"
        peak = f"{r.peak / 1e6:.0f} MB" if r.peak else "–"
        print(f"| {r.program} | {speed} | {peak} | {number(r.valid)} | {number(r.errors)} | {number(r.clients)} |")


if __name__ == "__main__":
    main()
