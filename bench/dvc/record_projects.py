"""Builds two small DVC projects, runs the installed DVC in them, and writes all their files as one JSON object.

Run with the Python of an environment that holds DVC:  python record_projects.py > ../../test/dvc/fixtures/projects.json

What is kept is what a clone with its cache has: sources, dvc.yaml, dvc.lock, `.dvc` files, `.dvc/config`, the cache and
its run cache. Files are latin-1 text; their mode is kept where they can be executed. `python-earlier` is what git would have had
of the first project one commit before: its params, and dvc.lock of the result that only the cache still holds.
"""

import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile

PYTHON_SHAPE = {
    "params.yaml": "# knobs\nprepare: {split: 0.25, seed: 7}\ntrain:\n  trees: 30\n  depth: null\n  rate: 1e-3\n",
    "src/prepare.sh": "#!/bin/sh\nset -e\nmkdir -p data/prepared\nhead -n 3 data/raw/table.csv > data/prepared/train.csv\n"
    "tail -n 1 data/raw/table.csv > data/prepared/test.csv\n",
    "src/train.sh": "#!/bin/sh\nmkdir -p models\ncat data/prepared/train.csv params.yaml | sort > models/model.txt\n",
    "data/raw/table.csv": "x,y\n1,2\n3,4\n5,6\n",
    "data/raw/notes/read.txt": "two\r\nlines\r\n",
    "labels.csv": "a\nb\n",
    "dvc.yaml": "vars:\n- kinds: [linear, tree]\nstages:\n"
    "  prepare:\n    cmd: sh src/prepare.sh\n    deps:\n    - data/raw/\n    - src/prepare.sh\n    params:\n    - prepare.split\n"
    "    - prepare.seed\n    outs:\n    - data/prepared\n"
    "  train:\n    cmd:\n    - sh src/train.sh\n    - echo done\n    deps:\n    - data/prepared/train.csv\n    - src/train.sh\n"
    "    - labels.csv\n    params:\n    - train\n    outs:\n    - models/model.txt\n"
    "  score:\n    foreach: ${kinds}\n    do:\n      cmd: >-\n        wc -l < models/model.txt > score_${item}.txt &&\n"
    "        printf '{\"lines\": 5}' > ${item}.json && printf 'n,v\\n1,2\\n' > ${item}.csv\n"
    "      deps:\n      - models/model.txt\n      outs:\n      - score_${item}.txt:\n          cache: true\n"
    "      metrics:\n      - ${item}.json:\n          cache: false\n      plots:\n      - ${item}.csv:\n          x: n\n          y: v\n",
    "report/dvc.yaml": "stages:\n  page:\n    cmd: cat ../score_tree.txt ../linear.json > page.txt\n    deps:\n    - ../score_tree.txt\n"
    "    - ../linear.json\n    outs:\n    - page.txt\n",
}

R_SHAPE = {
    "params.yaml": "town: {rate: 0.5}\n",
    "pipeline/extract.sh": "#!/bin/sh\nmkdir -p input\nprintf 'id,value\\n1,10\\n2,20\\n' > input/parcels.csv\n",
    "pipeline/model.sh": "#!/bin/sh\nmkdir -p output\nsort input/parcels.csv > output/values.csv\ncp input/parcels.csv output/copy.csv\n",
    "dvc.yaml": "stages:\n  extract:\n    cmd: sh pipeline/extract.sh\n    deps:\n    - pipeline/extract.sh\n    outs:\n    - input/parcels.csv\n"
    "    frozen: true\n"
    "  model:\n    cmd: sh pipeline/model.sh\n    deps:\n    - pipeline/model.sh\n    - input/parcels.csv\n    params:\n    - town\n"
    "    outs:\n    - output/values.csv:\n        cache: false\n    - output/copy.csv:\n        persist: true\n"
    "  check:\n    cmd: test -s output/values.csv\n    deps:\n    - output/values.csv\n"
    "  stamp:\n    cmd: wc -c output/values.csv > output/stamp.txt\n    deps:\n    - output/values.csv\n    outs:\n    - output/stamp.txt:\n        cache: false\n",
}


def dvc(*args):
    subprocess.run([sys.executable, "-m", "dvc", *args], check=True, stdout=subprocess.DEVNULL)


def snapshot(root):
    files = {}
    for folder, dirs, names in os.walk(root):
        dirs[:] = [d for d in dirs if d not in (".git", "tmp")]
        for name in names:
            path = os.path.join(folder, name)
            with open(path, "rb") as source:
                text = source.read().decode("latin-1")
            mode = "x" if os.stat(path).st_mode & stat.S_IXUSR else ""
            files[os.path.relpath(path, root) + ("\0x" if mode else "")] = text
    return dict(sorted(files.items()))


def build(files, tracked, rerun, earlier):
    root = tempfile.mkdtemp()
    try:
        os.chdir(root)
        subprocess.run(["git", "init", "--quiet"], check=True)
        dvc("init", "--quiet")
        for path, text in files.items():
            os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
            with open(path, "w", newline="") as out:
                out.write(text)
        for path in tracked:
            dvc("add", "--quiet", path)
        if rerun:
            # An earlier result that only the run cache knows.
            with open("params.yaml", "w") as out:
                out.write(rerun)
            dvc("repro", "--quiet", "--all-pipelines")
            for path in ("params.yaml", "dvc.lock", "report/dvc.lock"):
                with open(path) as source:
                    earlier[path] = source.read()
            with open("params.yaml", "w") as out:
                out.write(files["params.yaml"])
        subprocess.run([sys.executable, "-m", "dvc", "unfreeze", "extract"], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        dvc("repro", "--quiet", "--all-pipelines")
        with open("dvc.yaml", "w", newline="") as out:
            out.write(files["dvc.yaml"])
        return snapshot(root)
    finally:
        os.chdir("/")
        shutil.rmtree(root)


if __name__ == "__main__":
    other = PYTHON_SHAPE["params.yaml"].replace("0.25", "0.5").replace("trees: 30", "trees: 31")
    earlier = {}
    projects = {
        "python": build(PYTHON_SHAPE, ["data/raw", "labels.csv"], other, earlier),
        "python-earlier": earlier,
        "r": build(R_SHAPE, [], None, {}),
    }
    json.dump(projects, sys.stdout, indent=0, sort_keys=True)
    print()
