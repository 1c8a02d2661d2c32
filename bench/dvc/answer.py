"""Reads cases as JSON lines, writes what the installed DVC makes of each.

Run with the Python of an environment that holds DVC:  python answer.py < cases.jsonl > answers.jsonl

A case is {"name", "kind", ...}:
  kind "project"  files {path: text}          -> stages {name: resolved fields}, index {name: what was loaded}
  kind "yaml"     text                        -> value
  kind "params"   file, text, keys            -> values {key: value}
An answer has the same name, the digest of its case ("of"), and "error" (class and first line) where DVC refuses.
Values are written by `canon`: one text per value, typed, in order.
"""

import hashlib
import json
import logging
import os
import shutil
import sys
import tempfile
from datetime import date, datetime


def canon(value):
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return f"f{value!r}"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        return "{" + ",".join(f"{canon(k)}:{canon(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(canon(item) for item in value) + "]"
    if isinstance(value, (date, datetime)):
        return "date"
    if isinstance(value, bytes):
        return "bytes"
    return f"?{type(value).__name__}"


def refusal(error):
    text = str(error).strip() or repr(error)
    return f"{type(error).__name__}: {text.splitlines()[0][:160]}"


def write_files(root, files):
    for path, text in files.items():
        full = os.path.join(root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        # `.dvc/config` is there already, and says that the folder is not in git.
        with open(full, "a" if os.path.exists(full) else "w", encoding="utf-8", newline="") as out:
            out.write(text)


def out_of(out):
    return {
        "path": out.def_path,
        "kind": "metric" if out.metric else "plot" if out.plot else "out",
        "cache": out.use_cache,
        "persist": out.persist,
    }


def loaded(stage):
    from dvc.dependency import ParamsDependency

    params = [d for d in stage.deps if isinstance(d, ParamsDependency)]
    return {
        "cmd": stage.cmd,
        "wdir": os.path.relpath(stage.wdir, os.path.dirname(stage.path)),
        "deps": [d.def_path for d in stage.deps if not isinstance(d, ParamsDependency)],
        "params": {d.def_path: list(d.params) for d in params},
        "outs": [out_of(o) for o in stage.outs],
        "frozen": bool(stage.frozen),
        "always_changed": bool(stage.always_changed),
    }


def project(case):
    from dvc.dvcfile import load_file
    from dvc.repo import Repo

    root = os.path.realpath(tempfile.mkdtemp(prefix="case"))
    back = os.getcwd()
    answer = {}
    try:
        os.chdir(root)
        Repo.init(root, no_scm=True).close()
        write_files(root, case["files"])
        with Repo(root) as repo:
            file = load_file(repo, case.get("file", "dvc.yaml"))
            try:
                data = file.resolver.resolve()["stages"]
                answer["stages"] = {name: canon(fields) for name, fields in (data or {}).items()}
            except Exception as error:  # noqa: BLE001
                answer["error"] = refusal(error)
            try:
                answer["index"] = {name: loaded(file.stages[name]) for name in file.stages}
                json.dumps(answer["index"])
            except Exception as error:  # noqa: BLE001
                answer.pop("index", None)
                answer["indexError"] = refusal(error)
    finally:
        os.chdir(back)
        shutil.rmtree(root)
    return answer


def yaml_value(case):
    from dvc.utils.serialize import parse_yaml

    # As a file opened in text mode gives it.
    text = case["text"].replace("\r\n", "\n").replace("\r", "\n")
    try:
        return {"value": canon(parse_yaml(text, "case.yaml"))}
    except Exception as error:  # noqa: BLE001
        return {"error": refusal(error)}


def params_values(case):
    from dvc.dependency.param import read_param_file
    from dvc.fs import LocalFileSystem

    root = tempfile.mkdtemp(prefix="case")
    values = {}
    try:
        write_files(root, {case["file"]: case["text"]})
        for key in case["keys"]:
            try:
                found = read_param_file(LocalFileSystem(), os.path.join(root, case["file"]), [key], flatten=True)
                values[key] = canon(found[key]) if key in found else None
            except Exception as error:  # noqa: BLE001
                values[key] = "!" + type(error).__name__
    finally:
        shutil.rmtree(root)
    return {"values": values}


KINDS = {"project": project, "yaml": yaml_value, "params": params_values}


def main():
    logging.disable(logging.CRITICAL)
    for line in sys.stdin:
        case = json.loads(line)
        answer = KINDS[case["kind"]](case)
        digest = hashlib.sha256(line.rstrip("\n").encode()).hexdigest()[:12]
        print(json.dumps({"name": case["name"], "of": digest, **answer}, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
