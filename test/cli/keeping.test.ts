// `commit`, `checkout`, `runs`, `log`, `lint`, `gc`, `fsck` and `doctor` with each of their options, as a user sees them.
import { describe, expect, test } from 'vitest';
import { run, show } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';
import { fresh, masked, out, ran } from './three-stages.ts';

describe('commit and checkout', () => {
  test('accept what is there, and put back what the lock names', async () => {
    const workspace = fresh();
    workspace.write({ raw: 'mine' });
    expect(await out(workspace, 'commit', 'get')).toBe('accepted get: raw\n');
    expect((await run(workspace, ['get'])).ends).toBe('get fresh');
    workspace.remove('raw');
    expect(await out(workspace, 'checkout', 'get')).toBe('restored raw\n1 out restored\n');
    expect(workspace.read('raw')).toBe('mine');
    expect(await out(workspace, 'checkout', '-q', 'get')).toBe('');
    expect(await out(workspace, 'commit', '-q', 'get')).toBe('');
    expect((await show(workspace, ['commit', 'train@1'], { code: 1 })).problems[0]?.code).toBe('out-missing');
  });

  test('with --rev the outs of another commit come back', async () => {
    const workspace = fresh();
    workspace.write({ '.gitignore': 'raw\nm?\nall\n' });
    workspace.git('init', '--quiet');
    await show(workspace, ['run']);
    workspace.git('add', '--all');
    workspace.git('commit', '--quiet', '-m', 'one');
    workspace.write({ 'in.txt': 'y' });
    await show(workspace, ['run']);
    expect(workspace.read('raw')).toBe('y');
    await show(workspace, ['checkout', '--rev', 'HEAD', 'get']);
    expect(workspace.read('raw')).toBe('x');
  });
});

describe('runs and log', () => {
  test('list runs, show one, and what a stage printed', async () => {
    const workspace = await ran();
    workspace.write({ 'in.txt': 'y' });
    await show(workspace, ['run']);
    const [head, second, first] = masked(await out(workspace, 'runs')).split('\n');
    expect(head).toMatch(/^RUN +STARTED +TOOK +EXIT +COMMIT +STAGES$/);
    expect(second).toMatch(/^RUN +DATE +TIME +0 +- +4 ran$/);
    expect(first).toMatch(/^RUN +DATE +TIME +0 +- +4 ran$/);
    expect((await out(workspace, 'runs', '--last', '1')).trim().split('\n')).toHaveLength(2);
    const [id = ''] = (await out(workspace, 'runs')).split('\n')[2]?.split(' ') ?? [];
    expect(await out(workspace, 'runs', id)).toMatch(/command +repro run\n/);
    expect(await out(workspace, 'log', 'train@2')).toContain('trained 2\n');
    expect(await out(workspace, 'log', 'train@2', '--run', id, '--attempt', '1')).toContain('trained 2\n');
    expect((await show(workspace, ['log', 'train@2', '--attempt', '2'], { code: 1 })).problems[0]?.code).toBe(
      'record-missing',
    );
    expect((await show(workspace, ['runs', '--last', 'x'], { code: 2 })).problems[0]?.message).toContain(
      '`--last` takes a whole number',
    );
    expect((await show(workspace, ['runs', 'zz'], { code: 2 })).problems[0]?.message).toBe('there is no run `zz`');
  });
});

describe('lint', () => {
  test('says at once what is wrong in a stage and what is wrong between others, and nothing that only seems so', async () => {
    const workspace = project({
      'pipeline.yaml': `stages:
  a: { cmd: x, outs: [o] }
  b: { cmd: x, outs: [o] }
  c: { cmds: x }
  d: { cmd: x, deps: [p], outs: [q] }
  e: { cmd: x, deps: [q], outs: [p] }
  f: { cmd: x, after: [c] }
`,
    });
    const { stdout } = await show(workspace, ['lint', '--json'], { code: 3 });
    const { problems } = JSON.parse(stdout) as { readonly problems: readonly { readonly code: string }[] };
    expect(problems.map(({ code }) => code)).toEqual(['key-missing', 'key-unknown', 'out-duplicate', 'cycle']);
  });

  test('names every problem, as text and as annotations', async () => {
    const workspace = project({
      'pipeline.yaml': 'stages:\n  a: { cmd: x, deps: [o], outs: [o] }\n  b: { cmd: x, after: [zz] }\n',
    });
    expect((await show(workspace, ['lint'], { code: 3 })).stdout).toContain('pipeline.yaml: 2 errors, 0 warnings\n');
    const { stdout } = await show(workspace, ['lint', '--format', 'github'], { code: 3 });
    expect(stdout).toContain('::error file=pipeline.yaml,line=2,col=23,title=out-is-dep::');
    expect((await show(workspace, ['lint', '--format', 'x'], { code: 2 })).problems[0]?.message).toBe(
      'there is no format `x`',
    );
    expect(await out(fresh(), 'lint')).toBe('pipeline.yaml: no problems\n');
  });
});

describe('gc, fsck and doctor', () => {
  test('say what is there and leave what is needed', async () => {
    const workspace = await ran();
    expect(await out(workspace, 'gc', '--dry-run')).toContain('would free 0 B: 0 objects, 0 records, 0 runs\n');
    expect(await out(workspace, 'gc', '--keep', '0s')).toContain('freed');
    expect((await show(workspace, ['gc', '--keep', 'soon'], { code: 2 })).problems[0]?.message).toBe(
      '`--keep soon` is no age',
    );
    expect(await out(workspace, 'fsck')).toMatch(/^\d+ objects? \(.*\), 4 records: no damage\n$/);
    expect(await out(workspace, 'status')).toBe('4 fresh\n');
    expect(await out(workspace, 'doctor')).toMatch(/^ok {2}repro +\d/);
    expect((await show(project(), ['doctor'])).stdout).toContain('there is no pipeline file here or above');
    // A file in the place of the store: root cannot write there either.
    const env = { REPRO_STORE: `${workspace.root}/pipeline.yaml/store` };
    expect((await show(workspace, ['doctor'], { code: 1, env })).stdout).toMatch(
      /^!! {2}store +.*nothing can be written/m,
    );
  });
});
