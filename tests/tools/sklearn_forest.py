#!/usr/bin/env python3
"""Writes tests/testdata/forest/: three data sets and what scikit-learn's IsolationForest says of them.

    python3 tests/tools/sklearn_forest.py [--shared DIR] [--out DIR]

Needs scikit-learn and numpy. Per data set:
  NAME.csv          one row a line; integers (a forest is indifferent to the scale of a feature)
  NAME.scores.csv   one row a line: round(10000 * -score_samples), first 5 seeds at 100 trees, then 5 at 1000
The values are rounded first, so that both implementations see the same numbers.
"""
import argparse
import csv
import gzip
import os
import pathlib

import numpy as np
import sklearn
from sklearn.ensemble import IsolationForest

SEEDS = [1, 2, 3, 4, 5]
TREES = [100, 1000]
ROWS = 1000
HERE = pathlib.Path(__file__).resolve().parent


def server(rng):
    """Eleven correlated features of a small server over a week, with 4 % of odd minutes of several kinds."""
    t = np.arange(ROWS) / ROWS * 7
    day = 1 + 0.6 * np.sin(2 * np.pi * t)
    rate = rng.gamma(8, 1.5 * day)
    columns = [
        rate,
        np.clip(rng.normal(0.02, 0.01, ROWS), 0, 1) * 1e4,
        np.where(rng.random(ROWS) < 0.9, 0, rng.random(ROWS) * 0.02) * 1e4,
        rng.poisson(rate * 0.7),
        rng.lognormal(9, 0.4, ROWS),
        np.clip(10 + 2 * rate + rng.normal(0, 4, ROWS), 0, 100) * 10,
        (55 + 5 * np.sin(2 * np.pi * t / 7) + rng.normal(0, 0.5, ROWS)) * 10,
        rng.gamma(2, 4, ROWS) * 10,
        rate * rng.lognormal(3, 0.2, ROWS),
        rate * rng.lognormal(4, 0.3, ROWS),
        np.zeros(ROWS),
    ]
    x = np.column_stack(columns)
    odd = rng.choice(ROWS, ROWS // 25, replace=False)
    for row in odd:
        for feature in rng.choice(11, rng.integers(1, 4), replace=False):
            x[row, feature] = x[row, feature] * rng.uniform(1.5, 6) + (3 if feature == 10 else 0)
    return x


def clusters(rng):
    """Three clusters of different density in four dimensions, and uniform noise between them."""
    parts = [
        rng.normal([0, 0, 0, 0], 300, (500, 4)),
        rng.normal([4000, 4000, 0, -3000], 600, (300, 4)),
        rng.normal([-4000, 2000, 5000, 0], [100, 900, 200, 50], (150, 4)),
        rng.uniform(-8000, 8000, (50, 4)),
    ]
    x = np.concatenate(parts)
    return x[rng.permutation(len(x))]


def smd(folder):
    """Server Machine Dataset, machine 1-6, metrics 1-24: every 28th training row, then labelled test rows."""
    with gzip.open(folder / "smd" / "machine-1-6.csv.gz", "rt") as file:
        rows = list(csv.DictReader(file))
    take = lambda row: [float(row[f"f{i:02d}"]) for i in range(1, 25)]
    train = [take(r) for r in rows if r["part"] == "train"][::28][: ROWS - 150]
    odd = [take(r) for r in rows if r["part"] == "test" and r["label"] == "1"]
    step = max(1, len(odd) // (ROWS - len(train)))
    return np.array(train + odd[::step][: ROWS - len(train)]) * 1000


def write(out, name, values):
    x = np.rint(values).astype(int)
    scores = []
    for trees in TREES:
        for seed in SEEDS:
            forest = IsolationForest(n_estimators=trees, random_state=seed).fit(x)
            scores.append(np.rint(-forest.score_samples(x) * 1e4).astype(int))
    np.savetxt(out / f"{name}.csv", x, fmt="%d", delimiter=",")
    np.savetxt(out / f"{name}.scores.csv", np.column_stack(scores), fmt="%d", delimiter=",")
    print(f"{name}: {x.shape[0]} rows, {x.shape[1]} features, scikit-learn {sklearn.__version__}")


def main():
    root = HERE.parent.parent
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    shared = os.environ.get("AIOPS_SHARED", root.parent / "shared")
    parser.add_argument("--shared", type=pathlib.Path, default=pathlib.Path(shared))
    parser.add_argument("--out", type=pathlib.Path, default=root / "tests" / "testdata" / "forest")
    args = parser.parse_args()
    write(args.out, "server", server(np.random.default_rng(11)))
    write(args.out, "clusters", clusters(np.random.default_rng(12)))
    write(args.out, "smd", smd(args.shared / "data"))


if __name__ == "__main__":
    main()
