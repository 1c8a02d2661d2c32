// Judging metrics: an expression and the values that files hold -> a verdict. Pure: whoever calls has read the files.
// A metric that is missing, not a number or NaN fails its check and says so; what has no base value passes visibly.
import type { Verdict } from '../base/event.ts';
import { kindOf } from '../base/value.ts';
import type { Value } from '../base/value.ts';
import { evaluate, reasonText } from '../config/expression-eval.ts';
import type { Lookup, Scope } from '../config/expression-eval.ts';
import { lookUpKey } from '../config/expression-key.ts';
import type { Key } from '../config/expression.ts';
import type { Check, Stage } from '../config/stage.ts';

/** The content of a metrics or params file; a string says why there is none. */
export type FileContent =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'pending' }
  | { readonly kind: 'missing'; readonly why: string };

/** A file at the base revision: it may not have been there. */
export type BaseContent = FileContent | { readonly kind: 'no-base'; readonly why: string };

export interface CheckFiles {
  file(path: string): FileContent;
  env(name: string): string | undefined;
  /** The default params file of the pipeline. */
  readonly paramsFile: string;
  /** The same file at the base revision. */
  base(path: string): BaseContent;
}

export function judge(check: Check, stage: string, metrics: readonly string[], files: CheckFiles): Verdict {
  const { verdict, reads } = evaluate(check.expression, checkScope(metrics, files));
  const noBase = verdict.kind === 'undecided' && verdict.reasons.every((reason) => reason.kind === 'no-base');
  const note =
    verdict.kind === 'error' || verdict.kind === 'undecided' ? verdict.reasons.map(reasonText).join('; ') : undefined;
  return {
    stage,
    check: check.text,
    severity: check.severity,
    passed: verdict.kind === 'true' || noBase,
    ...(note !== undefined && { note }),
    values: Object.fromEntries(
      reads.filter((read) => read.ref.kind !== 'env').map((read) => [read.text, plainValue(read.lookup)]),
    ),
    file: check.span.file,
    line: check.span.line,
  };
}

/** `when`, in three values: a file that is not there leaves it open. */
export function decideWhen(
  stage: Stage,
  metrics: readonly string[],
  files: CheckFiles,
): boolean | 'undecided' | undefined {
  if (!stage.when) return undefined;
  const { verdict } = evaluate(stage.when.expression, checkScope(metrics, files));
  return verdict.kind === 'true' ? true : verdict.kind === 'false' ? false : 'undecided';
}

export function checkScope(metrics: readonly string[], files: CheckFiles): Scope {
  return {
    metric: (file, key) => inFile(files.file(file), key),
    params: (key) => inFile(files.file(files.paramsFile), key),
    env: (name) => files.env(name),
    bare: (key) => bare(metrics, key, files),
    base: ({ file, key }) => baseValue(file, metrics, key, files),
  };
}

function inFile(content: FileContent, key: Key): Lookup {
  if (content.kind !== 'value') return content;
  const value = lookUpKey(content.value, key);
  return value === undefined ? { kind: 'missing' } : { kind: 'value', value };
}

function bare(metrics: readonly string[], key: Key, files: CheckFiles): Lookup {
  const found: { file: string; lookup: Lookup }[] = [];
  let missing: Lookup = { kind: 'missing', ...(metrics.length === 0 && { why: 'the stage has no metrics' }) };
  for (const file of metrics) {
    const lookup = inFile(files.file(file), key);
    if (lookup.kind === 'value') found.push({ file, lookup });
    else missing = lookup;
  }
  if (found.length > 1) return { kind: 'ambiguous', files: found.map((item) => item.file) };
  return found[0]?.lookup ?? missing;
}

/** A bare key is looked for in the metrics of the stage that have it at the base revision. */
function baseValue(file: string | undefined, metrics: readonly string[], key: Key, files: CheckFiles): Lookup {
  let why: string | undefined;
  for (const path of file === undefined ? metrics : [file]) {
    const content = files.base(path);
    if (content.kind === 'no-base' || content.kind === 'missing') {
      why = content.why;
      continue;
    }
    if (content.kind === 'pending') continue;
    const value = lookUpKey(content.value, key);
    if (value === undefined) why = `\`${path}\` did not have it then`;
    // What was no number then is nothing to compare with: a commit that mends it must be able to pass.
    else if (value === null || typeof value === 'object')
      why = `it was ${value === null ? 'null' : kindOf(value)} then`;
    else if (typeof value === 'number' && !Number.isFinite(value)) why = `it was ${value} then`;
    else return { kind: 'value', value };
  }
  return { kind: 'no-base', ...(why !== undefined && { why }) };
}

/** As it is shown and stored; null when there is none that could be. */
export function plainValue(lookup: Lookup): number | string | boolean | null {
  if (lookup.kind !== 'value') return null;
  const { value } = lookup;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  return typeof value === 'string' || typeof value === 'boolean' ? value : null;
}
