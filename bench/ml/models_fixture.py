"""Writes test/ml/fixtures/models.json: small data with the answers of scikit-learn 1.9.1.
usage: python bench/ml/models_fixture.py > test/ml/fixtures/models.json"""
import json
import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

rng = np.random.default_rng(11)
n = 90
X = np.round(np.c_[rng.normal(0, 1, n), rng.normal(50, 20, n), rng.integers(0, 5, n), rng.exponential(2, n)], 4)
y = np.round(2 * X[:, 0] - 0.03 * X[:, 1] + 0.5 * X[:, 2] ** 2 + rng.normal(0, 0.5, n), 4)
b = (y + rng.normal(0, 1, n) > np.quantile(y, 0.7)).astype(int)
m = np.digitize(y + rng.normal(0, 1, n), np.quantile(y, [0.4, 0.8]))
XM = X.copy()
XM[rng.random(X.shape) < 0.1] = np.nan
XM[:, 2] = X[:, 2]


def flat(a):
    return [None if isinstance(v, float) and np.isnan(v) else v for v in np.asarray(a).tolist()]


def linear(model):
    return {'coefficients': np.atleast_2d(model.coef_).tolist(), 'intercepts': np.atleast_1d(model.intercept_).tolist()}


out = {'columns': [flat(c) for c in X.T], 'withMissing': [flat(c) for c in XM.T], 'y': flat(y), 'binary': flat(b), 'classes': flat(m)}
out['linear'] = linear(LinearRegression().fit(X, y))
out['ridge'] = [{'alpha': a, **linear(Ridge(alpha=a).fit(X, y))} for a in (0.01, 1, 100)]
XC = np.c_[X, X[:, 0] * 2 - X[:, 3], np.full(n, 7.0)]
out['collinear'] = {'columns': [flat(c) for c in XC.T], 'linear': linear(LinearRegression().fit(XC, y)), 'ridge': linear(Ridge(1.0).fit(XC, y)),
                    'wide': linear(LinearRegression().fit(XC[:4], y[:4])), 'wideRidge': linear(Ridge(0.5).fit(XC[:4], y[:4]))}
tight = dict(solver='newton-cholesky', tol=1e-10, max_iter=1000)
for name, t in (('binary', b), ('classes', m)):
    out['logistic_' + name] = [{'C': C, 'class_weight': w, **linear(LogisticRegression(C=C, class_weight=w, **tight).fit(X, t))}
                               for C, w in ((1.0, None), (0.01, None), (100.0, 'balanced'))]
sep = (X[:, 0] > 0).astype(int)
out['separable'] = {'target': flat(sep), **linear(LogisticRegression(C=1000.0, **tight).fit(X, sep))}


def ties(fit):
    """Every answer that the order of equally good columns can give."""
    found = []
    for state in range(60):
        answer = flat(fit(state))
        if answer not in found:
            found.append(answer)
    return found


trees = []
for kw in ({}, {'max_depth': 3}, {'min_samples_leaf': 7}, {'min_samples_split': 20}, {'max_leaf_nodes': 6}):
    trees.append({'params': kw,
                  'y': flat(DecisionTreeRegressor(random_state=0, **kw).fit(X, y).predict(X)),
                  'binary': ties(lambda s: DecisionTreeClassifier(random_state=s, class_weight='balanced', **kw).fit(X, b).predict_proba(X)[:, 1]),
                  'classes': ties(lambda s: DecisionTreeClassifier(random_state=s, **kw).fit(X, m).predict_proba(X).ravel())})
out['trees'] = trees
boosts = []
for kw in ({}, {'max_depth': 2, 'min_samples_leaf': 5}, {'max_leaf_nodes': 4, 'l2_regularization': 2.0, 'learning_rate': 0.3, 'min_samples_leaf': 3}):
    common = dict(max_iter=20, early_stopping=False)
    boosts.append({'params': kw,
                   'y': flat(HistGradientBoostingRegressor(**common, **kw).fit(XM, y).predict(XM)),
                   'category': flat(HistGradientBoostingRegressor(categorical_features=[2], **common, **kw).fit(XM, y).predict(XM)),
                   'binary': flat(HistGradientBoostingClassifier(**common, **kw).fit(XM, b).predict_proba(XM)[:, 1]),
                   'weighted': flat(HistGradientBoostingClassifier(class_weight='balanced', **common, **kw).fit(XM, b).predict_proba(XM)[:, 1]),
                   'classes': flat(HistGradientBoostingClassifier(**common, **kw).fit(XM, m).predict_proba(XM).ravel())})
out['boosting'] = boosts


def rounded(v):
    if isinstance(v, dict):
        return {k: rounded(x) for k, x in v.items()}
    if isinstance(v, list):
        return [rounded(x) for x in v]
    return float(f'{v:.10g}') if isinstance(v, float) else v


print(json.dumps(rounded(out), separators=(',', ':')))
