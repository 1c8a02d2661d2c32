"""Random edits of a project on disk: sources, outs, params, commands, deps, flags. Knows nothing of what they lead to."""

import os
import shutil

import yaml
from grammar import dump, put, text_of, value, values_of


def edits(project, outs):
    """Name -> function that changes the project. `outs` gives the paths of all outs as they are at that moment."""
    pick = project.rng.choice
    sources = project.sources
    return {
        "change a source": lambda: edit_file(existing(pick, sources()), pick),
        "touch a source": lambda: touch(existing(pick, sources())),
        "add a file to a folder": lambda: put(f"data/dir/new{project.rng.randrange(99)}.txt", "n"),
        "add a hidden file": lambda: put("data/dir/note.tmp", str(project.rng.random())),
        "remove a source": lambda: remove(existing(pick, ["data/f0.txt", "data/f2.txt", "data/dir/1"])),
        "change an out": lambda: edit_file(existing(pick, outs()), pick),
        "remove an out": lambda: remove(existing(pick, outs())),
        "change a param": lambda: change_param(project, lambda file, before: other_value(project.rng, file)),
        "change the type of a param": lambda: change_param(project, lambda file, before: as_float(before)),
        "change a command": lambda: change_stage(project, add_command),
        "add a dep": lambda: change_stage(project, add_dep),
        "drop a dep": lambda: change_stage(project, lambda stage: drop(stage, "deps", project.rng)),
        "drop a param": lambda: change_stage(project, lambda stage: drop(stage, "params", project.rng)),
        "drop an out": lambda: change_stage(project, lambda stage: drop(stage, "outs", project.rng)),
        "add a comment": lambda: append(pick(list(project.docs)), "# a comment\n"),
        "freeze": lambda: change_stage(project, lambda stage: stage.update(frozen=True)),
        "always": lambda: change_stage(project, lambda stage: stage.update(always_changed=True)),
    }


# ----------------------------------------------------------------------------------------------------- pipeline files


def change_stage(project, how):
    file = project.rng.choice(list(project.docs))
    with open(file, encoding="utf-8") as source:
        doc = yaml.safe_load(source)
    stage = doc["stages"][project.rng.choice(list(doc["stages"]))]
    how(stage.get("do", stage))
    put(file, dump(doc))


def drop(stage, field, rng):
    items = stage.get(field) or []
    if items:
        items.pop(rng.randrange(len(items)))
    if not items:
        stage.pop(field, None)


def add_dep(stage):
    deps = stage.setdefault("deps", [])
    if "added.txt" not in deps:
        deps.append("added.txt")


def add_command(stage):
    cmd = stage["cmd"]
    stage["cmd"] = [*cmd, "true"] if isinstance(cmd, list) else cmd.rstrip("\n") + " && true"


# ------------------------------------------------------------------------------------------------------------- params


def change_param(project, how):
    file = project.rng.choice(list(project.params))
    with open(file, encoding="utf-8") as source:
        values = values_of(file, source.read())
    key = project.rng.choice([key for key in values if key != "names"])
    values[key] = how(file, values[key])
    put(file, text_of(file, values))


def as_float(before):
    return float(before) if isinstance(before, int) and not isinstance(before, bool) else before


def other_value(rng, file):
    """TOML has no null."""
    return rng.choice([1, 2.5, "s", False]) if file.endswith(".toml") else value(rng)


# -------------------------------------------------------------------------------------------------------------- files


def existing(pick, candidates):
    here = [path for path in candidates if os.path.exists(path)]
    return pick(here) if here else None


def append(path, text):
    with open(path, "a", encoding="utf-8") as out:
        out.write(text)


def edit_file(path, pick):
    while path is not None and os.path.isdir(path):
        inside = [os.path.join(path, name) for name in sorted(os.listdir(path))]
        path = pick(inside) if inside else None
    if path is not None:
        append(path, "more\n")


def remove(path):
    if path is not None:
        shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)


def touch(path):
    if path is not None:
        os.utime(path)
