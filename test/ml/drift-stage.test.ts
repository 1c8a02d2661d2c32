// The drift stage as a program: its JSON, its page and its errors.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const STAGE = join(import.meta.dirname, '../../stages/drift.ts');
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'drift-'));
  const rows = (shift: number): string =>
    Array.from(
      { length: 60 },
      (_, i) => `${Math.sin(i * 7) + shift},${i % 2 === 0 ? '<b>' : '"&amp;""x"'},${i / 10}`,
    ).join('\n');
  const header = '"a<script>alert(1)</script>",cat,__proto__\n';
  writeFileSync(join(folder, 'r.csv'), `${header}${rows(0)}\n`);
  writeFileSync(join(folder, 'empty.csv'), header);
  writeFileSync(join(folder, 'bad.json'), '{');
  writeFileSync(join(folder, 'c.csv'), `${header}${rows(3)}\n`);
});
afterAll(() => rmSync(folder, { recursive: true }));

function drift(...args: string[]): { code: number | null; stdout: string; stderr: string } {
  const done = spawnSync(process.execPath, [STAGE, ...args], { cwd: folder, encoding: 'utf8' });
  return { code: done.status, stdout: done.stdout, stderr: done.stderr };
}
const FILES = ['--reference', 'r.csv', '--current', 'c.csv'];

test('it writes the fixed keys, a page without script, and the same bytes again', () => {
  const run = (name: string): string[] => {
    const done = drift(
      ...FILES,
      '--target',
      '__proto__',
      '--out-json',
      `out/${name}.json`,
      '--out-html',
      `out/${name}.html`,
    );
    expect(done).toEqual({ code: 0, stdout: '1 of 3 columns drifted; data drift: no\n', stderr: '' });
    return ['json', 'html'].map((end) => readFileSync(join(folder, 'out', `${name}.${end}`), 'utf8'));
  };
  const [json = '', html = ''] = run('one');
  expect(run('two')).toEqual([json, html]);
  const report = JSON.parse(json);
  const first = report.columns['a<script>alert(1)</script>'];
  expect(Object.keys(first)).toEqual(['type', 'method', 'statistic', 'p_value', 'score', 'threshold', 'drift']);
  expect(first).toMatchObject({ type: 'num', method: 'ks', threshold: 0.05, drift: true });
  expect(report.dataset).toMatchObject({ columns: 3, drifted: 1, share: 1 / 3, drift: false });
  expect(report.target).toMatchObject({ column: '__proto__', drift: false });
  expect(html).not.toMatch(/<script|<b>|https?:|style="/);
  expect(html).toContain('a&lt;script&gt;alert(1)&lt;/script&gt;');
});

test.each([
  [['--reference', 'r.csv'], 2, '--current is missing'],
  [[...FILES, '--out-json', 'd.json', '--mode', 'fast'], 2, '--mode must be evidently or robust'],
  [[...FILES, '--out-json', 'd.json', '--what'], 2, '--what'],
  [[...FILES, '--out-json', 'd.json', '--target', 'nope'], 1, 'there is no column `nope`'],
  [['--reference', 'absent.csv', '--current', 'c.csv', '--out-json', 'd.json'], 1, 'absent.csv'],
  [[...FILES, '--out-json', 'd.json', '--method', 'magic'], 2, 'there is no method `magic`'],
  [[...FILES, '--out-json', 'd.json', '--mode', 'robust', '--method', 'z'], 2, 'has no method `z`'],
  [[...FILES, '--out-json', 'd.json', '--types', 'bad.json'], 2, 'types must be JSON'],
  [['--reference', 'empty.csv', '--current', 'c.csv', '--out-json', 'd.json', '--mode', 'robust'], 1, 'has no rows'],
  [['--reference', 'r.csv', '--current', 'empty.csv', '--out-json', 'd.json', '--mode', 'robust'], 1, 'has no rows'],
])('%j exits %i and says why, without a stack', (args, code, message) => {
  const done = drift(...args);
  expect(done.code).toBe(code);
  expect(done.stderr).toContain(message);
  expect(done.stderr).not.toMatch(/\n\s+at /);
});

test('types can be given', () => {
  writeFileSync(join(folder, 't.json'), '{"__proto__":"num","cat":"text"}');
  expect(drift(...FILES, '--types', 't.json', '--out-json', 'd.json').code).toBe(0);
  const { columns } = JSON.parse(readFileSync(join(folder, 'd.json'), 'utf8'));
  expect(columns.cat).toMatchObject({ type: 'text', method: null, drift: null });
});
