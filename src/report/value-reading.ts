// Reads metrics and params files of one moment into a ValueSet. A file that is broken is said and left out; a folder is every
// JSON, YAML and TOML file in it. Loads the parsers: whoever knows the values already has no need of this.
import { warning } from '../base/problem.ts';
import type { Problem } from '../base/problem.ts';
import type { Value } from '../base/value.ts';
import { toValue } from '../config/node.ts';
import type { Node } from '../config/node.ts';
import { lookUpParam, readParams } from '../config/params.ts';
import type { Dialect } from '../config/stage.ts';
import type { Snapshot } from '../plan/snapshot.ts';
import { isValueFile } from './declared-values.ts';
import type { ValueKind, WantedFiles } from './declared-values.ts';
import { leavesOf, under } from './leaves.ts';
import type { ValueSet } from './value-set.ts';

/** The values of these files at that moment. `dialect`: how YAML is read when the moment has no pipeline. */
export async function readValueSet(
  snapshot: Snapshot,
  kind: ValueKind,
  wanted: WantedFiles,
  dialect: Dialect,
): Promise<ValueSet> {
  const files = new Map<string, Value>();
  const absent: string[] = [];
  const broken = new Map<string, Problem>();
  const contents = await snapshot.read([...wanted.keys()]);
  const found: (readonly [path: string, bytes: Uint8Array, keys: readonly string[]])[] = [];
  for (const [path, keys] of wanted) {
    const bytes = contents.get(path) ?? null;
    if (bytes !== null) found.push([path, bytes, keys]);
    else {
      const inside = await filesInside(snapshot, path);
      if (inside.length === 0) absent.push(path);
      for (const [name, each] of inside) found.push([name, each, keys]);
    }
  }
  for (const [path, bytes, keys] of found) {
    const content = readTree(kind, path, bytes, keys, snapshot.pipeline?.dialect ?? dialect);
    if ('tree' in content) files.set(path, content.tree);
    else broken.set(path, atRevision(path, content.problem, snapshot));
  }
  const problems = pipelineProblems(snapshot);
  return { name: snapshot.name, commit: snapshot.commit, files, absent, broken, problems };
}

/** A folder of metrics is every file in it. */
async function filesInside(snapshot: Snapshot, path: string): Promise<(readonly [string, Uint8Array])[]> {
  const names = (await snapshot.list(path)).filter((name) => name.startsWith(`${path}/`) && isValueFile(name));
  const contents = names.length === 0 ? new Map<string, Uint8Array | null>() : await snapshot.read(names);
  return names.flatMap((name) => {
    const bytes = contents.get(name) ?? null;
    return bytes === null ? [] : [[name, bytes] as const];
  });
}

/** The values of one file, or what is wrong with it. */
function readTree(
  kind: ValueKind,
  path: string,
  bytes: Uint8Array,
  keys: readonly string[],
  dialect: Dialect,
): { readonly tree: Value } | { readonly problem: Problem } {
  const { node, problems } = readParams(path, bytes, dialect);
  const error = problems.find((found) => found.severity === 'error');
  if (error) return { problem: error };
  if (!node) return { tree: null };
  if (kind === 'params') return { tree: keys.length === 0 ? toValue(node) : declaredTree(node, keys, dialect) };
  const tree = toValue(node);
  return { tree: keys.length === 0 ? tree : under(leavesOf(tree), keys) };
}

/** Keys are found as stages find theirs; one that is not there has no value. */
function declaredTree(root: Node, keys: readonly string[], dialect: Dialect): Value {
  const found = new Map<string, Value>();
  for (const key of keys) {
    const lookup = lookUpParam(root, key, dialect);
    if (lookup.kind === 'found') found.set(lookup.path, toValue(lookup.node));
    if (lookup.kind === 'ambiguous')
      for (const [path, value] of under(leavesOf(toValue(root)), lookup.paths)) found.set(path, value);
  }
  // `train` and `train.lr` may both be declared.
  const isInside = (path: string): boolean => [...found.keys()].some((other) => path.startsWith(`${other}.`));
  return new Map([...found].filter(([path]) => !isInside(path)));
}

/** A broken file of an old commit must not read like one of today. It never ends a comparison. */
function atRevision(path: string, found: Problem, { name, commit }: Snapshot): Problem {
  const where = commit === null ? '' : ` at \`${name}\``;
  const message = `\`${path}\` cannot be read${where}: ${found.message}; its values are left out`;
  return { ...found, severity: 'warning', message };
}

function pipelineProblems({ name, commit, pipeline, problems }: Snapshot): Problem[] {
  if (commit === null || pipeline !== null || problems.length === 0) return [];
  const first = problems.find((found) => found.severity === 'error') ?? problems[0];
  const message = `the pipeline file at \`${name}\` has errors: ${first?.message ?? 'it cannot be read'}`;
  const hint = 'the files that the pipeline declares today are looked for';
  return [warning('value-invalid', message, { ...(first?.span && { span: first.span }), hint })];
}
