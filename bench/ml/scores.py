"""Random and degenerate predictions through scikit-learn 1.9.1 and through stages/score.ts: every score must agree to 1e-9.

usage: python bench/ml/scores.py [--cases N] [--seed N] [--record FILE]
"""

import argparse
import json
import math
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn import metrics as m
from sklearn.calibration import calibration_curve

warnings.filterwarnings("ignore")
ROOT = Path(__file__).resolve().parents[2]
NODE = str(ROOT / "node_modules" / ".bin" / "node")


def regression_case(rng):
    n = int(rng.choice([1, 2, 3, 10, 200, 3000]))
    kind = int(rng.integers(0, 6))
    y = rng.normal(3, 1, n)
    p = y + rng.normal(0, 0.5, n)
    if kind == 1: y = np.full(n, 2.5)
    if kind == 2: y = np.full(n, 2.5); p = y.copy()
    if kind == 3: y[0] = 0
    if kind == 4: p = np.full(n, 1.0)
    if kind == 5: y, p = y * 1e8, p * 1e8
    return pd.DataFrame({"y": y, "p": p})


def classification_case(rng):
    n = int(rng.choice([1, 2, 5, 30, 400, 3000]))
    kind = int(rng.integers(0, 9))
    y = (rng.random(n) < 0.3).astype(int)
    p = np.clip(rng.normal(0.3 + 0.3 * y, 0.2), 0, 1)
    label = (p > 0.5).astype(int)
    if kind == 1: p = np.round(p, 1)
    if kind == 2: y[:] = 0
    if kind == 3: y[:] = 1
    if kind == 4: label[:] = 0
    if kind == 5: p[:] = 0.5
    if kind == 6: y, label = np.array(["no", "yes"])[y], np.array(["no", "yes"])[label]
    frame = pd.DataFrame({"y": y, "label": label, "p": p})
    if kind == 7: frame = pd.DataFrame({"y": rng.integers(0, 4, n) * 5, "label": rng.integers(0, 4, n) * 5})
    if kind == 8: frame = pd.DataFrame({"y": np.array(["a", "b", "c"])[rng.integers(0, 3, n)], "label": np.array(["a", "b", "d"])[rng.integers(0, 3, n)]})
    return frame


def regression_answers(f):
    y, p = f.y, f.p
    return {"r2": m.r2_score(y, p), "rmse": m.root_mean_squared_error(y, p), "mae": m.mean_absolute_error(y, p), "mape": m.mean_absolute_percentage_error(y, p), "median_error": m.median_absolute_error(y, p), "explained_variance": m.explained_variance_score(y, p), "max_error": m.max_error(y, p)}


def classification_answers(f):
    y, label = f.y, f.label
    numbers = pd.api.types.is_integer_dtype(y)
    classes = sorted(set(y) | set(label))
    if numbers and set(classes) <= {0, 1}: classes = [0, 1]
    binary = len(classes) <= 2
    out = {"accuracy": m.accuracy_score(y, label), "balanced_accuracy": m.balanced_accuracy_score(y, label), "mcc": m.matthews_corrcoef(y, label)}
    for name, score in (("precision", m.precision_score), ("recall", m.recall_score), ("f1", m.f1_score)):
        out[name] = score(y, label, pos_label=classes[-1]) if binary else score(y, label, average="macro")
        out[name + "_macro"], out[name + "_weighted"] = score(y, label, average="macro"), score(y, label, average="weighted")
    out["confusion"] = m.confusion_matrix(y, label, labels=classes).tolist()
    if binary and "p" in f:
        hit = (y == classes[-1]).astype(int)
        out["roc_auc"] = m.roc_auc_score(hit, f.p)
        out["pr_auc"] = m.average_precision_score(hit, f.p)
        out["log_loss"] = m.log_loss(hit, f.p, labels=[0, 1])
        out["brier"] = m.brier_score_loss(hit, f.p)
        true, predicted = calibration_curve(hit, f.p, n_bins=10)
        out["calibration"] = [[float(a), float(b)] for a, b in zip(predicted, true)]
    return out


def agree(a, b):
    if isinstance(a, list): return len(a) == len(b) and all(agree(x, y) for x, y in zip(a, b))
    a, b = float(a), float(b)
    return (math.isnan(a) and math.isnan(b)) or abs(a - b) <= 1e-9 * max(1, abs(a))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=300); parser.add_argument("--seed", type=int, default=1); parser.add_argument("--record")
    args = parser.parse_args()
    rng = np.random.default_rng(args.seed)
    bad, recorded = 0, []
    with tempfile.TemporaryDirectory() as folder:
        for index in range(args.cases):
            task = "regression" if index % 3 == 0 else "classification"
            frame = regression_case(rng) if task == "regression" else classification_case(rng)
            frame.to_csv(f"{folder}/p.csv", index=False)
            frame = pd.read_csv(f"{folder}/p.csv")
            theirs = regression_answers(frame) if task == "regression" else classification_answers(frame)
            done = subprocess.run([NODE, "stages/score.ts", "--task", task, "--data", f"{folder}/p.csv", "--out", f"{folder}/s.json", "--bootstrap", "0"], cwd=ROOT, capture_output=True, text=True)
            if done.returncode: print(index, done.stderr); bad += 1; continue
            ours = json.loads(Path(f"{folder}/s.json").read_text())
            if "calibration" in ours: ours["calibration"] = [[b["predicted"], b["actual"]] for b in ours["calibration"]]
            wrong = {k: (v, ours.get(k)) for k, v in theirs.items() if k not in ours or not agree(v, ours[k])}
            if wrong: bad += 1; print(index, task, len(frame), wrong)
            elif len(frame) <= 30 and len(recorded) < 60:
                recorded.append({"task": task, "data": frame.to_csv(index=False), "answers": {k: "NaN" if isinstance(v, float) and math.isnan(v) else v for k, v in theirs.items()}})
    print(f"{args.cases} cases, {bad} differ")
    if args.record: Path(args.record).write_text(json.dumps(recorded, default=float))
    sys.exit(1 if bad else 0)
