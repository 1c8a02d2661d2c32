"""Random DVC projects from a grammar of what a dvc.yaml can say. A seed gives one project; DVC is not needed here."""

import json
import os
import random

import tomlkit  # DVC needs it, too
import yaml


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
