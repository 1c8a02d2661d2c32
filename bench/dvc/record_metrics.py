"""Asks the installed DVC what `metrics show`, `metrics diff` and `params diff` say of small projects, as JSON.

Run with the Python of an environment that holds DVC:  python record_metrics.py > ../../test/report/fixtures/metrics.json

Each case is a project at a commit (`before`), what the workspace holds instead (`after`; null removes a file), and
questions. NaN and infinite numbers are written as texts, because JSON has none; DVC prints them bare.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile

METRICS = "metrics: [m.json]\n"
DIFF = [["metrics", "diff"], ["metrics", "diff", "--all"]]
PARAMS = [["params", "diff"], ["params", "diff", "--all"], ["params", "diff", "--deps"]]

CASES = {
    "a number": ({"dvc.yaml": METRICS, "m.json": '{"r2": 0.5, "n": 3}'}, {"m.json": '{"r2": 0.75, "n": 3}'}, DIFF),
    "nested maps": (
        {"dvc.yaml": METRICS, "m.json": '{"test": {"r2": 0.5, "deep": {"mae": 2}}, "cv": {"r2": {"mean": 0.5}}}'},
        {"m.json": '{"test": {"r2": 0.5, "deep": {"mae": 1.5}}, "cv": {"r2": {"mean": 0.625}}}'},
        DIFF,
    ),
    "every type": (
        {
            "dvc.yaml": METRICS,
            "m.json": '{"i": 1, "f": 1.5, "s": "a", "t": true, "z": null, "l": [1, 2], "o": [1], "m": {}, "e": ""}',
        },
        {"m.json": '{"i": 2, "f": 2.5, "s": "b", "t": false, "z": 1, "l": [1, 3], "o": [2], "m": {"x": 1}, "e": "x"}'},
        DIFF,
    ),
    "types change": (
        {"dvc.yaml": METRICS, "m.json": '{"a": 1, "b": 1, "c": 1, "d": 1.0, "e": {"x": 1}, "f": 1}'},
        {"m.json": '{"a": "1", "b": true, "c": 1.0, "d": null, "e": 1, "f": {"x": 1}}'},
        DIFF,
    ),
    "not finite": (
        {"dvc.yaml": METRICS, "m.json": '{"a": 1.5, "b": NaN, "c": NaN, "d": 1.5, "e": Infinity}'},
        {"m.json": '{"a": NaN, "b": 1.5, "c": NaN, "d": Infinity, "e": -Infinity}'},
        DIFF,
    ),
    "keys come and go": (
        {"dvc.yaml": METRICS, "m.json": '{"a": 1, "b": 2}'},
        {"m.json": '{"b": 2, "c": 0}'},
        DIFF,
    ),
    "the file is gone": ({"dvc.yaml": METRICS, "m.json": '{"a": 1}'}, {"m.json": None}, DIFF),
    "the file is new": ({"dvc.yaml": "metrics: []\n"}, {"dvc.yaml": METRICS, "m.json": '{"a": 1}'}, DIFF),
    "the file is broken": (
        {"dvc.yaml": "metrics: [m.json, n.json]\n", "m.json": '{"a": 1}', "n.json": '{"a": 1}'},
        {"m.json": '{"a": ', "n.json": '{"a": 2}'},
        DIFF,
    ),
    "a file is one number": ({"dvc.yaml": METRICS, "m.json": "0.5"}, {"m.json": "0.75"}, DIFF),
    "a file is a list": ({"dvc.yaml": METRICS, "m.json": "[1, 2]"}, {"m.json": "[1, 3]"}, DIFF),
    "yaml and toml": (
        {"dvc.yaml": "metrics: [m.yaml, m.toml]\n", "m.yaml": "a: 1\nb: 1e-3\nc: yes\n", "m.toml": "[t]\na = 1.5\n"},
        {"m.yaml": "a: 2\nb: 2e-3\nc: no\n", "m.toml": "[t]\na = 2.5\n"},
        DIFF,
    ),
    "several files": (
        {"dvc.yaml": "metrics: [m.json, sub/m.json]\n", "m.json": '{"a": 1}', "sub/m.json": '{"a": 1}'},
        {"m.json": '{"a": 2}', "sub/m.json": '{"a": 3}'},
        DIFF + [["metrics", "diff", "--targets", "sub/m.json"], ["metrics", "show"], ["metrics", "show", "m.json"]],
    ),
    "a target that nobody declares": (
        {"dvc.yaml": METRICS, "m.json": '{"a": 1}', "other.json": '{"b": 1}'},
        {"other.json": '{"b": 2}'},
        [["metrics", "diff", "--targets", "other.json"], ["metrics", "show", "other.json"]],
    ),
    "a folder of metrics": (
        {"dvc.yaml": "metrics: [scores]\n", "scores/a.json": '{"a": 1}', "scores/deep/b.json": '{"a": 1}'},
        {"scores/deep/b.json": '{"a": 2}'},
        DIFF + [["metrics", "show"]],
    ),
    "a stage in a folder": (
        {
            "dvc.yaml": "stages:\n  s:\n    cmd: echo\n    metrics: [m.json: {cache: false}]\n",
            "m.json": '{"a": 1}',
            "sub/dvc.yaml": "stages:\n  t:\n    cmd: echo\n    metrics: [m.json: {cache: false}]\n",
            "sub/m.json": '{"a": 1}',
        },
        {"m.json": '{"a": 2}', "sub/m.json": '{"a": 2}'},
        DIFF,
    ),
    "show every kind": (
        {"dvc.yaml": METRICS, "m.json": '{"i": 1, "f": 1.5, "s": "a", "t": true, "z": null, "l": [1], "m": {"x": {}}, "d": {"e": 2}}'},
        {},
        [["metrics", "show"], ["metrics", "show", "--all-branches"], ["metrics", "show", "--all-tags"]],
    ),
    "show what changed": (
        {"dvc.yaml": METRICS, "m.json": '{"a": 1}'},
        {"m.json": '{"a": 2}'},
        [["metrics", "show", "-a"], ["metrics", "show", "-T"], ["metrics", "show"]],
    ),
    "params of every type": (
        {
            "dvc.yaml": "stages:\n  s:\n    cmd: echo\n    params: [i, n.a]\n",
            "params.yaml": "i: 1\nf: 1.5\ns: a\nt: true\nz: null\nl: [1, 2]\no: [1]\nm: {}\nn: {a: 1, b: 2}\n",
        },
        {"params.yaml": "i: 2\nf: 2.5\ns: b\nt: false\nz: 1\nl: [1, 3]\no: [2]\nm: {x: 1}\nn: {a: 2, b: 3}\n"},
        PARAMS,
    ),
    "params come and go": (
        {"dvc.yaml": "stages:\n  s:\n    cmd: echo\n    params: [a, b]\n", "params.yaml": "a: 1\nb: {c: 1, d: 2}\n"},
        {"params.yaml": "b: {c: 1, e: 2}\nf: 0\n"},
        PARAMS,
    ),
    "params change type": (
        {"dvc.yaml": "params: [p.yaml]\n", "p.yaml": "a: 1\nb: 1\nc: 1\nd: [1]\ne: {x: 1}\n"},
        {"p.yaml": "a: 1.0\nb: true\nc: '1'\nd: 1\ne: 1\n"},
        PARAMS[:2],
    ),
    "params of other files": (
        {
            "dvc.yaml": "stages:\n  s:\n    cmd: echo\n    params:\n    - a\n    - c.json: [lr]\n    - d.toml:\n",
            "params.yaml": "a: 1\nx: 1\n",
            "c.json": '{"lr": 0.5, "other": 1}',
            "d.toml": "[t]\nk = 1\n",
        },
        {"params.yaml": "a: 2\nx: 2\n", "c.json": '{"lr": 0.25, "other": 2}', "d.toml": "[t]\nk = 2\n"},
        PARAMS + [["params", "diff", "--targets", "c.json"]],
    ),
    "params without a stage": ({"params.yaml": "a: 1\n"}, {"params.yaml": "a: 2\n"}, PARAMS),
    "params of vars": (
        {"dvc.yaml": "vars: [v.yaml]\nstages:\n  s:\n    cmd: echo ${a}\n", "v.yaml": "a: 1\n"},
        {"v.yaml": "a: 2\n"},
        PARAMS,
    ),
}


def write(files):
    for path, text in files.items():
        if text is None:
            os.remove(path)
            continue
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        with open(path, "w", newline="") as out:
            out.write(text)


def git(*args):
    subprocess.run(["git", "-c", "user.name=A", "-c", "user.email=a@example.org", *args], check=True)


def ask(question):
    answer = subprocess.run([sys.executable, "-m", "dvc", *question, "--json"], capture_output=True, text=True)
    value = json.loads(answer.stdout, parse_constant=str) if answer.stdout.strip() else None
    return {"args": question, "code": answer.returncode, "json": value, "complains": "failed to load" in answer.stderr}


def record(before, after, questions):
    root = tempfile.mkdtemp()
    try:
        os.chdir(root)
        git("init", "--quiet", "--initial-branch=main")
        subprocess.run([sys.executable, "-m", "dvc", "init", "--quiet"], check=True)
        write(before)
        git("add", "--all")
        git("commit", "--quiet", "--message", "start")
        git("tag", "v1")
        write(after)
        return {"before": before, "after": after, "answers": [ask(each) for each in questions]}
    finally:
        os.chdir("/")
        shutil.rmtree(root)


if __name__ == "__main__":
    cases = {name: record(*case) for name, case in CASES.items()}
    json.dump(cases, sys.stdout, indent=1, sort_keys=True)
    print()
