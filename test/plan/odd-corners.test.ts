// docs/odd-corners.md, row by row: each number there is a test here, and each test here a row there.
import { chmodSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run, show } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';
import type { Files, Workspace } from '../rig/workspace.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/odd-corners.md'), 'utf8');

/** A stage `a` that reads in.txt and a param, and says how it ends when something changed after its first run. */
const FILES: Files = {
  'pipeline.yaml': 'stages:\n  a: { cmd: "cat in.txt > o", deps: [in.txt, e.txt], params: [p, q], outs: [o] }\n',
  'params.yaml': 'p: 1\nq: { b: 1, a: [x] }\n',
  'in.txt': 'x',
  'e.txt': '',
};

async function after(change: (workspace: Workspace) => unknown, files: Files = FILES): Promise<string> {
  const workspace = project(files);
  await run(workspace);
  await change(workspace);
  return (await run(workspace)).ends;
}

const params = (text: string): Files => ({ ...FILES, 'params.yaml': `p: ${text}\nq: 1\n` });
const setP =
  (text: string) =>
  (workspace: Workspace): void =>
    workspace.write(params(text));
const rewrite =
  (from: string, to: string) =>
  (workspace: Workspace): void =>
    workspace.write({ 'pipeline.yaml': workspace.read('pipeline.yaml').replace(from, to) });

async function codes(pipeline: string): Promise<string> {
  const { problems } = await show(project({ 'pipeline.yaml': pipeline }), ['status'], { code: 3 });
  return problems.map((each) => each.code).join(' ');
}

