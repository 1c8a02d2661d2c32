"""Records what DVC says of random projects after random edits, as a fixture of the tests.

    PYTHON_WITH_DVC bench/dvc/record_verdicts.py > test/dvc/fixtures/verdicts.json

Each case is a project as DVC left it after `dvc repro`, and steps: files that an edit wrote or removed (null), the stages
that `dvc status` then calls changed, frozen stages and the edges of the graph. Edits stand alone: each starts from the case.
"""

import json
import os
import shutil
import sys
import tempfile

import compare
from edits import edits
from record_projects import snapshot

SEEDS = range(203, 220)
EDITS = 7


def record(seed):
    root = os.path.realpath(tempfile.mkdtemp(prefix=f"dvc-{seed}-"))
    os.chdir(root)
    try:
        project = compare.make_project(seed)
        compare.dvc_repro()
        shutil.copytree(root, f"{root}.base", symlinks=True)
        base = snapshot(root)
        table = edits(project, compare.outs_now)
        steps = [{"edit": "none", "files": {}, **answers()}]
        for name in project.rng.sample(sorted(table), EDITS):
            table[name]()
            after = snapshot(root)
            files = {path: after.get(path) for path in sorted(set(base) | set(after)) if base.get(path) != after.get(path)}
            try:
                steps.append({"edit": name, "files": files, **answers()})
            except Exception as error:
                steps.append({"edit": name, "files": files, "refused": type(error).__name__})
            compare.back(root)
        return {"seed": seed, "files": base, "steps": steps}
    except Exception:
        return None
    finally:
        os.chdir("/")
        shutil.rmtree(root, ignore_errors=True)
        shutil.rmtree(f"{root}.base", ignore_errors=True)


def answers():
    graph, edges = compare.dvc_graph()
    return {
        "changed": {name: "not in cache" in json.dumps(entries) for name, entries in compare.dvc_status().items()},
        "frozen": sorted(name for name, stage in graph.items() if stage["frozen"]),
        "edges": edges,
        "stages": sorted(graph),
    }


if __name__ == "__main__":
    cases = [case for case in map(record, SEEDS) if case]
    json.dump(cases, sys.stdout, indent=0, sort_keys=True)
    print()
