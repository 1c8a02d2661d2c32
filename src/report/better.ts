// Whether more of a metric is better: what the pipeline file declares, else what the metric's name says. A guess is made from
// words that mean one thing everywhere; a name that says nothing has no direction. Knows no values.
export type Direction = 'higher' | 'lower';

/** Words of one segment of a key, joined by `_`. Longer names of the same thing stand beside the short ones. */
const HIGHER = words(`
  r2 r_2 r_squared explained_variance accuracy acc auc auroc auprc aucpr average_precision ap map mrr ndcg precision ppv npv
  recall sensitivity specificity selectivity tpr tnr f1 f2 fbeta f_beta f_score f_measure g_mean gmean mcc kappa jaccard iou
  miou dice gini bleu rouge meteor psnr ssim silhouette likelihood loglikelihood pass_at hit_rate hits_at top_k exact_match
  throughput coverage pearson spearman concordance c_index
`);
const LOWER = words(`
  rmse mse mae mape smape wape mase msle rmsle medae rmsd nrmse loss logloss error errors err brier cross_entropy crossentropy
  perplexity ppl nll bic aic wer cer fid ece mce hinge deviance fpr fnr fdr false_positive false_positives false_negative
  false_negatives false_alarms misclassified misclassification hamming pinball crps regret latency
`);
/** Words about a metric that are no better when they are larger, whatever the metric is. */
const ABOUT = words(`
  std sd stdev stddev stderr sem var variance count support n rows samples size width importance importances confusion
  threshold thresholds seed epoch epochs step steps params weight weights p_value pvalue
`);

/**
 * `key` is dotted (`test.r2`). What is declared wins: `path:key` before the key, a whole key before its end (`r2` stands for
 * `test.r2`), a longer end before a shorter one, a pattern with `*` last.
 */
export function betterOf(
  key: string,
  declared: ReadonlyMap<string, Direction> = new Map(),
  path = '',
): Direction | undefined {
  return (declared.size > 0 ? declaredFor(key, declared, path) : undefined) ?? guessed(key, path);
}

function declaredFor(key: string, declared: ReadonlyMap<string, Direction>, path: string): Direction | undefined {
  const segments = key.split('.');
  for (const name of [`${path}:${key}`, ...segments.map((_, at) => segments.slice(at).join('.'))]) {
    const direction = declared.get(name);
    if (direction !== undefined) return direction;
  }
  for (const [pattern, direction] of declared) {
    if (!pattern.includes('*')) continue;
    const subject = pattern.includes(':') ? `${path}:${key}` : key;
    if (matches(subject, pattern) || segments.some((_, at) => matches(segments.slice(at).join('.'), pattern)))
      return direction;
  }
  return undefined;
}

/** `*` is any run of characters. No regular expression: a pattern of many stars must not take for ever. */
function matches(text: string, pattern: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (!text.startsWith(first)) return false;
  const last = rest.pop();
  if (last === undefined) return text === first;
  let at = first.length;
  for (const piece of rest) {
    const found = text.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

/** From the last segment outwards: `cv.rmse.mean` is an rmse. A file that is one number is named by its file. */
function guessed(key: string, path: string): Direction | undefined {
  const segments =
    key === ''
      ? [
          path
            .replace(/\.\w+$/, '')
            .split('/')
            .at(-1) ?? '',
        ]
      : key.split('.');
  for (const segment of segments.toReversed()) {
    const said = saidBy(segment);
    if (said !== undefined) return said === 'about' ? undefined : said;
  }
  return undefined;
}

/** Any run of its words may be known: `test_log_loss`, `errorRate`, `f1_macro`. `neg_` turns it round, as in scikit-learn. */
function saidBy(segment: string): Direction | 'about' | undefined {
  const parts = segment
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((part) => part !== '');
  const isNegated = parts[0] === 'neg';
  const has = (set: ReadonlySet<string>): boolean =>
    parts.some((_, from) => parts.some((_end, to) => to >= from && set.has(parts.slice(from, to + 1).join('_'))));
  if (has(ABOUT)) return 'about';
  if (has(LOWER)) return isNegated ? 'higher' : 'lower';
  if (has(HIGHER)) return isNegated ? 'lower' : 'higher';
  return undefined;
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}
