// The metrics or the params of the project at one moment: which files count there, and the values in them. A file that is
// broken or absent is said and left out; nothing is ever taken for zero. Does not compare.
import { warning } from '../base/problem.ts';
import type { Problem } from '../base/problem.ts';
import { toValue } from '../config/node.ts';
import type { Node } from '../config/node.ts';
import { lookUpParam, readParams } from '../config/params.ts';
import type { Dialect, Pipeline } from '../config/stage.ts';
import type { Snapshot } from '../plan/snapshot.ts';
import { metricLeaves, paramLeaves, under } from './leaves.ts';
import type { Leaves } from './leaves.ts';

export interface ValueSet {
  /** As it was asked for: `workspace`, `HEAD~1`. */
  readonly name: string;
  readonly commit: string | null;
  /** Path relative to the root -> its values. */
  readonly files: ReadonlyMap<string, Leaves>;
  /** Files that ought to be there and cannot be had. */
  readonly absent: readonly string[];
  /** Warnings: files that cannot be read, a pipeline that cannot. */
  readonly problems: readonly Problem[];
}

/** Path -> the keys that count; an empty list is the whole file. */
export type WantedFiles = ReadonlyMap<string, readonly string[]>;

/** Which of the two kinds of value files is meant. */
export type ValueKind = 'metrics' | 'params';

/** Nothing at all, with a name: where there is no commit to compare with. */
export function emptySet(name: string): ValueSet {
  return { name, commit: null, files: new Map(), absent: [], problems: [] };
}

/** The files that the pipeline of that moment declares as metrics; folders too. */
export function declaredMetrics(pipeline: Pipeline | null): WantedFiles {
  const outs = (pipeline?.stages ?? []).flatMap((stage) => stage.outs.filter((out) => out.kind === 'metric'));
  return new Map([...outs.map((out) => out.path), ...(pipeline?.metrics ?? [])].map((path) => [path, []]));
}

/** The params that stages declare; without `depsOnly` also whole params files: the default one, `params:` and `vars:`. */
export function declaredParams(pipeline: Pipeline | null, depsOnly: boolean): WantedFiles {
  const wanted = new Map<string, readonly string[]>();
  if (pipeline === null) return wanted;
  const whole = new Set(depsOnly ? [] : wholeParamsFiles(pipeline));
  for (const stage of pipeline.stages) {
    for (const { file, keys } of stage.params) {
      if (keys.length === 0) whole.add(file);
      wanted.set(file, [...new Set([...(wanted.get(file) ?? []), ...keys])]);
    }
  }
  for (const file of whole) wanted.set(file, []);
  return wanted;
}

/** What the templates were filled from was looked for or read when the pipeline was loaded. */
function wholeParamsFiles({ params, sources, members, file }: Pipeline): string[] {
  const others = new Set([...(members ?? []), file]);
  const read = sources.filter(({ path, digest }) => digest !== null && !others.has(path));
  return [...params, ...read.map(({ path }) => path).filter((path) => /\.(?:ya?ml|json|toml)$/i.test(path))];
}

/** The values of these files at that moment. `dialect`: how YAML is read when the moment has no pipeline. */
export async function valueSet(
  snapshot: Snapshot,
  kind: ValueKind,
  wanted: WantedFiles,
  dialect: Dialect,
): Promise<ValueSet> {
  const files = new Map<string, Leaves>();
  const absent: string[] = [];
  const problems = [...pipelineProblems(snapshot)];
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
    const content = readLeaves(kind, path, bytes, keys, snapshot.pipeline?.dialect ?? dialect);
    if ('leaves' in content) files.set(path, content.leaves);
    else problems.push(atRevision(content.problem, snapshot));
  }
  return { name: snapshot.name, commit: snapshot.commit, files, absent, problems };
}

/** A folder of metrics is every file in it. */
async function filesInside(snapshot: Snapshot, path: string): Promise<(readonly [string, Uint8Array])[]> {
  const names = (await snapshot.list(path)).filter((name) => name.startsWith(`${path}/`));
  const contents = names.length === 0 ? new Map<string, Uint8Array | null>() : await snapshot.read(names);
  return names.flatMap((name) => {
    const bytes = contents.get(name) ?? null;
    return bytes === null ? [] : [[name, bytes] as const];
  });
}

/** The values of one file, or what is wrong with it. */
export function readLeaves(
  kind: ValueKind,
  path: string,
  bytes: Uint8Array,
  keys: readonly string[],
  dialect: Dialect,
): { readonly leaves: Leaves } | { readonly problem: Problem } {
  const { node, problems } = readParams(path, bytes, dialect);
  const error = problems.find((found) => found.severity === 'error');
  if (error) return { problem: error };
  if (!node) return { leaves: new Map() };
  if (kind === 'params')
    return { leaves: keys.length === 0 ? paramLeaves(toValue(node)) : declaredLeaves(node, keys, dialect) };
  const leaves = metricLeaves(toValue(node));
  return { leaves: keys.length === 0 ? leaves : under(leaves, keys) };
}

/** Keys are found as stages find theirs; one that is not there has no value. */
function declaredLeaves(root: Node, keys: readonly string[], dialect: Dialect): Leaves {
  const found = new Map<string, Leaves>();
  for (const key of keys) {
    const lookup = lookUpParam(root, key, dialect);
    if (lookup.kind === 'found') found.set(lookup.path, paramLeaves(toValue(lookup.node), lookup.path));
    if (lookup.kind === 'ambiguous')
      for (const path of lookup.paths) found.set(path, under(paramLeaves(toValue(root)), [path]));
  }
  return new Map([...found.values()].flatMap((leaves) => [...leaves]));
}

/** A broken file of an old commit must not read like one of today. It never ends a comparison. */
function atRevision(found: Problem, { name, commit }: Snapshot): Problem {
  const where = commit === null ? '' : ` (at \`${name}\`)`;
  return { ...found, severity: 'warning', message: `${found.message}${where}; its values are left out` };
}

function pipelineProblems({ name, commit, pipeline, problems }: Snapshot): Problem[] {
  if (commit === null || pipeline !== null || problems.length === 0) return [];
  const first = problems.find((found) => found.severity === 'error') ?? problems[0];
  const message = `the pipeline file at \`${name}\` has errors: ${first?.message ?? 'it cannot be read'}`;
  const hint = 'the files of the other side are compared';
  return [warning('value-invalid', message, { ...(first?.span && { span: first.span }), hint })];
}

/** One warning for all files that are not there. */
export function absentWarning(set: ValueSet, what: string): Problem | undefined {
  const [first, ...others] = set.absent;
  if (first === undefined) return undefined;
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  const where = set.commit === null ? 'in the workspace' : `at \`${set.name}\``;
  const hint =
    set.commit === null
      ? '`repro checkout` brings back what the lock names, `repro` makes the rest'
      : 'it was neither in git nor is it in the store of this machine';
  return warning('file-missing', `there is no ${what} file \`${first}\`${more} ${where}`, { hint });
}
