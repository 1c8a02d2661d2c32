// What real DVC says of small projects (bench/dvc/record_metrics.py), asked of repro in the same projects. Where repro
// differs on purpose, the difference stands here with its reason.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { show } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';

interface Change {
  readonly old: unknown;
  readonly new: unknown;
  readonly diff?: unknown;
}
type Diff = Record<string, Record<string, Change>>;

interface Recorded {
  readonly before: Readonly<Record<string, string>>;
  readonly after: Readonly<Record<string, string | null>>;
  readonly answers: readonly {
    readonly args: readonly string[];
    readonly json: unknown;
    readonly complains: boolean;
  }[];
}

const RECORDED = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures/metrics.json'), 'utf8')) as Readonly<
  Record<string, Recorded>
>;

/** Case -> what becomes of DVC's answer, and why. */
const OURS: Readonly<Record<string, (diff: Diff, args: readonly string[]) => void>> = {
  // NaN is NaN: nothing changed.
  'not finite': (diff, args) => void (args.includes('--all') || delete diff['m.json']?.['c']),
  // A truth is no number: true is not 1.
  'types change': (diff, args) => {
    if (!args.includes('--all')) diff['m.json'] = { ...diff['m.json'], b: { old: 1, new: true } };
  },
  // A file that cannot be read is not gone.
  'the file is broken': (diff) => void delete diff['m.json'],
  // A map that became empty, or was, is a value like others: a stage that reads it runs.
  'params of every type': (diff, args) => {
    const file = diff['params.yaml'];
    if (file && !args.includes('--deps')) file['m'] = { old: {}, new: null };
  },
  // A param of another type is another input: a stage that reads it runs.
  'params change type': (diff, args) => {
    const file = diff['p.yaml'];
    if (!file || args.includes('--all')) return;
    Object.assign(file, { a: { old: 1, new: 1, diff: 0 }, b: { old: 1, new: true } });
  },
  // What fills templates is no dependency of a stage.
  'params of vars': (diff, args) => void (args.includes('--deps') && delete diff['v.yaml']),
};

for (const [name, { before, after, answers }] of Object.entries(RECORDED)) {
  test(`as DVC: ${name}`, async () => {
    const workspace = project({ '.dvc/config': '', ...before });
    workspace.gitInit();
    workspace.git('tag', 'v1');
    for (const [path, text] of Object.entries(after))
      if (text === null) workspace.remove(path);
      else workspace.write({ [path]: text });
    for (const { args, json, complains } of answers) {
      const shown = await show(workspace, [...args, '--json']);
      const said = JSON.parse(shown.stdout) as { readonly diff?: Diff; readonly revisions?: object };
      const label = args.join(' ');
      expect(shown.stderr !== '', `${label} complains: ${shown.stderr}`).toBe(complains);
      if (said.diff) expect(plain(said.diff), label).toEqual(expected(name, json as Diff, args));
      else {
        const theirs = revisions(json as Record<string, object>);
        expect(said.revisions, label).toMatchObject(theirs);
        expect(Object.keys(said.revisions ?? {}).sort(), label).toEqual(Object.keys(theirs).sort());
      }
    }
  });
}

/** Ours without what DVC has not. */
function plain(diff: Diff): Diff {
  const only = (change: Change): Change => ({
    old: change.old,
    new: change.new,
    ...(change.diff !== undefined && { diff: change.diff }),
  });
  return mapped(diff, only);
}

function expected(name: string, json: Diff, args: readonly string[]): Diff {
  const diff = mapped(json, (change) => {
    const { old, new: now, diff: delta } = change;
    // The difference of two truths, or of what is not finite, is no number.
    const isNumber = typeof delta === 'number' && typeof old === 'number' && typeof now === 'number';
    // DVC prints lists as Python writes them.
    return { old: listOf(old), new: listOf(now), ...(isNumber && { diff: delta }) };
  });
  OURS[name]?.(diff, args);
  return Object.fromEntries(Object.entries(diff).filter(([, keys]) => Object.keys(keys).length > 0));
}

function mapped(diff: Diff, change: (one: Change) => Change): Diff {
  return Object.fromEntries(
    Object.entries(diff).map(([path, keys]) => [
      path,
      Object.fromEntries(Object.entries(keys).map(([key, one]) => [key, change(one)])),
    ]),
  );
}

function listOf(value: unknown): unknown {
  return typeof value === 'string' && value.startsWith('[') ? JSON.parse(value) : value;
}

/** Without revisions DVC calls the workspace by an empty name. */
function revisions(json: Record<string, object>): Record<string, object> {
  return Object.fromEntries(Object.entries(json).map(([name, value]) => [name === '' ? 'workspace' : name, value]));
}
