#!/usr/bin/env python3
"""quality_test.py AIOPSCTL: recordings of real servers, as they are and made harder, judged by `aiopsctl backtest` as shipped.

Needs the labelled recordings of $AIOPS_SHARED/data (default: ../shared beside the checkout); without them it
is skipped (exit code 3). The bounds leave room for another seed, not for another detector.
"""
import csv
import datetime
import gzip
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import unittest

SKIPPED = 3
ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = pathlib.Path(os.environ.get("AIOPS_SHARED") or ROOT.parent / "shared") / "data"
START = datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc)
MERGED = 5  # rows between two alerts that are told as one


def runs(flags, gap=0):
    """Half-open ranges of true flags; ranges at most `gap` apart are one."""
    out = []
    for i, flag in enumerate(flags):
        if flag and out and i - out[-1][1] <= gap:
            out[-1][1] = i + 1
        elif flag:
            out.append([i, i + 1])
    return out


class Recording:
    """One server: training and test rows, the labels of the latter."""

    def __init__(self, name, seconds, training):
        with gzip.open(DATA / f"{name}.csv.gz", "rt", newline="") as file:
            header, *rows = csv.reader(file)
        test = next(i for i, row in enumerate(rows) if row[1] == "test")
        self.rows = rows[test - training:]
        self.features, self.seconds, self.training = header[2:-1], seconds, training
        self.labels = [row[-1] == "1" for row in self.rows[training:]]

    def keep(self, features):
        """Only so many features, drawn from those that vary: as much as a home server has."""
        columns = range(2, 2 + len(self.features))
        varying = [i for i in columns if len({row[i] for row in self.rows[:self.training]}) > 1]
        kept = sorted(random.Random(1).sample(varying, features))
        self.features = [self.features[i - 2] for i in kept]
        self.rows = [row[:2] + [row[i] for i in kept] + row[-1:] for row in self.rows]
        return self

    def shift(self):
        """A third of the features is higher by three standard deviations, for good, from a quarter of the test on."""
        quarter = self.training + len(self.labels) // 4
        for i in random.Random(1).sample(range(2, 2 + len(self.features)), len(self.features) // 3):
            step = 3 * statistics.pstdev(float(row[i]) for row in self.rows[:self.training])
            for row in self.rows[quarter:]:
                row[i] = f"{float(row[i]) + step:.6g}"
        return self

    def backtest(self, folder):
        source, out = folder / "input.csv", folder / "scores.csv"
        with open(source, "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["time"] + self.features)
            for i, row in enumerate(self.rows):
                when = START + datetime.timedelta(seconds=i * self.seconds)
                writer.writerow([when.strftime("%Y-%m-%dT%H:%M:%SZ")] + row[2:-1])
        subprocess.run([AIOPSCTL, "backtest", "--csv", source, "--train-rows", str(self.training), "--interval",
                        f"{self.seconds}s", "--out", out], check=True, timeout=100)
        with open(out, newline="") as file:
            return [row["verdict"] for row in csv.DictReader(file)]


class Quality(unittest.TestCase):
    def measure(self, recording):
        with tempfile.TemporaryDirectory() as folder:
            verdicts = recording.backtest(pathlib.Path(folder))
        self.assertEqual(len(verdicts), len(recording.labels))
        alerts = [v in ("warning", "critical") for v in verdicts]
        labels = recording.labels
        days = len(labels) * recording.seconds / 86400
        false = sum(not any(labels[a:b]) for a, b in runs(alerts, MERGED))
        grave = runs([v == "critical" for v in verdicts], MERGED)
        events = runs(labels)
        recall = sum(any(alerts[a:b]) for a, b in events) / len(events)
        precision = sum(a and l for a, l in zip(alerts, labels)) / max(1, sum(alerts))
        figures = {"composite F1": 2 * precision * recall / max(1e-9, precision + recall), "recall": recall,
                   "false alerts a day": false / days,
                   "false CRITICAL in 30 days": 30 / days * sum(not any(labels[a:b]) for a, b in grave)}
        print(figures)
        return figures

    def check(self, recording, f1, recall, false_alerts, false_critical=2):
        figures = self.measure(recording)
        self.assertGreaterEqual(figures["composite F1"], f1)
        self.assertGreaterEqual(figures["recall"], recall)
        self.assertLessEqual(figures["false alerts a day"], false_alerts)
        self.assertLessEqual(figures["false CRITICAL in 30 days"], false_critical)

    def test_a_machine_by_the_minute(self):
        self.check(Recording("smd/machine-1-6", 60, 10080), f1=0.78, recall=0.85, false_alerts=1.5)

    def test_an_application_server_every_five_minutes(self):
        self.check(Recording("asd/omi-5", 300, 8064), f1=0.74, recall=0.7, false_alerts=0.6)

    # More of the kind, and harder: tests/figures/harder.py.
    def test_eleven_features_of_a_machine(self):
        self.check(Recording("smd/machine-1-6", 60, 10080).keep(11), f1=0.6, recall=0.75,
                   false_alerts=1.5, false_critical=4)

    def test_a_lasting_shift(self):
        self.check(Recording("smd/machine-1-6", 60, 10080).shift(), f1=0.78, recall=0.85, false_alerts=1.5)


if __name__ == "__main__":
    AIOPSCTL = str(pathlib.Path(sys.argv.pop(1)).resolve())
    if not (DATA / "smd").is_dir():
        print(f"skipped: no recordings in {DATA}; AIOPS_SHARED says where they are")
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