const ROWS: Readonly<Record<string, () => Promise<void>>> = {
  '1': async () => {
    expect(await after(setP('1.0'), params('1'))).toBe('a ran');
    expect(await after(setP('true'), params('1'))).toBe('a ran');
    expect(await after(setP('"1"'), params('1'))).toBe('a ran');
  },
  '2': async () => expect(await after(setP('.nan # still'), params('.nan'))).toBe('a fresh'),
  '3': async () => expect(await after(setP('1.50'), params('1.5'))).toBe('a fresh'),
  '4': async () => {
    expect(await after((w) => w.write({ 'params.yaml': '# knobs\nq: {a: [x], b: 1}\nother: 3\np: 1\n' }))).toBe(
      'a fresh',
    );
  },
  '5': async () => expect(await after(rewrite('[in.txt, e.txt]', '[in.txt]'))).toBe('a ran'),
  '6': async () => expect(await after(rewrite('[p, q]', '[p]'))).toBe('a ran'),
  '7': async () => {
    const two = { ...FILES, 'pipeline.yaml': 'stages: { a: { cmd: "echo 1 > o; echo 2 > e2", outs: [o] } }' };
    expect(await after(rewrite('[o]', '[o, e2]'), two)).toBe('a ran');
    const both = { ...two, 'pipeline.yaml': two['pipeline.yaml'].replace('[o]', '[o, e2]') };
    expect(await after(rewrite('[o, e2]', '[o]'), both)).toBe('a ran');
  },
  '8': async () => expect(await after((w) => chmodSync(w.path('in.txt'), 0o755))).toBe('a ran'),
  '9': async () => {
    const files = {
      'pipeline.yaml': 'stages: { a: { cmd: "pwd > $OUT", wdir: one, deps: [in.txt], outs: [../o] } }\n'.replace(
        '$OUT',
        '../o',
      ),
      'one/in.txt': 'x',
      'two/in.txt': 'x',
    };
    expect(await after(rewrite('wdir: one', 'wdir: two'), files)).toBe('a ran');
  },
  '10': async () => {
    const workspace = project({ 'pipeline.yaml': 'stages: { a: { cmd: "echo $MODE > o", env: [MODE], outs: [o] } }' });
    await run(workspace, [], { env: { MODE: 'one' } });
    expect((await run(workspace, [], { env: { MODE: 'one' } })).ends).toBe('a fresh');
    expect((await run(workspace, [], { env: { MODE: 'two' } })).ends).toBe('a ran');
  },
  '11': async () => {
    const workspace = project({
      ...FILES,
      'pipeline.yaml': 'stages:\n  a: { cmd: "cat in.txt > o; cat fail", deps: [in.txt], outs: [o] }\n',
      fail: '',
    });
    await run(workspace);
    workspace.write({ 'in.txt': 'half' });
    workspace.remove('fail');
    expect((await run(workspace, [], { code: 1 })).ends).toBe('a failed');
    expect(workspace.read('o')).toBe('x');
  },
  '12': async () => {
    const workspace = project(FILES);
    await run(workspace);
    workspace.write({ o: 'mine' });
    expect((await run(workspace)).ends).toBe('a restored');
    expect([workspace.read('o'), savedText(workspace)]).toEqual(['x', 'mine']);
  },
  '13': async () => {
    const workspace = project({ 'pipeline.yaml': 'stages: { a: { cmd: "mkdir d; echo 1 > d/x", outs: [d] } }' });
    await run(workspace);
    workspace.write({ 'd/stray': 'mine' });
    expect((await run(workspace)).ends).toBe('a restored');
    expect([workspace.exists('d/stray'), savedText(workspace)]).toEqual([false, 'mine']);
  },
  '14': async () => {
    expect(
      await after((w) => w.remove('o'), { 'pipeline.yaml': 'stages: { a: { cmd: "echo 1 > o", outs: [o] } }' }),
    ).toBe('a restored');
  },
  '15': async () => {
    expect(
      await after((w) => w.remove('o'), {
        'pipeline.yaml': 'stages: { a: { cmd: "echo 1 > o", outs: [{ o: { cache: false } }] } }',
      }),
    ).toBe('a ran');
  },
  '16': async () => {
    const workspace = project({
      'pipeline.yaml':
        'stages:\n  a:\n    cmd: |\n      if true; then\n        x=one\n      fi\n      echo $x > o\n    outs: [o]\n',
    });
    expect((await run(workspace)).ends).toBe('a ran');
    expect(workspace.read('o')).toBe('one\n');
  },
  '17': async () => {
    const workspace = project({
      'pipeline.yaml': 'stages:\n  a:\n    cmd: |\n      false\n      echo 1 > o\n    outs: [o]\n',
    });
    expect((await run(workspace, [], { code: 1 })).ends).toBe('a failed');
  },
  '18': async () => expect(await after(rewrite('  a:', '  renamed:'))).toBe('renamed restored'),
  '19': async () => {
    const workspace = project({
      'pipeline.yaml': 'stages: { a: { cmd: "cat in.txt > o; echo y > in.txt", deps: [in.txt], outs: [o] } }',
      'in.txt': 'x',
    });
    expect((await run(workspace, [], { code: 1 })).said.join()).toContain('inputs-changed');
    expect(workspace.exists('pipeline.lock') && workspace.read('pipeline.lock').includes('"a"')).toBe(false);
  },
  '20': async () => {
    const workspace = project({
      'pipeline.yaml': 'stages: { a: { cmd: "echo ran >> trace; echo 1 > o", outs: [o] } }',
      o: '0',
    });
    workspace.gitInit();
    expect((await show(workspace, ['run'], { code: 3 })).problems.map((each) => each.code)).toEqual(['out-in-git']);
    expect(workspace.exists('trace')).toBe(false);
  },
  '21': async () => {
    const workspace = project({ 'pipeline.yaml': 'stages: { a: { cmd: x, deps: [gone], outs: [o] } }' });
    expect((await show(workspace, ['run', '-n'])).stdout).toContain('blocked  a      gone is missing');
  },
  '22': async () =>
    expect(await codes('stages: { a: { foreach: [x, x], do: { cmd: "y ${item}" } } }')).toBe('stage-duplicate'),
  '23': async () => expect(await codes('stages: { a: { matrix: { m: abc }, cmd: y } }')).toBe('type-wrong'),
  '24': async () => expect(await codes('stages: { a: { matrix: { m: [] }, cmd: y } }')).toBe('matrix-empty'),
  '25': async () => {
    const workspace = project(FILES);
    await run(workspace);
    rewrite('{ cmd:', '{ frozen: true, cmd:')(workspace);
    workspace.remove('o');
    expect((await run(workspace)).ends).toBe('a restored');
    workspace.write({ 'in.txt': 'changed' });
    expect((await run(workspace)).ends).toBe('a fresh');
  },
  '26': async () => {
    const files = {
      'pipeline.yaml':
        'stages:\n  a: { cmd: "tr -d # < in.txt > o", deps: [in.txt], outs: [o] }\n  b: { cmd: "cat o > p", deps: [o], outs: [p] }\n'.replace(
          '-d #',
          "-d '#'",
        ),
      'in.txt': 'x',
    };
    expect(await after((w) => w.write({ 'in.txt': '#x' }), files)).toBe('a ran, b fresh');
  },
  '27': async () => {
    const workspace = project(FILES);
    await run(workspace);
    workspace.write({ 'pipeline.lock': workspace.read('pipeline.lock').slice(0, 200) });
    const { ends, stderr } = await run(workspace);
    expect(ends).toMatch(/^a (?:restored|fresh)$/);
    expect(stderr).toContain('lock-damaged');
  },
  '28': async () => expect(await codes('stages: { a: { cmd: x }, a: { cmd: y } }')).toBe('key-duplicate'),
  '29': async () => {
    const workspace = project({
      'params.yaml': 'l: [1, 2]\n"a.b": 1\n',
      'pipeline.yaml': 'stages: { a: { cmd: "echo ${l[1]} > o", params: [l.0], outs: [o] } }',
    });
    expect((await run(workspace)).ends).toBe('a ran');
    expect(workspace.read('o')).toBe('2\n');
  },
  '30': async () => {
    const workspace = project({
      'pipeline.yaml': 'stages: { a: { cmd: "true" }, b: { cmd: "true", deps: [in.txt] } }',
      'in.txt': '',
    });
    await run(workspace);
    expect((await run(workspace)).outcomes).toEqual({ a: 'ran', b: 'fresh' });
  },
};

function savedText(workspace: Workspace): string {
  const saved = workspace.path('.repro/saved');
  const [file] = readdirSync(saved, { recursive: true, withFileTypes: true, encoding: 'utf8' }).filter((each) =>
    each.isFile(),
  );
  return readFileSync(join(file?.parentPath ?? '', file?.name ?? ''), 'utf8');
}

/** Number -> what the row is about. */
const WRITTEN = new Map([...PAGE.matchAll(/^\| (\d+) \| (.+?) \|/gm)].map((row) => [row[1] ?? '', row[2] ?? '']));

test.each(Object.keys(ROWS).map((row) => [row, WRITTEN.get(row) ?? 'is not on the page'] as const))(
  'row %s: %s',
  async (row) => {
    await ROWS[row]?.();
  },
);

test('every row of the page has a test, and every test a row', () => {
  expect([...WRITTEN.keys()]).toEqual(Object.keys(ROWS));
});
