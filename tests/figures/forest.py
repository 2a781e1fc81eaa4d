#!/usr/bin/env python3
"""forest.py AIOPSCTL [--csv FILE]: the Isolation Forest beside scikit-learn's and isotree's, as a table for
docs/performance.md.

All three get the same rows (without --csv: a week of minutes of eleven features, made up from a seed), 100 trees of 256
rows, one thread. Processor seconds, each the best of some runs, alternating, so that a slow moment of the machine hits
all. Needs packages of PyPI:

    python3 -m venv DIR && DIR/bin/pip install scikit-learn isotree pandas
    DIR/bin/python tests/figures/forest.py build/release/aiopsctl
"""
import argparse
import importlib.metadata
import json
import os
import pathlib
import pickle
import subprocess
import sys
import tempfile
import time

for name in ("OMP", "OPENBLAS", "MKL"):  # before numpy is loaded
    os.environ[f"{name}_NUM_THREADS"] = "1"
try:
    import numpy as np
    import isotree
    import sklearn
    from sklearn.ensemble import IsolationForest
except ImportError as missing:
    sys.exit(f"{missing}; python3 -m venv DIR && DIR/bin/pip install scikit-learn isotree pandas, then run this with "
             "DIR/bin/python")

TREES, SAMPLES, ROUNDS = 100, 256, 3
SCIKIT = dict(n_estimators=TREES, max_samples=SAMPLES, n_jobs=1)
ISOTREE = dict(ntrees=TREES, sample_size=SAMPLES, ndim=1, nthreads=1, missing_action="fail")
FIGURES = ("fit_s", "score_s", "score_one_s")


def week(path: pathlib.Path) -> None:
    """10,080 x 11: daily rhythms and noise."""
    random = np.random.default_rng(1)
    phase = 2 * np.pi * np.arange(10_080)[:, None] / 1440
    level = 10.0 ** random.uniform(-1, 6, 11)
    rows = level * (1 + 0.3 * np.sin(phase + random.uniform(0, 6, 11)) + 0.1 * random.standard_normal((10_080, 11)))
    np.savetxt(path, rows, delimiter=",", header=",".join(f"f{i}" for i in range(11)), comments="", fmt="%.9g")


def seconds(work, times: int = 1) -> float:
    work()
    start = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - start) / times


def python_figures(rows: np.ndarray, make, score) -> dict:
    model = make().fit(rows)
    one = [rows[i:i + 1] for i in range(20)]
    return {"fit_s": seconds(lambda: make().fit(rows)), "score_s": seconds(lambda: score(model, rows)),
            "score_one_s": seconds(lambda: [score(model, row) for row in one]) / len(one),
            "model_bytes": len(pickle.dumps(model))}


def measure(aiopsctl: str, csv: pathlib.Path, rows: np.ndarray) -> dict[str, dict]:
    tools = {
        "aiopsctl": lambda: json.loads(subprocess.run([aiopsctl, "bench-forest", csv, "--json"], check=True, text=True,
                                                      stdout=subprocess.PIPE).stdout),
        f"isotree {importlib.metadata.version('isotree')}": lambda: python_figures(
            rows, lambda: isotree.IsolationForest(**ISOTREE), lambda model, x: model.predict(x)),
        f"scikit-learn {sklearn.__version__}": lambda: python_figures(
            rows, lambda: IsolationForest(**SCIKIT), lambda model, x: model.score_samples(x)),
    }
    best: dict[str, dict] = {}
    for number in range(ROUNDS):
        for name, run in tools.items():
            print(f"round {number + 1} of {ROUNDS}: {name}", file=sys.stderr)
            found = run()
            best[name] = found if name not in best else {
                key: min(best[name][key], found[key]) for key in (*FIGURES, "model_bytes")}
    return best


def table(figures: dict[str, dict], rows: int) -> str:
    lines = ["| forest | fit | all rows, a second | one row a call | kept as |", "|---|--:|--:|--:|--:|"]
    for name, found in figures.items():
        lines.append(f"| {name} | {1000 * found['fit_s']:.1f} ms | {rows / found['score_s'] / 1000:,.0f} k | "
                     f"{1e6 * found['score_one_s']:,.2f} µs | {found['model_bytes'] / 1e6:.2f} MB |")
    ours, *others = figures.values()
    isotrees = others[0]
    lines += ["", f"Beside isotree: fit {isotrees['fit_s'] / ours['fit_s']:.1f} times as fast, one row "
              f"{isotrees['score_one_s'] / ours['score_one_s']:.0f} times; all rows "
              f"{min(each['score_s'] for each in others) / ours['score_s']:.1f} times as fast as the faster of the two."]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("aiopsctl")
    parser.add_argument("--csv", type=pathlib.Path, help="a header, then rows of numbers")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        csv = arguments.csv or pathlib.Path(folder) / "week.csv"
        if not arguments.csv:
            week(csv)
        rows = np.loadtxt(csv, delimiter=",", skiprows=1)
        print(table(measure(arguments.aiopsctl, csv, rows), len(rows)))


if __name__ == "__main__":
    main()
