"""Random data sets through Evidently 0.7.23 and through stages/drift.ts: score, method, threshold and verdict must agree.

usage: python bench/ml/drift.py [--sets N] [--seed N] [--record FILE] [--speed [--json]]
--record writes a small sample (data and Evidently's answers) for test/ml/fixtures; --speed times 20,000 x 8.
Needs evidently==0.7.23, scikit-learn, pandas<3. MMD is unseeded in Evidently, so its p value may differ by 0.3.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")
from evidently import Report  # noqa: E402
from evidently.core.datasets import infer_column_type  # noqa: E402
from evidently.legacy.calculations.stattests import registry  # noqa: E402
from evidently.presets import DataDriftPreset, DataSummaryPreset  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
NODE = str(ROOT / "node_modules" / ".bin" / "node")
TITLES = {next(iter(t.values())).display_name: n for n, t in registry._registered_stat_tests.items() if n}
NUM = ["ks", "wasserstein", "psi", "kl_div", "jensenshannon", "anderson", "cramer_von_mises", "ed", "es", "hellinger", "mannw", "t_test", "empirical_mmd"]
CAT = ["psi", "kl_div", "jensenshannon", "chisquare", "z", "g_test", "hellinger", "TVD", "fisher_exact"]


def number_column(rng, n, kind, shift):
    if kind == 0: return rng.normal(shift, 1 + shift / 2, n)
    if kind == 1: return rng.exponential(1 + shift, n)
    if kind == 2: return np.round(rng.normal(shift, 1, n), 1)
    if kind == 3: return rng.integers(0, 30 + int(shift * 20), n)
    if kind == 4: return rng.integers(0, 5, n) * 0.5
    if kind == 5: return np.full(n, 3.25) if shift < 0.4 else rng.integers(0, 2, n) * 1.5
    if kind == 6:
        x = rng.normal(0, 1, n); x[0] = 100.0; return x
    if kind == 7: return rng.normal(shift, 1, n) * 1e-5
    if kind == 8: return rng.integers(0, 1_000_000, n)
    return np.where(rng.random(n) < 0.1, np.nan, rng.normal(shift, 1, n))


def text_column(rng, n, kind, shift):
    k = [2, 3, 6, 12][kind % 4]
    weights = np.arange(1, k + 1) ** (0.3 + shift); weights = weights / weights.sum()
    x = np.array(["v%02d" % i for i in range(k)], dtype=object)[rng.choice(k, n, p=weights)]
    if kind >= 4: x[rng.random(n) < 0.05] = None
    return x


def random_tables(rng, n_ref, n_cur, method=None):
    shift = float(rng.choice([0, 0, 0.1, 0.5]))
    ref, cur = {}, {}
    for i in range(int(rng.integers(1, 5))):
        kind = int(rng.integers(0, 10))
        ref[f"n{i}_{kind}"], cur[f"n{i}_{kind}"] = number_column(rng, n_ref, kind, 0), number_column(rng, n_cur, kind, shift)
    for i in range(int(rng.integers(1, 4))):
        kind = 0 if method == "fisher_exact" else int(rng.integers(0, 8))
        ref[f"c{i}"], cur[f"c{i}"] = text_column(rng, n_ref, kind, 0), text_column(rng, n_cur, kind, shift)
    for i in range(int(rng.integers(0, 2))):
        ref[f"i{i}"], cur[f"i{i}"] = rng.integers(0, 4, n_ref), rng.integers(0, 4 + (shift > 0.2), n_cur)
    return pd.DataFrame(ref), pd.DataFrame(cur)


def evidently_answers(ref, cur, method):
    """Each column by the function that Evidently's own report calls, so that one failing column does not hide the rest."""
    from evidently.legacy.core import ColumnType
    answers = {}
    for name in cur.columns:
        kind = infer_column_type(cur[name])
        if kind not in (ColumnType.Numerical, ColumnType.Categorical):
            answers[name] = {"type": kind.value, "skipped": True}; continue
        a = ref[name].replace([-np.inf, np.inf], np.nan).dropna(); b = cur[name].replace([-np.inf, np.inf], np.nan).dropna()
        try:
            test = registry.get_stattest(a, b, kind, method)
        except registry.StatTestInvalidFeatureTypeError:
            answers[name] = {"type": kind.value, "skipped": True}; continue
        try:
            result = test(a.copy(), b.copy(), kind, None)
            answers[name] = {"type": kind.value, "method": test.name, "score": float(result.drift_score), "threshold": result.actual_threshold, "drift": bool(result.drifted)}
        except ValueError as error:
            answers[name] = {"type": kind.value, "error": str(error)[:60]}
    return answers


