// How real DVC reads plots (bench/dvc/record_plots.py), asked of repro in the same projects: ids, titles, labels, fields and
// rows. Cells of CSV files are text in DVC and numbers here where the whole column is one; both are compared as text.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { show } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';

type Entry = 'image' | Readonly<Record<string, unknown>>;

interface Recorded {
  readonly probe: object;
  readonly cases: Readonly<
    Record<
      string,
      { readonly files: Readonly<Record<string, string>>; readonly answer: Readonly<Record<string, readonly Entry[]>> }
    >
  >;
}

const RECORDED = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures/plots.json'), 'utf8')) as Recorded;

interface Shown {
  readonly type: string;
  readonly content?: Readonly<Record<string, unknown>>;
}

test.each(Object.entries(RECORDED.cases))('%s: as DVC', async (name, { files, answer }) => {
  const bytes = Object.entries(files).map(([name, text]) => [name, Buffer.from(text, 'latin1')]);
  const workspace = project({
    ...Object.fromEntries(bytes),
    '.dvc/config': '',
    '.dvc/plots/probe.json': RECORDED.probe,
  });
  workspace.git('init', '--quiet');
  const { stdout } = await show(workspace, ['plots', 'show', '-t', 'probe', '--json']);
  const { data } = JSON.parse(stdout) as { readonly data: Readonly<Record<string, readonly Shown[]>> };
  const entries = Object.entries(data).map(([id, plots]): [string, unknown] => [
    id,
    plots.map((plot) => (plot.type === 'image' ? 'image' : plot.content)),
  ]);
  expect(comparable(Object.fromEntries(entries))).toEqual(comparable(asHere(name, answer)));
});

/** In groups DVC leaves out the backslashes that Vega-Lite needs to find a field with dots. */
function asHere(name: string, answer: Readonly<Record<string, readonly Entry[]>>): object {
  if (name !== 'a field with dots and brackets') return answer;
  const text = JSON.stringify(answer);
  expect(text).toContain('"group_by_x":["rev","a.b"]');
  return JSON.parse(text.replace('"group_by_x":["rev","a.b"]', String.raw`"group_by_x":["rev","a\\.b"]`)) as object;
}

/** Every scalar as text, nothing as the empty text, as a CSV file has it. */
function comparable(value: unknown): unknown {
  if (value === null) return '';
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, comparable(item)]));
  return JSON.stringify(value).replace(/^"(.*)"$/s, '$1');
}
