// Setting values in a YAML or JSON file while comments, order and quoting of everything else stay as they are.
// Text in, text out; knows nothing of stages.
import { isScalar, parse, parseDocument, YAMLMap } from 'yaml';
import { problem } from '../base/problem.ts';
import type { Problem } from '../base/problem.ts';

export interface Override {
  /** Dotted key: `train.lr`, `layers.0`. */
  readonly key: string;
  /** As typed; read as YAML, so `0.1` is a float and `[1, 2]` a list. */
  readonly value: string;
}

export interface EditResult {
  readonly text?: string;
  readonly problems: readonly Problem[];
}

export function setValues(file: string, text: string, overrides: readonly Override[]): EditResult {
  const document = parseDocument(text.trim() === '' ? '{}\n' : text, { keepSourceTokens: true, uniqueKeys: false });
  const [error] = document.errors;
  if (error)
    return { problems: [problem('yaml-syntax', `\`${file}\` cannot be read: ${error.message.split('\n')[0] ?? ''}`)] };
  const problems: Problem[] = [];
  for (const { key, value } of overrides) {
    const path = key
      .split('.')
      .map((part) => (/^\d+$/.test(part) && !isMapAt(document, key, part) ? Number(part) : part));
    const existing: unknown = document.getIn(path, true);
    const read = readValue(value);
    if ('problem' in read) problems.push(read.problem);
    else if (isScalar(existing) && (read.value === null || typeof read.value !== 'object'))
      replaceScalar(existing, value, read.value);
    else if (!tryToSet(document, path, read.value))
      problems.push(problem('params-key-missing', `\`${key}\` cannot be set in \`${file}\`: a part of it is no map`));
  }
  return problems.length > 0 ? { problems } : { text: document.toString({ lineWidth: 0 }), problems };
}

/** The source text is kept, so that `1e-3` is written as it was typed. */
function replaceScalar(
  scalar: { value: unknown; source?: string; format?: string; type?: string },
  source: string,
  value: unknown,
): void {
  const looksPlain = typeof value !== 'string' || !/[:#\n]|^[\s'"]|\s$/.test(source);
  scalar.value = value;
  delete scalar.format;
  if (typeof value === 'number' || typeof value === 'bigint') {
    scalar.source = source.trim();
    if (/[eE]/.test(source)) scalar.format = 'EXP';
  }
  if (looksPlain && typeof value !== 'string') delete scalar.type;
}

function tryToSet(
  document: ReturnType<typeof parseDocument>,
  path: readonly (string | number)[],
  value: unknown,
): boolean {
  for (let length = 1; length < path.length; length++) {
    const above: unknown = document.getIn(path.slice(0, length), true);
    if (isScalar(above) && above.value !== null) return false;
  }
  document.setIn(path, document.createNode(value));
  return true;
}

function isMapAt(document: ReturnType<typeof parseDocument>, key: string, part: string): boolean {
  const parts = key.split('.');
  const above: unknown = document.getIn(parts.slice(0, parts.indexOf(part)), true);
  return above instanceof YAMLMap;
}

function readValue(text: string): { readonly value: unknown } | { readonly problem: Problem } {
  try {
    return { value: parse(text, { intAsBigInt: false }) as unknown };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return {
      problem: problem('usage', `\`${text}\` is no value: ${error.message.split('\n')[0] ?? ''}`, {
        hint: 'a value is read as YAML; quote a text that holds `:` or `#`',
      }),
    };
  }
}
