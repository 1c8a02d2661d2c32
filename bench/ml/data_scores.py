"""What scikit-learn (and LightGBM for the credit booster) scores on the three data sets.

Needs scikit-learn, LightGBM and pandas. Usage:
    python bench/ml/data_scores.py DIR [housing|credit|churn ...]
DIR holds D.csv, D_train.csv and D_test.csv as stages/generate.ts writes them. Prints one line per model: held-out R2
(housing), held-out accuracy (churn), out-of-fold ROC-AUC and F1 over five stratified folds (credit).
"""

import sys

import numpy as np
import pandas as pd
from lightgbm import LGBMClassifier
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, precision_recall_curve, f1_score, r2_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

SEED = 0


def encoder(*, scale=False, fill=True):
    """One-hot for text; numbers filled with the median (not for trees that take missing cells); then all scaled."""
    columns = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), make_column_selector(dtype_exclude="number")),
        (SimpleImputer(strategy="median") if fill else "passthrough", make_column_selector(dtype_include="number")),
    )
    return make_pipeline(columns, StandardScaler()) if scale else columns


def chain(model, **options):
    return make_pipeline(encoder(**options), model)


def forest(kind, trees, **options):
    return chain(kind(trees, random_state=SEED, n_jobs=1, **options))


def split(folder, name, target):
    parts = [pd.read_csv(f"{folder}/{name}_{side}.csv") for side in ("train", "test")]
    return [(part.drop(columns=target), part[target]) for part in parts]


def housing(folder):
    (x, y), (x_test, y_test) = split(folder, "housing", "MedHouseVal")
    boost = dict(random_state=SEED, early_stopping=False)
    models = {
        "ridge": chain(Ridge(alpha=1.0), scale=True),
        "forest 60, depth 10": forest(RandomForestRegressor, 60, max_depth=10),
        "forest 60": forest(RandomForestRegressor, 60),
        "forest 100, max_features .5": forest(RandomForestRegressor, 100, max_features=0.5),
        "boosting 100, depth 3": chain(HistGradientBoostingRegressor(max_depth=3, **boost), fill=False),
        "boosting 100, 31 leaves": chain(HistGradientBoostingRegressor(**boost), fill=False),
    }
    for name, model in models.items():
        yield name, {"r2": r2_score(y_test, model.fit(x, y).predict(x_test))}


def churn(folder):
    (x, y), (x_test, y_test) = split(folder, "churn", "Churn")
    models = {
        "logistic": chain(LogisticRegression(max_iter=1000), scale=True),
        "forest 100": forest(RandomForestClassifier, 100),
        "forest 100, leaf 15, max_features .4": forest(
            RandomForestClassifier, 100, min_samples_leaf=15, max_features=0.4
        ),
        "boosting 100, 31 leaves": chain(
            HistGradientBoostingClassifier(random_state=SEED, early_stopping=False), fill=False
        ),
    }
    for name, model in models.items():
        yield name, {"accuracy": accuracy_score(y_test, model.fit(x, y).predict(x_test))}


def credit(folder):
    table = pd.read_csv(f"{folder}/credit.csv")
    x, y = table.drop(columns="Fraud"), table["Fraud"]
    booster = LGBMClassifier(
        num_leaves=8, reg_lambda=1.0, min_child_weight=1.0, min_child_samples=1, n_jobs=1, random_state=SEED, verbose=-1
    )
    models = {
        "logistic": chain(LogisticRegression(max_iter=1000), scale=True),
        "forest 100": forest(RandomForestClassifier, 100),
        "forest 300, leaf 2": forest(RandomForestClassifier, 300, min_samples_leaf=2),
        "boosting 100, 8 leaves": chain(booster.set_params(n_estimators=100), fill=False).set_output(transform="pandas"),
    }
    folds = StratifiedKFold(5, shuffle=True, random_state=SEED)
    for name, model in models.items():
        p = cross_val_predict(model, x, y, cv=folds, method="predict_proba")[:, 1]
        precision, recall, _ = precision_recall_curve(y, p)
        best = np.max(2 * precision * recall / np.maximum(precision + recall, 1e-12))
        yield name, {"auc": roc_auc_score(y, p), "f1": f1_score(y, p >= 0.5), "best f1": best}


def main():
    folder, *names = sys.argv[1:]
    for name in names or ["housing", "churn", "credit"]:
        for model, scores in {"housing": housing, "churn": churn, "credit": credit}[name](folder):
            print(f"{name:8} {model:38}", *(f"{key} {value:.4f}" for key, value in scores.items()), flush=True)


main()
