// Templates of the project: Vega-Lite with DVC's anchors (`<DVC_METRIC_DATA>`). Finds one by name or path, refuses what
// cannot be drawn from the data alone, and puts values where anchors stand. Draws nothing itself.
import { posix } from 'node:path';
import { didYouMean, problem } from '../base/problem.ts';
import type { Problem, Span } from '../base/problem.ts';
import { toPlain } from '../base/value.ts';
import { parseJson } from '../config/json.ts';
import { toValue } from '../config/node.ts';
import type { Snapshot } from '../plan/snapshot.ts';
import { isList, isMap } from './plot-data.ts';
import { isBuiltIn, TEMPLATE_NAMES } from './plot-names.ts';
import type { BuiltInTemplate } from './plot-names.ts';
import type { Json, JsonMap } from './plot.ts';

export type FoundTemplate =
  | { readonly kind: 'built-in'; readonly name: BuiltInTemplate }
  | { readonly kind: 'custom'; readonly file: string; readonly content: JsonMap };

/** DVC's folder for templates, relative to the root. */
const FOLDER = '.dvc/plots';

/** As DVC looks for it: its folder, then a path, then ours. `folder` is that of the pipeline file. */
export async function findTemplate(
  name: string,
  folder: string,
  snapshots: readonly Snapshot[],
  span: Span | undefined,
): Promise<FoundTemplate | Problem> {
  const isPath = !posix.isAbsolute(name) && !posix.normalize(name).startsWith('..');
  const paths = [`${FOLDER}/${name}`, `${FOLDER}/${name}.json`, posix.join(folder, name), name];
  for (const snapshot of isPath ? snapshots : []) {
    const found = await snapshot.read([...new Set(paths.map((path) => posix.normalize(path)))]);
    for (const [file, bytes] of found) if (bytes) return readTemplate(file, bytes, span);
  }
  if (isBuiltIn(name)) return { kind: 'built-in', name };
  const known = Object.keys(TEMPLATE_NAMES);
  const hint =
    didYouMean(name, known) ?? `there are ${known.join(', ')}, and Vega-Lite templates in \`${FOLDER}\` or by path`;
  return problem('plot-template', `there is no plot template \`${name}\``, { span, hint });
}

function readTemplate(file: string, bytes: Uint8Array, span: Span | undefined): FoundTemplate | Problem {
  const { node, problems } = parseJson(file, bytes, { dialect: 'dvc' });
  const error = problems.find((found) => found.severity === 'error');
  if (!node || error) return error ?? problem('plot-template', `the template \`${file}\` is empty`, { span });
  // toPlain gives nothing but JSON.
  const content = toPlain(toValue(node)) as Json;
  if (!isMap(content) || !hasAnchor(content, anchor('data'))) {
    const hint = 'write `"data": {"values": "<DVC_METRIC_DATA>"}` where the points belong';
    return problem('plot-template', `the template \`${file}\` has no place for the data`, { span, hint });
  }
  const url = findUrl(content);
  if (url !== undefined) {
    const hint = 'a drawing is made of the data of its plot alone: nothing is fetched, and no other file is read';
    return problem('plot-template', `the template \`${file}\` takes data from \`${url}\``, { span, hint });
  }
  return { kind: 'custom', file, content };
}

export function anchor(name: string): string {
  return `<DVC_METRIC_${name.toUpperCase()}>`;
}

/** Data by address: `"data": {"url": ...}`, at any depth. */
function findUrl(value: Json): string | undefined {
  if (isList(value)) return firstOf(value, findUrl);
  if (!isMap(value)) return undefined;
  const { data } = value;
  if (isMap(data) && typeof data['url'] === 'string') return data['url'];
  return firstOf(Object.values(value), findUrl);
}

function firstOf<T>(list: readonly Json[], find: (value: Json) => T | undefined): T | undefined {
  for (const value of list) {
    const found = find(value);
    if (found !== undefined) return found;
  }
  return undefined;
}

export function hasAnchor(value: Json, name: string): boolean {
  if (value === name) return true;
  if (isList(value)) return value.some((item) => hasAnchor(item, name));
  return isMap(value) && Object.values(value).some((item) => hasAnchor(item, name));
}

/** A string that is an anchor becomes the value; within a longer string only texts are put in. */
export function fillAnchors(value: Json, values: ReadonlyMap<string, Json>): Json {
  if (isList(value)) return value.map((item) => fillAnchors(item, values));
  if (isMap(value))
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillAnchors(item, values)]));
  if (typeof value !== 'string' || !value.includes('<')) return value;
  const whole = values.get(value);
  if (whole !== undefined) return whole;
  return value.replaceAll(/<DVC_METRIC_[A-Z_]+>/g, (name) => {
    const inner = values.get(name);
    return typeof inner === 'string' ? inner : name;
  });
}
