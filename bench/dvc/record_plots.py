"""Asks the installed DVC how it reads plots: which belong together, which fields are x and y, which rows there are.

Run with the Python of an environment that holds DVC:  python record_plots.py > ../../test/report/fixtures/plots.json

Each case is a project; a template that is nothing but anchors makes `dvc plots show --json` tell what stands for each of
them. Images come back as a path in DVC, so only their names are kept.
"""

import json
import os
import subprocess
import sys
import tempfile

PROBE = {
    "data": {"values": "<DVC_METRIC_DATA>"},
    "title": "<DVC_METRIC_TITLE>",
    "encoding_x": "<DVC_METRIC_X>",
    "encoding_y": "<DVC_METRIC_Y>",
    "x_label": "<DVC_METRIC_X_LABEL>",
    "y_label": "<DVC_METRIC_Y_LABEL>",
    "group_by": "<DVC_METRIC_GROUP_BY>",
    "group_by_x": "<DVC_METRIC_GROUP_BY_X>",
    "within": "a <DVC_METRIC_TITLE> b",
}

ROC = "fpr,tpr\n0,0\n0.5,0.8\n1,1\n"
PNG = "\x89PNG\r\n\x1a\n"


def stage(plots):
    return "stages:\n  s:\n    cmd: echo\n    plots:\n" + "".join(f"    - {line}\n" for line in plots)


def top(*plots):
    return "plots:\n" + "".join(f"- {line}\n" for line in plots)


CASES = {
    "a file with x and y": {"dvc.yaml": stage(["a.csv: {x: fpr, y: tpr}"]), "a.csv": ROC},
    "the last column is y and the row is x": {"dvc.yaml": stage(["a.csv"]), "a.csv": ROC},
    "labels and a title": {
        "dvc.yaml": stage(["a.csv: {x: fpr, y: tpr, x_label: left, y_label: up, title: A title}"]),
        "a.csv": ROC,
    },
    "no header": {"dvc.yaml": stage(["a.csv: {header: false}"]), "a.csv": "1,2\n3,4\n"},
    "no header with fields by number": {"dvc.yaml": stage(["a.csv: {header: false, x: '0', y: '1'}"]), "a.csv": "1,2\n3,4\n"},
    "tabs": {"dvc.yaml": stage(["a.tsv"]), "a.tsv": "step\tloss\n1\t0.5\n2\t0.25\n"},
    "quotes, empty cells and short rows": {
        "dvc.yaml": stage(["a.csv"]),
        "a.csv": 'name,text\n"a, b","say ""x"""\nc,\n\nd\n',
    },
    "a list of maps": {"dvc.yaml": stage(["a.json"]), "a.json": '[{"step": 1, "loss": 0.5}, {"step": 2, "loss": 0.25}]'},
    "a list within maps": {
        "dvc.yaml": stage(["a.json: {x: s}"]),
        "a.json": '{"n": 3, "train": {"points": [{"s": 1, "l": 0.5}, {"s": 2, "l": 0.3}]}}',
    },
    "several lists are joined": {
        "dvc.yaml": stage(["a.json"]),
        "a.json": '{"one": [{"a": 1}, {"a": 2}], "two": [{"b": 3}, {"b": 4}]}',
    },
    "a list with other keys is left out": {
        "dvc.yaml": stage(["a.json: {y: v}"]),
        "a.json": '{"odd": [{"a": 1}, {"b": 2}], "even": [{"v": 3}, {"v": 4}]}',
    },
    "yaml": {"dvc.yaml": stage(["a.yaml"]), "a.yaml": "points:\n- {x: 1, y: 2}\n- {x: 2, y: 4}\n"},
    "the top level by path": {"dvc.yaml": top("a.csv: {x: fpr, y: tpr}"), "a.csv": ROC},
    "the top level without properties": {"dvc.yaml": top("a.csv", "b.csv:"), "a.csv": ROC, "b.csv": ROC},
    "several fields of one file": {"dvc.yaml": top("a.csv: {x: fpr, y: [tpr, fpr]}"), "a.csv": ROC},
    "several files": {"dvc.yaml": top("roc: {x: fpr, y: {l/a.csv: tpr, l/b.csv: tpr}}"), "l/a.csv": ROC, "l/b.csv": ROC},
    "several files and fields": {
        "dvc.yaml": top("roc: {x: fpr, y: {a.csv: tpr, b.csv: [tpr, fpr]}}"),
        "a.csv": ROC,
        "b.csv": ROC,
    },
    "x of another file": {
        "dvc.yaml": top("both: {x: {steps.csv: step}, y: {a.csv: tpr}}"),
        "steps.csv": "step\n10\n20\n30\n",
        "a.csv": ROC,
    },
    "one x for each file": {
        "dvc.yaml": top("both: {x: {a.csv: fpr, b.csv: n}, y: {a.csv: tpr, b.csv: tpr}}"),
        "a.csv": ROC,
        "b.csv": "n,tpr\n1,2\n2,3\n3,4\n",
    },
    "a folder": {"dvc.yaml": top("d: {x: fpr}"), "d/a.csv": ROC, "d/deep/b.csv": ROC},
    "a folder and a file in it": {"dvc.yaml": top("d: {x: fpr}", "d/b.csv: {x: tpr, y: fpr}"), "d/a.csv": ROC, "d/b.csv": ROC},
    "a folder that a stage makes": {"dvc.yaml": stage(["d: {x: fpr}"]), "d/a.csv": ROC, "d/b.csv": ROC},
    "the same file twice": {"dvc.yaml": stage(["a.csv: {x: fpr}"]) + top("a.csv: {x: tpr, y: fpr}"), "a.csv": ROC},
    "a wdir": {
        "dvc.yaml": "stages:\n  s:\n    cmd: echo\n    wdir: sub\n    plots:\n    - a.csv: {x: fpr}\n",
        "sub/a.csv": ROC,
    },
    "another dvc.yaml": {
        "dvc.yaml": "stages: {}\n",
        "sub/dvc.yaml": top("roc: {x: fpr, y: {a.csv: tpr}}", "b.csv: {x: fpr}"),
        "sub/a.csv": ROC,
        "sub/b.csv": ROC,
    },
    "a field with dots and brackets": {"dvc.yaml": stage(["a.csv: {x: 'a.b', y: 'c[0]'}"]), "a.csv": "a.b,c[0]\n1,2\n2,3\n"},
    "an image": {"dvc.yaml": stage(["a.png", "b.csv"]), "a.png": PNG, "b.csv": ROC},
}


def run(files):
    with tempfile.TemporaryDirectory() as root:
        env = {**os.environ, "DVC_NO_ANALYTICS": "1"}
        subprocess.run(["git", "init", "-q"], cwd=root, check=True)
        subprocess.run([sys.executable, "-m", "dvc", "init", "-q"], cwd=root, check=True, env=env)
        probe = {".dvc/plots/probe.json": json.dumps(PROBE)}
        for name, text in {**files, **probe}.items():
            path = os.path.join(root, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(text.encode("latin-1"))
        args = [sys.executable, "-m", "dvc", "plots", "show", "-t", "probe", "--json"]
        done = subprocess.run(args, cwd=root, check=True, capture_output=True, env=env)
        data = json.loads(done.stdout)["data"]
    for name, entries in data.items():
        data[name] = [each["content"] if each["type"] == "vega" else "image" for each in entries]
    return data


if __name__ == "__main__":
    answers = {name: {"files": files, "answer": run(files)} for name, files in CASES.items()}
    json.dump({"probe": PROBE, "cases": answers}, sys.stdout, indent=1)
    sys.stdout.write("\n")
