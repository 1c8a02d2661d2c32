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
import random
import shutil
import subprocess
import sys
import tempfile
import time

import tomlkit  # DVC needs it, too
import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
NODE = os.environ.get("REPRO_NODE", os.path.join(ROOT, "node_modules/.bin/node"))
CLI = os.environ.get("REPRO_CLI", os.path.join(ROOT, "src/repro.ts"))


def repro(*args):
    ran = subprocess.run([NODE, CLI, *args], capture_output=True, text=True)
    return ran.returncode, ran.stdout, ran.stderr


# ---------------------------------------------------------------------------------------------------------- grammar


def value(rng, depth=0):
    kind = rng.randrange(9 if depth < 2 else 6)
    if kind == 0:
        return rng.randrange(-5, 100)
    if kind == 1:
        return rng.choice([0.5, 1e-3, 1e-05, 2.0, 1e16, -0.25, 3.25e-9])
    if kind == 2:
        return rng.choice([True, False])
    if kind == 3:
        return None
    if kind in (4, 5):
        return rng.choice(["a", "x y", "1", "true", "it's", "ü", "", "0x1f", "1e3", "~", "a: b", "null"])
    if kind in (6, 7):
        return {name: value(rng, depth + 1) for name in rng.sample(["p", "q", "r_s", "t-u"], rng.randrange(1, 4))}
    return [value(rng, depth + 2) for _ in range(rng.randrange(0, 4))]


