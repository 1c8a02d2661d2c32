"""Optuna's side of bench/ml/tune.ts. Reads cases as JSON from standard input, writes the trials and times as JSON.

A case: {"space": [[name, domain], ...], "objective": name, "seed", "trials", "multivariate", "sampler", "direction",
"pruner", "study"}. Domains are in the form of a space file. np.argsort is made stable, since Optuna leaves the order of
equal observations to chance (numpy's quicksort), which no other program can follow.
"""
import json
import math
import sys
import time

import numpy as np
import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)
import warnings

warnings.filterwarnings("ignore")

STABLE = "--stock" not in sys.argv
_argsort = np.argsort
if STABLE:
    np.argsort = lambda a, *args, **kw: _argsort(a, axis=kw.get("axis", -1), kind="stable")


def domain(d):
    if d["kind"] == "float":
        return optuna.distributions.FloatDistribution(d["low"], d["high"], log=d.get("log") or False, step=d.get("step"))
    if d["kind"] == "int":
        return optuna.distributions.IntDistribution(d["low"], d["high"], log=d.get("log") or False, step=d.get("step") or 1)
    return optuna.distributions.CategoricalDistribution(d["choices"])


def score(values):
    """The same arithmetic as in tune.ts: only sums, products and tables, so that both give the same bits."""
    total = 0.0
    for i, value in enumerate(values):
        if value is None:
            x = 0.25
        elif isinstance(value, bool):
            x = 1.0 if value else 0.5
        elif isinstance(value, str):
            x = sum(value.encode()) % 7 * 0.5
        else:
            x = float(value)
        total += (x - 0.3 * i) * (x - 0.3 * i) * (1.0 + 0.25 * i)
    return total


def objective(case):
    space = [(name, domain(d)) for name, d in case["space"]]
    kind = case["objective"]

    def ordinary(trial):
        return score([trial._suggest(name, d) for name, d in space])

    def conditional(trial):
        values = [trial._suggest(name, d) for name, d in space]
        if values[0] == "a":
            values.append(trial.suggest_float("only_a", -2, 2))
        else:
            values.append(trial.suggest_int("only_b", 1, 64, log=True))
            if trial.number % 5 == 4:
                raise ValueError("fails")
        values.append(trial.suggest_float("moving", 0, 1 + trial.number % 3))
        return score(values)

    def pruned(trial):
        value = score([trial._suggest(name, d) for name, d in space])
        for step in range(case["steps"]):
            noise = ((trial.number * 7 + step * 3) % 11) * 0.1
            part = value + 8.0 / (step + 1) + noise
            if (trial.number * 13 + step) % 29 == 5:
                part = math.nan
            trial.report(part, step)
            if trial.should_prune():
                raise optuna.TrialPruned()
        return value

    return {"ordinary": ordinary, "conditional": conditional, "pruned": pruned}[kind]


def sampler(case):
    if case["sampler"] == "tpe":
        return optuna.samplers.TPESampler(seed=case["seed"], multivariate=case.get("multivariate", True))
    if case["sampler"] == "random":
        return optuna.samplers.RandomSampler(seed=case["seed"])
    return optuna.samplers.GridSampler(dict(case["grid"]), seed=case["seed"])


def pruner(p):
    if p is None:
        return optuna.pruners.NopPruner()
    kinds = {
        "nop": optuna.pruners.NopPruner,
        "median": optuna.pruners.MedianPruner,
        "percentile": optuna.pruners.PercentilePruner,
        "successive_halving": optuna.pruners.SuccessiveHalvingPruner,
        "hyperband": optuna.pruners.HyperbandPruner,
    }
    return kinds[p["kind"]](**{k: v for k, v in p.items() if k != "kind"})


def run(case):
    study = optuna.create_study(
        study_name=case.get("study", "study"),
        sampler=sampler(case),
        pruner=pruner(case.get("pruner")),
        direction=case.get("direction", "minimize"),
    )
    for params in case.get("enqueue", []):
        study.enqueue_trial(params)
    start = time.perf_counter()
    study.optimize(objective(case), n_trials=case["trials"], catch=(ValueError,))
    ms = (time.perf_counter() - start) * 1000 / case["trials"]
    names = {"COMPLETE": "complete", "PRUNED": "pruned", "FAIL": "failed"}
    trials = [
        {"state": names[t.state.name], "params": t.params, "value": t.value, "steps": len(t.intermediate_values)}
        for t in study.trials
    ]
    try:
        importances = optuna.importance.get_param_importances(study)
    except Exception:  # no complete trial
        importances = None
    return {"ms": ms, "trials": trials, "importances": importances}


print(json.dumps([run(case) for case in json.load(sys.stdin)]))
