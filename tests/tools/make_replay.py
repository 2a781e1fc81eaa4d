#!/usr/bin/env python3
"""Writes the recordings of tests/replay: a quiet machine and one incident in it. Seeded, so that they stay as they are.

  tests/tools/make_replay.py [ROOT]
"""
import datetime
import json
import pathlib
import random
import sys

START = datetime.datetime(2026, 1, 5, 3, 0, tzinfo=datetime.timezone.utc)
CONFIG = """collect:
  entity: nas
detect:
  mode: plain
  boot_grace: 0s
"""


def stamp(minute):
    return (START + datetime.timedelta(minutes=minute)).strftime("%Y-%m-%dT%H:%M:%SZ")


def readings(**values):
    return [{"scope": "server", "feature": name, "value": round(value, 4)} for name, value in values.items()]


def quiet(rng):
    return {
        "request_rate": rng.gauss(4, 0.3), "error_rate_4xx": abs(rng.gauss(0.01, 0.003)), "error_rate_5xx": 0.0,
        "unique_ips_per_min": rng.randint(20, 26), "avg_response_size": rng.gauss(18000, 900),
        "cpu_percent": rng.gauss(22, 2), "memory_percent": rng.gauss(61, 0.5), "disk_io": abs(rng.gauss(4, 1)),
        "network_rx": rng.gauss(90e3, 6e3), "network_tx": rng.gauss(400e3, 20e3),
    }


def tick(minute, values, containers=0, facts=(), docker_error=None):
    nginx = ("request_rate", "error_rate_4xx", "error_rate_5xx", "unique_ips_per_min", "avg_response_size")
    docker = {"collector": "docker", "readings": readings(container_count_unhealthy=containers)}
    if facts:
        docker["facts"] = list(facts)
    if docker_error:
        docker = {"collector": "docker", "error": docker_error}
    return {"begin": stamp(minute - 1), "end": stamp(minute), "answers": [
        docker,
        {"collector": "host", "readings": readings(**{k: v for k, v in values.items() if k not in nginx})},
        {"collector": "nginx_log", "readings": readings(**{k: v for k, v in values.items() if k in nginx})},
    ]}


def burst_of_5xx():
    rng = random.Random(1)
    for minute in range(1, 121):
        values = quiet(rng)
        if 60 < minute <= 70:
            values["error_rate_5xx"] = rng.uniform(0.6, 0.9)
            values["cpu_percent"] = rng.gauss(85, 3)
            values["request_rate"] = rng.gauss(14, 1)
        yield tick(minute, values)


def container_down():
    rng = random.Random(2)
    down = {"name": "container_down", "entity": "", "object": "nextcloud-db", "severity": "critical",
            "summary": "nextcloud-db exited with 137", "since": stamp(40)}
    for minute in range(1, 76):
        gone = 40 < minute <= 50
        # The engine is silent for two minutes in the middle: the fact must stay open.
        error = "the engine does not answer" if minute in (45, 46) else None
        yield tick(minute, quiet(rng), containers=int(gone), facts=[down] if gone else [], docker_error=error)


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent / "replay")
    for case in (burst_of_5xx, container_down):
        folder = root / case.__name__
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "aiops.yml").write_text(CONFIG)
        with open(folder / "samples.jsonl", "w") as out:
            for line in case():
                out.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
