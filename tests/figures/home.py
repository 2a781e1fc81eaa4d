#!/usr/bin/env python3
"""home.py AIOPSCTL [--seeds N] [--config FILE]: a made-up home server with a nightly backup; which troubles are told.

Eleven features a minute: visitors with a daily rhythm, an hourly job, a backup at 03:00 of half an hour, films in the
evening, bots, updates on Sunday. A week trains. Then, on the tenth day from 12:00 on, one feature goes to its extreme for an hour; and
quiet weeks, of which every alert is one too many. Needs numpy.
"""
import argparse
import csv
import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy as np
except ImportError as missing:
    sys.exit(f"{missing}; python3 -m venv DIR && DIR/bin/pip install numpy, then run this with DIR/bin/python")

DAY = 1440
TRAIN = 7 * DAY
NOON = 9 * DAY + DAY // 2
MONDAY = 1767571200
EXTREMES = {"error_rate_5xx": 1, "cpu_percent": 100, "memory_percent": 99, "disk_io": 100, "network_rx": 1e9, "network_tx": 1e9,
            "request_rate": 1e4, "avg_response_size": 1e9, "container_count_unhealthy": 9}


def wander(random, minutes: int, memory: float, spread: float) -> np.ndarray:
    values = np.zeros(minutes)
    for i, step in enumerate(random.normal(size=minutes) * spread):
        values[i] = memory * values[i - 1] + step
    return values


def home(seed: int, days: int) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    minutes = days * DAY
    clock = np.arange(minutes) % DAY
    rhythm = 0.25 + 0.75 * np.clip(np.sin((clock / DAY - 0.29) * 2 * np.pi), 0, 1) + 0.5 * np.exp(-((clock - 1200) / 90) ** 2)
    requests = random.poisson(np.exp(wander(random, minutes, 0.9, 0.12)) * rhythm * 120)
    missing = random.binomial(requests, 0.03)
    for bot in random.integers(0, minutes, 2 * days):
        missing[bot:bot + 2] += 60
        requests[bot:bot + 2] += 60
    seen = np.maximum(requests, 1)
    size = 20e3 * np.exp(random.normal(size=minutes) * 0.6 / np.sqrt(np.maximum(requests / 60, 0.2)))
    made = {"request_rate": requests / 60, "error_rate_4xx": missing / seen, "error_rate_5xx": random.binomial(requests, 0.002) / seen,
            "unique_ips_per_min": np.minimum(random.poisson(requests * 0.3 + 0.1), requests).astype(float),
            "avg_response_size": np.where(requests > 0, size, np.nan),
            "cpu_percent": 4 + requests / 24 + np.abs(wander(random, minutes, 0.7, 1.2)),
            "memory_percent": 45 + 2 * np.sin(2 * np.pi * (clock - 300) / DAY) + wander(random, minutes, 0.99, 0.15),
            "disk_io": 2 + requests / 60 + random.exponential(1.5, minutes),
            "network_rx": 5e3 + requests * 25 + random.exponential(3e3, minutes), "network_tx": 5e3 + requests / 60 * size,
            "container_count_unhealthy": np.zeros(minutes)}
    hourly = np.isin(clock % 60, (17, 18))
    made["cpu_percent"][hourly] += 12
    made["disk_io"][hourly] += 10
    for day in range(days):
        backup = slice(day * DAY + 180, day * DAY + 180 + int(random.integers(25, 36)))
        for feature, more in (("cpu_percent", 25), ("disk_io", 60), ("network_tx", 8e6), ("memory_percent", 3)):
            made[feature][backup] += more
        if random.random() < 0.5:
            film = slice(day * DAY + 1140, day * DAY + 1140 + int(random.integers(60, 130)))
            made["network_tx"][film] += 1e6
            made["cpu_percent"][film] += 6
        if day % 7 == 6:  # updates
            update = slice(day * DAY + 300, day * DAY + 320)
            for feature, more in (("cpu_percent", 35), ("disk_io", 40), ("network_rx", 3e6)):
                made[feature][update] += more
    return made


def alerts(made: dict[str, np.ndarray], arguments) -> list[int]:
    """The minutes that alert."""
    with tempfile.TemporaryDirectory() as folder:
        source, scores = pathlib.Path(folder, "home.csv"), pathlib.Path(folder, "scores.csv")
        with source.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["time", *made])
            for minute, row in enumerate(zip(*made.values())):
                writer.writerow([MONDAY + 60 * minute, *("" if np.isnan(v) else f"{v:.6g}" for v in row)])
        config = ["--config", arguments.config] if arguments.config else []
        subprocess.run([arguments.aiopsctl, "backtest", "--csv", source, "--train-rows", str(TRAIN), "--out", scores, *config],
                       check=True, capture_output=True)
        with scores.open() as file:
            return [int(row["row"]) for row in csv.DictReader(file) if row["verdict"] in ("warning", "critical")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("aiopsctl")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--config")
    arguments = parser.parse_args()
    print("feature at its extreme for an hour | told after minutes\n---|---")
    told = 0
    for feature, extreme in EXTREMES.items():
        first = []
        for seed in range(arguments.seeds):
            made = home(seed, 10)
            made[feature][NOON:NOON + 60] = extreme
            inside = [minute - NOON for minute in alerts(made, arguments) if NOON <= minute < NOON + 60]
            told += bool(inside)
            first.append(str(min(inside)) if inside else "not")
        print(f"{feature} | {', '.join(first)}", flush=True)
    print(f"\ntold: {told} of {len(EXTREMES) * arguments.seeds}")
    quiet = []
    for seed in range(arguments.seeds):
        minutes = alerts(home(seed, 21), arguments)
        quiet.append(sum(b - a > 5 for a, b in zip([-10, *minutes], minutes)) / 14)
    print("quiet weeks, alerts a day:", ", ".join(f"{rate:.1f}" for rate in quiet))


if __name__ == "__main__":
    main()