def run_ours(ref_csv, cur_csv, out, *more):
    done = subprocess.run([NODE, "stages/drift.ts", "--reference", ref_csv, "--current", cur_csv, "--out-json", out, *more], cwd=ROOT, capture_output=True, text=True)
    if done.returncode: return {"error": done.stderr.strip()}
    return json.loads(Path(out).read_text())


def differences(theirs, ours, loose):
    if any("error" in a for a in theirs.values()):
        return [] if "error" in ours else [f"Evidently raises, ours does not: {theirs}"]
    if "error" in ours:
        return [] if all("skipped" in a for a in theirs.values()) else [f"ours raises: {ours['error']}"]
    found = []
    for name, a in theirs.items():
        b = ours["columns"][name]
        if a["type"] != b["type"]: found.append(f"{name}: type {a['type']} {b['type']}"); continue
        if "skipped" in a:
            if b["drift"] is not None: found.append(f"{name}: skipped by Evidently only")
            continue
        x, y = a["score"], float(b["score"])
        same = (math.isnan(x) and math.isnan(y)) or x == y or abs(x - y) <= max(1e-9 * abs(x), 1e-12 if not loose else loose)
        if not same or a["method"] != b["method"] or a["threshold"] != b["threshold"] or (a["drift"] != b["drift"] and not loose):
            found.append(f"{name}: {a} {b}")
    return found


def compare(sets, seed, folder):
    rng = np.random.default_rng(seed)
    failures, columns = 0, 0
    recorded = []
    for index in range(sets):
        method = None if index % 3 == 0 else str(rng.choice(sorted(set(NUM + CAT))))
        n_ref = int(rng.choice([6, 15, 20, 60, 300, 1000, 1001, 2500])); n_cur = int(rng.choice([6, 18, 70, 300, 1100, 2500]))
        if method == "empirical_mmd": n_ref, n_cur = min(n_ref, 300), min(n_cur, 300)
        if method == "TVD": n_ref, n_cur = min(n_ref, 60), min(n_cur, 70)
        if method in ("g_test", "fisher_exact") and rng.random() < 0.7: n_cur = n_ref
        ref, cur = random_tables(rng, n_ref, n_cur, method)
        r, c = f"{folder}/r.csv", f"{folder}/c.csv"
        ref.to_csv(r, index=False); cur.to_csv(c, index=False)
        ref, cur = pd.read_csv(r), pd.read_csv(c)
        theirs = evidently_answers(ref, cur, method)
        ours = run_ours(r, c, f"{folder}/d.json", *(["--method", method] if method else []))
        loose = 0.3 if method == "empirical_mmd" else 0.05 if method == "TVD" else 0
        found = differences(theirs, ours, loose)
        columns += len(theirs)
        if found:
            failures += 1
            print(f"set {index} method {method} {n_ref}/{n_cur}:", *found, sep="\n   ")
        if n_ref <= 60 and n_cur <= 70 and len(recorded) < 60 and not any("error" in a for a in theirs.values()):
            recorded.append({"method": method, "reference": Path(r).read_text(), "current": Path(c).read_text(), "answers": theirs})
    print(f"{sets} data sets, {columns} columns, {failures} data sets with a difference")
    return recorded, failures


