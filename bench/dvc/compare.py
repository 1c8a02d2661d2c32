"""Random DVC projects: what real DVC makes of them against what repro does, stage by stage and edit by edit.

    PYTHON_WITH_DVC bench/dvc/compare.py [--first SEED] [--projects N] [--edits N] [--minutes N] [--keep]

DVC's own Python is needed. REPRO_CLI names another program than src/repro.ts, for example the built one (which is faster).

For each seed a project is made from a grammar. Compared are
  1. the graph: every stage with command, wdir, deps, params, outs and flags (`repro graph --json --all`, DVC's index);
  2. after `dvc repro`: `repro status` calls every stage fresh that DVC calls unchanged;
  3. after each random edit: whether a stage changed by itself (`dvc status`, `repro status`).
A stage below one that changed is not compared: DVC does not look that far, repro does.
  4. after the last edit: whether both tools, each in a copy, make outs with the same bytes.
Differences that docs/from-dvc.md lists are counted apart. Exit code 1 if there are others.
"""

import argparse
import collections
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from edits import edits
from grammar import Project

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
NODE = os.environ.get("REPRO_NODE", os.path.join(ROOT, "node_modules/.bin/node"))
CLI = os.environ.get("REPRO_CLI", os.path.join(ROOT, "src/repro.ts"))


def repro(*args):
    ran = subprocess.run([NODE, CLI, *args], capture_output=True, text=True)
    return ran.returncode, ran.stdout, ran.stderr


# -------------------------------------------------------------------------------------------------------------- DVC


def open_repo():
    from dvc.repo import Repo

    return Repo(os.getcwd())


def dvc_graph():
    from dvc.dependency import ParamsDependency

    with open_repo() as repo:
        found = {}
        for stage in repo.index.stages:
            if not hasattr(stage, "name") or not stage.cmd:
                continue
            params = {}
            for dep in stage.deps:
                if isinstance(dep, ParamsDependency):
                    params[os.path.relpath(dep.fs_path)] = sorted(dep.params or [])
            found[stage.addressing] = {
                "cmd": stage.cmd if isinstance(stage.cmd, list) else [stage.cmd],
                "wdir": os.path.relpath(stage.wdir),
                "deps": sorted({os.path.relpath(d.fs_path) for d in stage.deps if not isinstance(d, ParamsDependency)}),
                "params": params,
                "outs": sorted(
                    (os.path.relpath(o.fs_path), "metric" if o.metric else "plot" if o.plot else "out", o.use_cache, o.persist)
                    for o in stage.outs
                ),
                "frozen": bool(stage.frozen),
                "always_changed": bool(stage.always_changed),
            }
        edges = sorted(
            (b.addressing, a.addressing) for a, b in repo.index.graph.edges if a.addressing in found and b.addressing in found
        )
        return found, edges


def outs_now():
    return sorted(o[0] for stage in dvc_graph()[0].values() for o in stage["outs"])


def dvc_status():
    with open_repo() as repo:
        return {name: entries for name, entries in repo.status().items() if not name.endswith(".dvc")}


def dvc_repro():
    subprocess.run([sys.executable, "-m", "dvc", "repro", "-q", "--all-pipelines"], check=True, capture_output=True, text=True)


# ------------------------------------------------------------------------------------------------------------ repro


def our_graph():
    code, out, err = repro("graph", "--json", "--all")
    if code != 0:
        return None, err
    doc = json.loads(out)
    found = {
        stage["name"]: {
            "cmd": stage["cmd"],
            "wdir": stage["wdir"],
            "deps": stage["deps"],
            "params": stage["params"],
            "outs": sorted((o["path"], o["kind"], o["cache"], o["persist"]) for o in stage["outs"]),
            "frozen": stage["frozen"],
            "always_changed": stage["always_changed"],
        }
        for stage in doc["stages"]
    }
    return (found, sorted((a, b) for a, b in doc["edges"])), ""


def our_status():
    code, out, err = repro("status", "--json", "--all")
    if code != 0:
        return None, err
    return {stage["name"]: stage for stage in json.loads(out)["stages"]}, ""


# ---------------------------------------------------------------------------------------------------------- compare


def changed_by_itself(dvc, ours, edges, frozen):
    """Stage -> (changed in DVC, changed here), for stages that no changed stage feeds."""
    mine = {name: stage["decision"] != "fresh" for name, stage in ours.items()}
    unsure = {name for name in ours if name in dvc or mine[name]}
    below = set()
    grown = True
    while grown:
        grown = False
        for a, b in edges:
            if (a in unsure or a in below) and b not in below:
                below.add(b)
                grown = True
    return {name: (name in dvc, mine[name]) for name in ours if name not in below}


def explain(entries, ours, frozen):
    """Which listed difference this is, if it is one."""
    reasons = [reason["kind"] for reason in ours["reasons"]]
    changes = [reason["change"] for reason in ours["reasons"] if reason["kind"] == "changed"]
    if entries is None:
        dropped = [change for change in changes if change.get("after", "") is None]
        typed = [change for change in changes if change["kind"] == "param" and change not in dropped]
        if changes and len(dropped) + len(typed) == len(changes):
            return "dropped inputs and outs count" if dropped else "types of params count"
        if "known-result" in reasons:
            return None
    elif entries is not None:
        text = json.dumps(entries)
        if frozen:
            return "a frozen stage counts as it is"
        if "not in cache" in text:
            return "an out need not be in the cache"
    return None


def make_project(seed):
    """Written into the current folder, with its data tracked and nothing run."""
    subprocess.run(["git", "init", "-q"], check=True)
    subprocess.run([sys.executable, "-m", "dvc", "init", "-q"], check=True, capture_output=True)
    project = Project(seed)
    project.write_data()
    if project.tracked:
        subprocess.run([sys.executable, "-m", "dvc", "add", "-q", *project.tracked], check=True, capture_output=True)
    project.write_pipelines()
    return project


