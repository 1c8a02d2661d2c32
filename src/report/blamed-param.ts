// Who changed params that differ between two results: a commit, or nobody yet. Reads git; knows no stages.
import { blobsOf } from '../base/git.ts';
import type { GitCommit } from '../base/git.ts';
import { canonicalText } from '../base/value.ts';
import type { Value } from '../base/value.ts';
import { lookUpKey, parseKey } from '../config/expression-key.ts';
import type { Dialect } from '../config/stage.ts';
import type { ParamChange } from '../plan/param-change.ts';
import { parseValueFile } from '../plan/value-files.ts';

/** Of commits that touched a params file, those that changed one of the keys in question. */
export async function commitsOfParams(
  root: string,
  commits: readonly GitCommit[],
  params: readonly ParamChange[],
  dialect: Dialect,
): Promise<ReadonlySet<string>> {
  const files = new Set(params.map((param) => param.file));
  const pairs = commits.flatMap(({ commit, files: touched }) =>
    touched.filter((path) => files.has(path)).map((path) => ({ commit, path })),
  );
  const asked = pairs.flatMap(({ commit, path }) => [
    { revision: `${commit}^`, path },
    { revision: commit, path },
  ]);
  const blobs = await blobsOf(root, asked);
  const found = new Set<string>();
  for (const [i, { commit, path }] of pairs.entries()) {
    const before = await valueIn(path, blobs[2 * i] ?? null, dialect);
    const after = await valueIn(path, blobs[2 * i + 1] ?? null, dialect);
    const keys = params.filter((param) => param.file === path).map((param) => param.key);
    if (keys.some((key) => textAt(before, key) !== textAt(after, key))) found.add(commit);
  }
  return found;
}

/** Params whose value in the last commit is not the one that was used. */
export async function uncommittedParams(
  root: string,
  params: readonly ParamChange[],
  dialect: Dialect,
): Promise<ReadonlySet<ParamChange>> {
  const files = [...new Set(params.map((param) => param.file))];
  const blobs = await blobsOf(
    root,
    files.map((path) => ({ revision: 'HEAD', path })),
  );
  const open = new Set<ParamChange>();
  for (const [i, path] of files.entries()) {
    const value = await valueIn(path, blobs[i] ?? null, dialect);
    for (const param of params) if (param.file === path && textAt(value, param.key) !== param.after) open.add(param);
  }
  return open;
}

async function valueIn(path: string, bytes: Buffer | null, dialect: Dialect): Promise<Value | undefined> {
  const content = bytes === null ? undefined : await parseValueFile(path, bytes, dialect);
  return content?.kind === 'value' ? content.value : undefined;
}

function textAt(value: Value | undefined, key: string): string | null {
  const path = key === '' ? [] : parseKey(key);
  return value === undefined || path === undefined ? null : textOf(lookUpKey(value, path));
}

function textOf(value: Value | undefined): string | null {
  return value === undefined ? null : canonicalText(value);
}