def check_report(seed, folder):
    """The real report object: share of drifted columns and the summary counts."""
    rng = np.random.default_rng(seed)
    ref, cur = random_tables(rng, 1500, 1200)
    cur = pd.concat([cur, cur.head(7)], ignore_index=True)
    r, c = f"{folder}/r.csv", f"{folder}/c.csv"
    ref.to_csv(r, index=False); cur.to_csv(c, index=False)
    ref, cur = pd.read_csv(r), pd.read_csv(c)
    shot = Report([DataDriftPreset(), DataSummaryPreset()], include_tests=True).run(cur, ref).dict()
    ours = run_ours(r, c, f"{folder}/d.json")
    for metric in shot["metrics"]:
        name, value = metric["metric_name"], metric["value"]
        if name.startswith("DriftedColumnsCount"):
            assert value["share"] == ours["dataset"]["share"], (value, ours["dataset"])
        if name.startswith("ValueDrift"):
            column = ours["columns"][metric["config"]["column"]]
            assert TITLES[metric["config"]["method"]] == column["method"] and abs(float(value) - column["score"]) < 1e-9, (metric, column)
    names = {"RowCount": "row_count", "DuplicatedRowCount": "duplicated_row_count", "DatasetMissingValueCount": "missing_value_count", "EmptyRowsCount": "empty_row_count", "EmptyColumnsCount": "empty_column_count", "ConstantColumnsCount": "constant_column_count", "AlmostConstantColumnsCount": "almost_constant_column_count", "DuplicatedColumnsCount": "duplicated_column_count", "AlmostDuplicatedColumnsCount": "almost_duplicated_column_count", "ColumnCount": "column_count"}
    for metric in shot["metrics"]:
        key = names.get(metric["metric_name"].split("(")[0])
        if key is None or "column_type" in str(metric["config"].get("column_type") or ""): continue
        if metric["config"].get("column_type"): continue
        value = metric["value"]["count"] if isinstance(metric["value"], dict) else metric["value"]
        assert value == ours["quality"]["current"][key], (metric, ours["quality"]["current"][key])


def speed(folder, as_json):
    rng = np.random.default_rng(5)
    make = lambda shift: pd.DataFrame({**{f"n{i}": rng.normal(shift * i / 10, 1, 20_000) for i in range(6)}, **{f"c{i}": np.array(["a", "b", "c", "d"])[rng.integers(0, 4, 20_000)] for i in range(2)}})
    ref, cur = make(0), make(1)
    r, c, d, h = (f"{folder}/{n}" for n in ("r.csv", "c.csv", "d.json", "d.html"))
    ref.to_csv(r, index=False); cur.to_csv(c, index=False)
    times = {"evidently": [], "whole process": []}
    for _ in range(6):
        start = time.perf_counter(); Report([DataDriftPreset()]).run(cur, ref).save_html(f"{folder}/e.html"); times["evidently"].append(time.perf_counter() - start)
        if as_json: continue
        start = time.perf_counter(); run_ours(r, c, d, "--out-html", h); times["whole process"].append(time.perf_counter() - start)
    done = subprocess.run([NODE, "bench/ml/drift.ts", r, c], cwd=ROOT, capture_output=True, text=True, check=True)
    rounds = [ms / 1000 for ms in json.loads(done.stdout)]
    if as_json: return print(json.dumps({"ours": rounds, "theirs": times["evidently"]}))
    base = min(times["evidently"])
    print(f"20,000 x 8, best of 6: Evidently {base:.3f} s in a warm process, page {os.path.getsize(folder + '/e.html') / 1e6:.1f} MB, first run {times['evidently'][0]:.3f} s")
    print(f"ours from tables in memory: first {rounds[0]:.3f} s, best {min(rounds):.3f} s, ratio {min(rounds) / base:.3f} (first against first {rounds[0] / times['evidently'][0]:.3f}), page {os.path.getsize(h) / 1e6:.2f} MB")
    print(f"ours as a whole process, with start, CSV and page: {min(times['whole process']):.3f} s, ratio {min(times['whole process']) / base:.3f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--sets", type=int, default=300); parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--record"); parser.add_argument("--speed", action="store_true"); parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if args.speed: speed(folder, args.json); sys.exit()
        recorded, failures = compare(args.sets, args.seed, folder)
        for seed in range(10): check_report(args.seed * 100 + seed, folder)
        print("10 whole reports agree")
        if args.record:
            kept, size = [], 0
            for case in recorded:
                size += len(json.dumps(case))
                if size > 90_000: break
                kept.append(case)
            Path(args.record).write_text(json.dumps(kept))
        sys.exit(1 if failures else 0)