def run_project(seed, count_edits, tally, keep):
    root = os.path.realpath(tempfile.mkdtemp(prefix=f"dvc-{seed}-"))
    os.chdir(root)
    differences = []
    try:
        project = make_project(seed)
        try:
            graph, edges = dvc_graph()
        except Exception as error:  # what DVC refuses
            ours, _ = our_graph()
            tally["refused by DVC"] += 1
            if ours is not None:
                differences.append(("loads what DVC refuses", str(error).splitlines()[0]))
            return differences
        ours, err = our_graph()
        if ours is None:
            return [("refuses what DVC loads", err)]
        tally["stages"] += len(graph)
        for name in sorted(set(graph) | set(ours[0])):
            if graph.get(name) != ours[0].get(name):
                differences.append(("graph", name, graph.get(name), ours[0].get(name)))
        if edges != ours[1]:
            differences.append(("edges", sorted(set(edges) ^ set(ours[1]))))
        if differences:
            return differences
        try:
            dvc_repro()
        except subprocess.CalledProcessError as error:
            tally["cannot be run by DVC"] += 1
            return differences
        differences += verdicts("after dvc repro", tally, graph, edges)
        shutil.copytree(root, f"{root}.base", symlinks=True)
        table = edits(project, outs_now)
        for number in range(count_edits):
            name = project.rng.choice(list(table))
            table[name]()
            tally["edits"] += 1
            try:
                graph, edges = dvc_graph()
            except Exception as error:
                found, _err = our_graph()
                if found is not None:
                    differences.append((f"{number} {name}: loads what DVC refuses", str(error).splitlines()[0]))
                back(root)
                continue
            differences += verdicts(f"{number} {name}", tally, graph, edges)
            if project.rng.random() < 0.35:
                back(root)
            if differences:
                break
        differences = differences or results(root, tally)
        return differences
    finally:
        os.chdir("/")
        if keep and differences:
            print(f"kept: {root}", flush=True)
        else:
            shutil.rmtree(root, ignore_errors=True)
        shutil.rmtree(f"{root}.base", ignore_errors=True)


def results(root, tally):
    """After the last edits both tools run everything, each in a copy: the outs must have the same bytes."""
    made = []
    said = []
    for tool in ("repro", "dvc"):
        copy = f"{root}.{tool}"
        shutil.copytree(root, copy, symlinks=True)
        try:
            os.chdir(copy)
            theirs = [sys.executable, "-m", "dvc", "repro", "--all-pipelines"]
            command = [NODE, CLI, "--all", "-j", "2"] if tool == "repro" else theirs
            ran = subprocess.run(command, capture_output=True, text=True)
            if tool == "repro" and "[inputs-changed]" in ran.stdout + ran.stderr:
                # An edit dropped an out that is still written, and another stage reads it at the same time.
                tally["listed: an input changed during a run"] += 1
                ran = subprocess.run([*command[:-1], "1"], capture_output=True, text=True)
            said.append((ran.stdout + ran.stderr)[-2000:])
            outs = [o[0] for stage in dvc_graph()[0].values() for o in stage["outs"]]
            made.append({path: content(path) for path in outs} if ran.returncode == 0 else None)
        except Exception as error:
            made.append(None)
            said.append(str(error))
        finally:
            os.chdir(root)
            shutil.rmtree(copy, ignore_errors=True)
    ours, theirs = made
    if ours is None or theirs is None:
        tally["runs that fail"] += 1
        if (ours is None) == (theirs is None):
            return []
        if theirs is None and "missing data 'source'" in said[-1]:
            tally["listed: a frozen stage gets its outs back"] += 1
            return []
        return [("runs", "only DVC fails" if theirs is None else "only repro fails", *said)]
    tally["outs compared after a run"] += len(theirs)
    return [("runs", path, theirs[path], ours.get(path)) for path in theirs if ours.get(path) != theirs[path]]


def content(path):
    if os.path.isdir(path):
        return {name: content(os.path.join(path, name)) for name in sorted(os.listdir(path))}
    with open(path, "rb") as source:
        return source.read().decode("latin-1")


def back(root):
    os.chdir("/")
    shutil.rmtree(root)
    shutil.copytree(f"{root}.base", root, symlinks=True)
    os.chdir(root)


def verdicts(when, tally, graph, edges):
    try:
        theirs = dvc_status()
    except Exception as error:
        tally[f"dvc status fails: {type(error).__name__}"] += 1
        return []
    ours, err = our_status()
    if ours is None:
        return [(when, "repro status fails", err)]
    frozen = {name for name, stage in graph.items() if stage["frozen"]}
    found = []
    for name, (there, here) in changed_by_itself(theirs, ours, edges, frozen).items():
        tally["verdicts"] += 1
        if there == here:
            continue
        why = explain(theirs.get(name), ours[name], name in frozen)
        if why is None:
            found.append((when, name, theirs.get(name), ours[name]))
        else:
            tally[f"listed: {why}"] += 1
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--projects", type=int, default=200)
    parser.add_argument("--edits", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=600, help="begin no project after this time")
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    tally = collections.Counter()
    bad = 0
    end = time.monotonic() + options.minutes * 60
    # Whoever stops it sees what it has found so far.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        for seed in range(options.first, options.first + options.projects):
            if time.monotonic() > end:
                break
            found = run_project(seed, options.edits, tally, options.keep)
            tally["projects"] += 1
            bad += len(found)
            for each in found:
                print(f"seed {seed}:", *each, sep="\n  ", flush=True)
    finally:
        for name, number in sorted(tally.items()):
            print(f"{number:8} {name}")
        print(f"{bad:8} differences", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
