"""What DVC makes of each text of load-cases.json: the stages it loads, or that it refuses. Run with DVC's Python:
    python bench/dvc/load-answers.py bench/dvc/load-cases.json > test/config/fixtures/dvc-load.jsonl
A line: {"text", "error"} or {"text", "stages": {name: {...}}}, paths relative to the root."""

import json
import logging
import os
import sys
import tempfile

logging.disable(logging.CRITICAL)

from dvc.dependency.param import ParamsDependency
from dvc.repo import Repo

VALUES = "d: sub\nl: [p, q]\nn: 5\nt: true\nm: {k: 1}\n"


def relative(repo, path):
    return os.path.relpath(path, repo.root_dir)


def describe(repo, stage):
    deps = [d for d in stage.deps if not isinstance(d, ParamsDependency)]
    params = [d for d in stage.deps if isinstance(d, ParamsDependency)]
    return {
        "cmd": stage.cmd,
        "wdir": relative(repo, stage.wdir),
        "deps": [relative(repo, d.fs_path) for d in deps],
        "params": {relative(repo, p.fs_path): list(p.params) for p in params},
        "outs": [
            {
                "path": relative(repo, o.fs_path),
                "kind": "metric" if o.metric else "plot" if o.plot else "out",
                "cache": o.use_cache,
                "persist": o.persist,
                "push": o.can_push,
                "plot": o.plot if isinstance(o.plot, dict) else None,
            }
            for o in stage.outs
        ],
        "frozen": stage.frozen,
        "always_changed": stage.always_changed,
    }


def answer(text):
    with tempfile.TemporaryDirectory() as home:
        root = os.path.join(home, "project")
        os.makedirs(os.path.join(root, "sub"))
        os.chdir(root)
        Repo.init(no_scm=True)
        with open("dvc.yaml", "w", encoding="utf-8") as file:
            file.write(text)
        with open("params.yaml", "w", encoding="utf-8") as file:
            file.write(VALUES)
        try:
            with Repo(root) as repo:
                index = repo.index
                index.check_graph()
                # Loading an artifact or a plot at top level happens only when it is asked for.
                index._plots, index._metrics, index._params, repo.artifacts.read()
                stages = {s.addressing.split(":")[-1]: describe(repo, s) for s in index.stages}
                return {"text": text, "stages": stages}
        except Exception as error:  # whatever DVC stops with is a refusal
            os.chdir("/")
            return {"text": text, "error": type(error).__name__}


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        cases = json.load(file)
    for text in cases:
        print(json.dumps(answer(text), ensure_ascii=False))


main()
