#!/usr/bin/env python3
"""harder.py AIOPSCTL [--sets smd,asd] [--trials eleven,shift,…] [--draws N] [--config FILE]: the labelled recordings made
harder, judged as they are shipped; a table for docs/detection.md.

  eleven   eleven features drawn at random, N draws a machine: as much as a home server has
  shift    a third of the features is higher by three standard deviations of training, for good, from a quarter of the test on
  spread   all deviations from the mean of training are 1.6 times as large from there on
  dirty    the test's first events (at most three) happened in the training window, too
  short    training is cut to two days (SMD) or eight (ASD)

Needs numpy, and score-detector with its recordings ($AIOPS_SHARED, default: ../shared beside the checkout).
"""
import argparse
import csv
import gzip
import json
import os
import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy as np
except ImportError as missing:
    sys.exit(f"{missing}; python3 -m venv DIR && DIR/bin/pip install numpy, then run this with DIR/bin/python")

SHARED = pathlib.Path(os.environ.get("AIOPS_SHARED") or pathlib.Path(__file__).resolve().parents[3] / "shared")
COMMAND = ("{aiopsctl} backtest --csv {{csv}} --feature-columns {{features}} --train-rows {{train}} "
           "--interval {{interval}} --out {{out}}{config}")
TRAINING = {"minute": 10080, "step5min": 8064}  # rows, by the first column's name
SHORT = {"minute": 2880, "step5min": 2304}
FIGURES = ("fc1", "ev_rec", "fa_day", "vus_pr")


class Recording:
    def __init__(self, path: pathlib.Path):
        self.name = path.name.removesuffix(".csv.gz")
        with gzip.open(path, "rt", newline="") as file:
            self.header, *rows = csv.reader(file)
        self.test = next(i for i, row in enumerate(rows) if row[1] == "test")
        self.train = self.test - min(self.test, TRAINING[self.header[0]])
        self.labels = np.array([row[-1] == "1" for row in rows])
        self.values = np.array([row[2:-1] for row in rows], dtype=float)
        self.features = self.header[2:-1]

    @property
    def window(self) -> np.ndarray:
        return self.values[self.train:self.test]

    @property
    def quarter(self) -> int:
        return self.test + (len(self.values) - self.test) // 4

    def events(self) -> list[tuple[int, int]]:
        edges = np.flatnonzero(np.diff(np.concatenate(([0], self.labels.astype(int), [0]))))
        return [(a, b) for a, b in edges.reshape(-1, 2) if a >= self.test]

    def write(self, path: pathlib.Path) -> None:
        with gzip.open(path, "wt", newline="", compresslevel=1) as file:
            writer = csv.writer(file)
            writer.writerow([*self.header[:2], *self.features, "label"])
            for i, row in enumerate(self.values):
                if i >= self.train:
                    part = "train" if i < self.test else "test"
                    writer.writerow([i, part, *(f"{value:.6g}" for value in row), int(self.labels[i])])


def eleven(recording: Recording, random: np.random.Generator) -> None:
    vary = np.flatnonzero(recording.window.std(axis=0) > 0)
    chosen = np.sort(random.choice(vary, min(11, len(vary)), replace=False))
    recording.values, recording.features = recording.values[:, chosen], [recording.features[i] for i in chosen]


def shift(recording: Recording, random: np.random.Generator) -> None:
    features = random.choice(len(recording.features), len(recording.features) // 3, replace=False)
    recording.values[recording.quarter:, features] += 3 * recording.window.std(axis=0)[features]


def spread(recording: Recording, _: np.random.Generator) -> None:
    mean, after = recording.window.mean(axis=0), slice(recording.quarter, None)
    recording.values[after] = mean + 1.6 * (recording.values[after] - mean)


def dirty(recording: Recording, random: np.random.Generator) -> None:
    for begin, end in recording.events()[:3]:
        length = min(end - begin, (recording.test - recording.train) // 20)
        at = random.integers(recording.train, recording.test - length)
        recording.values[at:at + length] = recording.values[begin:begin + length]


def short(recording: Recording, _: np.random.Generator) -> None:
    recording.train = recording.test - SHORT[recording.header[0]]


TRIALS = {trial.__name__: trial for trial in (eleven, shift, spread, dirty, short)}


def make(folder: pathlib.Path, name: str, trial: str, draw: int) -> None:
    """The whole set, changed; the same for the same draw."""
    (folder / name).mkdir()
    for path in sorted((SHARED / "data" / name).glob("*.csv.gz")):
        recording = Recording(path)
        TRIALS[trial](recording, np.random.default_rng([draw, *path.name.encode()]))
        recording.write(folder / name / path.name)


def figures(name: str, trial: str, draw: int, command: str) -> dict:
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        make(folder, name, trial, draw)
        report = folder / "report.json"
        # A shorter training window is the recording's own beginning: score-detector takes what is there.
        subprocess.run([sys.executable, SHARED / "bin" / "score-detector", "--data", folder, "--sets", name, "--command",
                        command, "--jobs", str(os.cpu_count() or 1), "--json", report], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return json.loads(report.read_text())["sets"][name]["mean"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("aiopsctl", type=pathlib.Path)
    parser.add_argument("--sets", default="smd,asd")
    parser.add_argument("--trials", default=",".join(TRIALS))
    parser.add_argument("--draws", type=int, default=4, help="of each trial that draws (default: %(default)s)")
    parser.add_argument("--config", type=pathlib.Path, help="an aiops.yml for the backtest")
    args = parser.parse_args()
    config = f" --config {args.config.resolve()}" if args.config else ""
    command = COMMAND.format(aiopsctl=args.aiopsctl.resolve(), config=config)
    print("trial | " + " | ".join(args.sets.split(",")) + "\n---" + "|---" * len(args.sets.split(",")))
    for trial in args.trials.split(","):
        cells = []
        for name in args.sets.split(","):
            draws = args.draws if trial in ("eleven", "shift", "dirty") else 1
            found = [figures(name, trial, draw, command) for draw in range(draws)]
            cells.append(" ".join(span([f[figure] for f in found]) for figure in FIGURES))
            print(f"{trial} {name}: {cells[-1]}", file=sys.stderr)
        print(f"{trial} | " + " | ".join(cells), flush=True)


def span(values: list[float]) -> str:
    """The mean, and the least and the greatest of several draws."""
    text = f"{np.mean(values):.2f}"
    return text if len(values) == 1 else f"{text} ({min(values):.2f}–{max(values):.2f})"


if __name__ == "__main__":
    main()