class Project:
    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.files = {}
        self.docs = {}
        self.tracked = []
        self.made = []
        self.params = {}
        self.build()

    def build(self):
        rng = self.rng
        self.params["params.yaml"] = {name: value(rng) for name in ["alpha", "beta", "gamma", "delta"]}
        self.params["params.yaml"]["names"] = rng.sample(["u", "v", "w1", "z-z"], rng.randrange(1, 4))
        self.params["params.yaml"]["deep"] = {"lr": rng.choice([0.1, 1, 1e-4]), "n": rng.randrange(9), "s": "t t"}
        self.params["conf/more.json"] = {"one": rng.randrange(9), "two": {"x": rng.choice([1.5, True, "s"])}}
        self.params["sub/params.yaml"] = {"alpha": value(rng), "k": rng.randrange(9), "names": ["m", "n"]}
        for i in range(3):
            self.files[f"data/f{i}.txt"] = f"{rng.random()}\n" * rng.randrange(0, 4)
            self.files[f"data/dir/{i}/g.txt"] = f"{rng.random()}\n"
        self.files["raw/big.csv"] = "a,b\n1,2\n"
        self.files["raw/set/x y.txt"] = "x\r\ny\r\n"
        self.files["raw/set/in/ü.txt"] = "z\n"
        self.tracked = [t for t in ["raw/big.csv", "raw/set"] if rng.random() < 0.6]
        self.files["code/run.sh"] = "echo run\n"
        if rng.random() < 0.3:
            self.files[".dvcignore"] = "*.tmp\n/data/dir/2/\n"
        if rng.random() < 0.4:
            self.params["conf/t.toml"] = {"lr": rng.choice([0.1, 1e-4, 2.0]), "on": True, "name": "t t", "days": [1, 2]}
        self.pipeline("dvc.yaml", rng.randrange(2, 6))
        if rng.random() < 0.6:
            self.pipeline("sub/dvc.yaml", rng.randrange(1, 3))
        if rng.random() < 0.2:
            self.pipeline("deep/er/dvc.yaml", 1)

    def sources(self):
        return ["data/f0.txt", "data/f1.txt", "data/f2.txt", "data/dir", "data/dir/1", "raw/big.csv", "raw/set", "code/run.sh"]

    def pipeline(self, file, count):
        folder = os.path.dirname(file)
        doc = {}
        if self.rng.random() < 0.4:
            doc["vars"] = [{"inline": {"a": self.rng.randrange(5), "b": ["k1", "k2"]}}]
            if folder == "" and self.rng.random() < 0.5:
                doc["vars"].append("conf/more.json:one")
        stages = {}
        for i in range(count):
            self.stage(stages, f"s{i}", folder, doc, file)
        doc["stages"] = stages
        if self.rng.random() < 0.2:
            doc["metrics"] = ["top.json"]
        if self.rng.random() < 0.15:
            doc["plots"] = [{"curve": {"x": "a", "y": {"curve.csv": "b"}}}, "other.csv"]
        if self.rng.random() < 0.15:
            doc["params"] = ["params.yaml"] if folder in ("", "sub") else ["../params.yaml"]
        if self.rng.random() < 0.15:
            doc["artifacts"] = {"the-model": {"path": "m.bin", "type": "model", "labels": ["a"], "desc": "d"}}
        self.docs[file] = doc

    def stage(self, stages, name, folder, doc, file):
        rng = self.rng
        at = os.path.join(folder, "")
        form = rng.choice(["plain"] * 5 + ["foreach", "foreach_map", "foreach_var", "matrix"])
        suffix = {"plain": "", "foreach": "_${item}", "foreach_map": "_${key}", "foreach_var": "_${item}", "matrix": "_${key}"}[form]
        wdir = rng.choice(["", "", "", "", "wd"]) if form == "plain" else ""
        base = os.path.normpath(os.path.join(folder, wdir)) if folder or wdir else ""
        base = "" if base == "." else base
        rel = lambda path: os.path.relpath(path, base or ".")
        deps = [p for p in rng.sample(self.sources() + self.made, rng.randrange(0, 4))]
        deps = [d for d in deps if not any(o != d and (o.startswith(d + "/")) for o in deps)]
        body = {}
        if wdir:
            body["wdir"] = wdir
            self.files[os.path.join(base, ".keep")] = ""
        out = f"o_{os.path.basename(folder) or 'r'}_{name}"
        outs, metrics, plots, lines = [], [], [], []
        shown = " ".join(f"'{rel(d)}'" for d in deps if "dir" not in d and "set" not in d)
        feed = f"cat {shown}" if shown else "echo made"
        template = rng.choice(["", "", " ${deep.lr}" if folder == "" else " ${k}", " ${inline.a}" if "vars" in doc else ""])
        one = {"foreach": "${item}", "foreach_var": "${item}", "foreach_map": "${item.v} ${key}", "matrix": "${item.x} ${item.y}"}
        whole = {"": "${deep}", "sub": "${names[0]}"}.get(folder, "${inline.a}" if "vars" in doc else "")
        template = rng.choice([template, template, " --one " + one.get(form, "1"), " " + whole])
        kinds = rng.sample(["file", "folder", "metric", "plot", "nocache", "persist"], rng.randrange(0, 3))
        for kind in kinds:
            path = f"{out}_{kind}{suffix}"
            if kind == "folder":
                lines.append(f"mkdir -p {path}/in && {feed} > {path}/in/x.txt")
                outs.append(path)
                inside = f"{path}/in/x.txt"
            elif kind == "metric":
                path += ".json"
                lines.append(f"echo '{{\"n\": {rng.randrange(9)}}}' > {path}")
                metrics.append(rng.choice([path, {path: {"cache": False}}]))
            elif kind == "plot":
                path += ".csv"
                lines.append(f"echo a,b > {path}")
                plots.append(rng.choice([path, {path: {"cache": False, "x": "a"}}]))
            else:
                lines.append(f"{feed} > {path}")
                flags = {"nocache": {"cache": False}, "persist": {"persist": True}}.get(kind)
                outs.append({path: flags} if flags else path)
            if form == "plain" and rng.random() < 0.7:
                self.made.append(os.path.join(base, inside if kind == "folder" and rng.random() < 0.5 else path))
        if not lines:
            lines = ["true"]
        lines[0] = lines[0] + (f" && echo{template}" if template else "")
        style = rng.randrange(4)
        body["cmd"] = " && ".join(lines) if style < 2 else lines if style == 2 else "\n".join(lines) + "\n"
        if deps:
            body["deps"] = [rel(d) + ("/" if rng.random() < 0.1 and d == "data/dir" else "") for d in deps]
        params = []
        if rng.random() < 0.5:
            own = "sub/params.yaml" if base == "sub" else "params.yaml"
            keys = list(self.params.get(own, {}))
            if base in ("", "sub"):
                params += rng.sample(keys, rng.randrange(1, 3))
                if base == "" and rng.random() < 0.3:
                    params.append("deep.lr")
            if rng.random() < 0.4:
                more = rel("conf/more.json")
                params.append({more: rng.choice([["one"], ["two.x"], None])})
            if "conf/t.toml" in self.params and rng.random() < 0.4:
                params.append({rel("conf/t.toml"): rng.choice([["lr"], ["on", "days"], None])})
        if params:
            body["params"] = params
        for field, items in (("outs", outs), ("metrics", metrics), ("plots", plots)):
            if items:
                body[field] = items
        if rng.random() < 0.1:
            body["always_changed"] = True
        if rng.random() < 0.1:
            body["desc"] = "what it does"
        if rng.random() < 0.1:
            body["meta"] = {"a": [1, 2]}
        if form == "plain":
            stages[name] = body
        elif form == "foreach":
            stages[name] = {"foreach": ["p", "q1"], "do": body}
        elif form == "foreach_map":
            stages[name] = {"foreach": {"m1": {"v": 1}, "m2": {"v": 2}}, "do": body}
        elif form == "foreach_var":
            stages[name] = {"foreach": "${names}" if folder in ("", "sub") else ["x"], "do": body}
        else:
            stages[name] = {"matrix": {"x": ["a", "b"], "y": [1, 2.5]}, **body}

    def write_data(self):
        for path, text in self.files.items():
            put(path, text)

    def write_pipelines(self):
        for path, values in self.params.items():
            put(path, text_of(path, values))
        for path, doc in self.docs.items():
            put(path, dump(doc))


def dump(doc):
    return yaml.safe_dump(doc, sort_keys=False, allow_unicode=True)


def text_of(path, values):
    if path.endswith(".json"):
        return json.dumps(values)
    return tomlkit.dumps(values) if path.endswith(".toml") else dump(values)


