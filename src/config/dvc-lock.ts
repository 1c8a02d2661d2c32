// What DVC recorded of a stage: an entry of dvc.lock, or of the run cache, which has the same form. Text in, results out;
// paths as they are written. What cannot be read proves nothing, and is no error: DVC's files are not ours to judge.
import type { Value } from '../base/value.ts';
import { readDvcContent } from './dvc-file.ts';
import { toValue } from './node.ts';
import type { MapNode, Node } from './node.ts';
import type { DvcContent } from './stage.ts';
import { PARAMS_LIMITS, parseYaml } from './yaml.ts';

export interface DvcPath {
  /** Relative to the wdir of the stage. */
  readonly path: string;
  readonly content: DvcContent;
}

export interface DvcResult {
  readonly cmd: string | readonly string[];
  readonly deps: readonly DvcPath[];
  /** File -> key -> value; of a file that is tracked whole the keys of its first level. */
  readonly params: ReadonlyMap<string, ReadonlyMap<string, Value>>;
  readonly outs: readonly DvcPath[];
}

/** The stages of a dvc.lock, by the names of their dvc.yaml. */
export function readDvcLock(file: string, bytes: Uint8Array): ReadonlyMap<string, DvcResult> {
  const { node } = parseYaml(file, bytes, { dialect: 'dvc', limits: PARAMS_LIMITS });
  const found = new Map<string, DvcResult>();
  if (node?.kind !== 'map') return found;
  // Before `schema` was introduced the stages stood at top level.
  const stages = node.get('schema') ? node.get('stages') : node;
  for (const entry of stages?.kind === 'map' ? stages.entries : []) {
    const result = readResult(entry.value);
    if (result) found.set(entry.key, result);
  }
  return found;
}

/** One entry of the run cache. */
export function readDvcRun(file: string, text: string): DvcResult | undefined {
  const { node } = parseYaml(file, text, { dialect: 'dvc', limits: PARAMS_LIMITS });
  return node && readResult(node);
}

function readResult(node: Node): DvcResult | undefined {
  if (node.kind !== 'map') return undefined;
  const cmd = commandOf(node.get('cmd'));
  const deps = pathsOf(node, 'deps');
  const outs = pathsOf(node, 'outs');
  if (cmd === undefined || !deps || !outs) return undefined;
  const params = new Map<string, ReadonlyMap<string, Value>>();
  const files = node.get('params');
  for (const { key, value } of files?.kind === 'map' ? files.entries : []) {
    const values = value.kind === 'map' ? value.entries : [];
    params.set(key, new Map(values.map((entry) => [entry.key, toValue(entry.value)])));
  }
  return { cmd, deps, params, outs };
}

function commandOf(node: Node | undefined): string | readonly string[] | undefined {
  if (node?.kind === 'scalar') return typeof node.value === 'string' ? node.value : undefined;
  if (node?.kind !== 'list') return undefined;
  const lines = node.items.flatMap((item) =>
    item.kind === 'scalar' && item.value !== null ? [String(item.value)] : [],
  );
  return lines.length === node.items.length ? lines : undefined;
}

/** Nothing when one of them has no md5: such an entry proves nothing. */
function pathsOf(map: MapNode, field: string): DvcPath[] | undefined {
  const node = map.get(field);
  if (!node) return [];
  if (node.kind !== 'list') return undefined;
  const paths: DvcPath[] = [];
  for (const item of node.items) {
    const pathNode = item.kind === 'map' ? item.get('path') : undefined;
    const content = readDvcContent(item);
    if (pathNode?.kind !== 'scalar' || !content) return undefined;
    paths.push({ path: typeof pathNode.value === 'string' ? pathNode.value : pathNode.place.raw, content });
  }
  return paths;
}
