"""Our models beside scikit-learn's and LightGBM's: score and CPU time of fitting, one core, one run.
usage: python bench/ml/models.py DATA_DIR [CASE] [--json]      DATA_DIR as written by stages/generate.ts; node in PATH"""
import csv, json, os, subprocess, sys, time, warnings

os.environ['OMP_NUM_THREADS'] = '1'
import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor, RandomForestClassifier, RandomForestRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import r2_score, roc_auc_score
from sklearn.preprocessing import StandardScaler

warnings.filterwarnings('ignore')
words = [word for word in sys.argv[1:] if word != '--json']
folder, only, as_json = words[0], (words[1:] or [None])[0], '--json' in sys.argv
HGB = dict(early_stopping=False)
CASES = {
    'housing_boosting': ('housing', HistGradientBoostingRegressor(**HGB)),
    'housing_forest': ('housing', RandomForestRegressor(random_state=1)),
    'housing_forest_half': ('housing', RandomForestRegressor(max_features=0.5, random_state=1)),
    'housing_ridge': ('housing', Ridge()),
    'churn_boosting': ('churn', HistGradientBoostingClassifier(**HGB)),
    'churn_forest': ('churn', RandomForestClassifier(random_state=1)),
    'churn_logistic': ('churn', LogisticRegression(solver='newton-cholesky')),
    'credit_boosting': ('credit', HistGradientBoostingClassifier(max_leaf_nodes=8, l2_regularization=1, min_samples_leaf=1, **HGB)),
    'credit_forest': ('credit', RandomForestClassifier(300, min_samples_leaf=2, random_state=1)),
}


def read(path, levels, learn):
    head, *rows = csv.reader(open(path))
    columns = []
    for j in range(len(head) - 1):
        cells = [r[j] for r in rows]
        if learn:
            try:
                [float(c) for c in cells if c]
            except ValueError:
                levels[j] = sorted(set(cells))
        columns.append([np.nan if c == '' else levels[j].index(c) if j in levels else float(c) for c in cells])
    return np.array(columns).T, np.array([float(r[-1]) for r in rows])


def fit(model, X, y):
    start = time.process_time()
    model.fit(X, y)
    return time.process_time() - start


try:
    import lightgbm
except ImportError:
    lightgbm = None
for name, (data, model) in CASES.items():
    if only not in (None, name):
        continue
    levels = {}
    X, y = read(f'{folder}/{data}_train.csv', levels, True)
    Xt, yt = read(f'{folder}/{data}_test.csv', levels, False)
    if name.endswith(('ridge', 'logistic')):
        imputer, scaler = SimpleImputer(), StandardScaler()
        X, Xt = scaler.fit_transform(imputer.fit_transform(X)), None if Xt is None else scaler.transform(imputer.transform(Xt))
    theirs = min(fit(model, X, y) for _ in range(1 if 'forest' in name else 3))
    score = r2_score(yt, model.predict(Xt)) if data == 'housing' else roc_auc_score(yt, model.predict_proba(Xt)[:, 1])
    here = os.path.dirname(os.path.abspath(__file__))
    ours = json.loads(subprocess.run(['node', f'{here}/models.ts', folder, name], check=True, capture_output=True, text=True).stdout)
    line = f"{name:20} score {ours['score']:.4f} / {score:.4f}   s {ours['seconds']:.3f} (cold {ours['coldSeconds']:.3f}) / {theirs:.3f}   ratio {ours['seconds'] / theirs:.2f}"
    other = None
    if lightgbm and name == 'housing_boosting':
        other = min(fit(lightgbm.LGBMRegressor(n_jobs=1, verbose=-1), X, y) for _ in range(3))
        line += f"   LightGBM {other:.3f}, ratio {ours['seconds'] / other:.2f}"
    print(json.dumps({'ours': ours['seconds'], 'theirs': theirs, 'lightgbm': other}) if as_json else line, flush=True)