def values_of(path, text):
    if path.endswith(".json"):
        return json.loads(text)
    return tomlkit.parse(text).unwrap() if path.endswith(".toml") else yaml.safe_load(text)


def put(path, text):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "w", newline="", encoding="utf-8") as out:
        out.write(text)


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


# ------------------------------------------------------------------------------------------------------------ edits


def edits(project):
    """Name -> function that changes the project on disk and gives the differences that it may cause."""
    rng = project.rng

    def docs():
        file = rng.choice(list(project.docs))
        with open(file, encoding="utf-8") as source:
            return file, yaml.safe_load(source)

    def body():
        file, doc = docs()
        name = rng.choice(list(doc["stages"]))
        stage = doc["stages"][name]
        return file, doc, stage.get("do", stage)

    def change(field, how):
        file, doc, stage = body()
        expected = how(stage, field)
        put(file, dump(doc))
        return expected

    def drop(stage, field):
        items = stage.get(field) or []
        if items:
            items.pop(rng.randrange(len(items)))
        if not items:
            stage.pop(field, None)
        return {"dropped"}

    def add_dep(stage, field):
        stage.setdefault(field, [])
        stage[field] = [*stage[field], "added.txt"] if "added.txt" not in stage[field] else stage[field]
        return {"missing"}

    def command(stage, _field):
        cmd = stage["cmd"]
        stage["cmd"] = [*cmd, "true"] if isinstance(cmd, list) else cmd.rstrip("\n") + " && true"
        return set()

    def param(typed):
        file = rng.choice(list(project.params))
        with open(file, encoding="utf-8") as source:
            values = values_of(file, source.read())
        keys = [key for key in values if key != "names"]
        key = rng.choice(keys)
        before = values[key]
        if typed and isinstance(before, (int, float)):
            values[key] = float(before) if isinstance(before, int) and not isinstance(before, bool) else before
        elif not typed:
            values[key] = value(rng) if not file.endswith(".toml") else rng.choice([1, 2.5, "s", False])
        put(file, text_of(file, values))
        return {"typed"}

    def existing(candidates):
        here = [path for path in candidates if os.path.exists(path)]
        return rng.choice(here) if here else None

    def outs():
        return sorted(o[0] for stage in dvc_graph()[0].values() for o in stage["outs"])

    def edit_file(path):
        if path is None:
            return set()
        while os.path.isdir(path):
            inside = [os.path.join(path, name) for name in sorted(os.listdir(path))]
            if not inside:
                return set()
            path = rng.choice(inside)
        with open(path, "a", encoding="utf-8") as out:
            out.write("more\n")
        return set()

    def remove(path):
        if path is not None:
            shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)
        return set()

    def comment():
        file, _doc = docs()
        with open(file, "a", encoding="utf-8") as out:
            out.write("# a comment\n")
        return set()

    def touch(path):
        if path is not None:
            os.utime(path)
        return set()

    return {
        "change a source": lambda: edit_file(existing(project.sources())),
        "touch a source": lambda: touch(existing(project.sources())),
        "add a file to a folder": lambda: put(f"data/dir/new{rng.randrange(99)}.txt", "n") or set(),
        "add a hidden file": lambda: put("data/dir/note.tmp", str(rng.random())) or set(),
        "remove a source": lambda: remove(existing(["data/f0.txt", "data/f2.txt", "data/dir/1"])) or {"missing"},
        "change an out": lambda: edit_file(existing(outs())),
        "remove an out": lambda: remove(existing(outs())),
        "change a param": lambda: param(False),
        "change the type of a param": lambda: param(True),
        "change a command": lambda: change("cmd", command),
        "add a dep": lambda: change("deps", add_dep),
        "drop a dep": lambda: change("deps", drop),
        "drop a param": lambda: change("params", drop),
        "drop an out": lambda: change("outs", drop),
        "add a comment": comment,
        "freeze": lambda: change("frozen", lambda stage, field: stage.update({field: True}) or {"frozen"}),
        "always": lambda: change("always_changed", lambda stage, field: stage.update({field: True}) or set()),
    }


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


def run_project(seed, count_edits, tally, keep):
    root = os.path.realpath(tempfile.mkdtemp(prefix=f"dvc-{seed}-"))
    os.chdir(root)
    differences = []
    try:
        subprocess.run(["git", "init", "-q"], check=True)
        subprocess.run([sys.executable, "-m", "dvc", "init", "-q"], check=True, capture_output=True)
        project = Project(seed)
        project.write_data()
        if project.tracked:
            subprocess.run([sys.executable, "-m", "dvc", "add", "-q", *project.tracked], check=True, capture_output=True)
        project.write_pipelines()
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
        table = edits(project)
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
    for seed in range(options.first, options.first + options.projects):
        if time.monotonic() > end:
            break
        found = run_project(seed, options.edits, tally, options.keep)
        tally["projects"] += 1
        bad += len(found)
        for each in found:
            print(f"seed {seed}:", *each, sep="\n  ", flush=True)
    for name, number in sorted(tally.items()):
        print(f"{number:8} {name}")
    print(f"{bad:8} differences")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
