// Checks in a run: what fails them, what they block, what is said, and how they compare with the base.
import { expect, test } from 'vitest';
import { run, show } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';
import type { Workspace } from '../rig/workspace.ts';

/** `use` reads what `train` measured; the metric is copied from in.json. */
function training(metrics: string | object, check: string | object = 'r2 > 0.7', more: object = {}): Workspace {
  return project({
    'pipeline.yaml': {
      stages: {
        train: { cmd: 'cp in.json m.json', deps: ['in.json'], metrics: ['m.json'], checks: [check] },
        use: { cmd: 'cp m.json u.json', deps: ['m.json'], metrics: ['u.json'] },
      },
      ...more,
    },
    'in.json': metrics,
  });
}

test.each([
  ['missing', { mae: 1 }, '`r2` is missing'],
  ['NaN', '{"r2": NaN}', '`r2` is NaN'],
  ['infinite', '{"r2": Infinity}', '`r2` is Infinity'],
  ['a string', { r2: '0.9' }, '`r2` is a string, not a number'],
  ['null', { r2: null }, '`r2` is null, not a number, a string or a boolean'],
  ['a list', { r2: [0.9] }, '`r2` is a list, not a number, a string or a boolean'],
  ['in a file that is no JSON', 'r2 = 0.9', '`r2` is missing: `m.json` cannot be read'],
])('a metric that is %s fails its check, says so, and blocks', async (_name, metrics, said) => {
  const work = training(metrics);
  const story = await run(work, [], { code: 4 });
  expect(story.outcomes).toEqual({ train: 'ran', use: 'blocked' });
  const [judged] = story.events.filter((event) => event.kind === 'check-judged');
  expect(judged?.verdict.note).toContain(said);
  // The result is bad, and still a result.
  expect(work.read('pipeline.lock')).toContain('"train"');
  expect((await run(work, [], { code: 4 })).outcomes).toEqual({ train: 'fresh', use: 'blocked' });
});

test('a run says that failed checks were ignored', async () => {
  const work = training({ r2: 0.5 });
  const { stderr } = await show(work, ['run', '--ignore-checks']);
  expect(stderr).toContain('check ✗    train  r2 > 0.7  (r2 = 0.5)');
  expect(stderr).toMatch(/^2 ran, 1 check failed \(ignored\) in/m);
  expect((await show(work, ['run', '--ignore-checks'])).stderr).toContain('1 check failed (ignored)');
  expect((await show(work, ['run'], { code: 4 })).stderr).toMatch(/1 check failed in/);
});

test('a check at top level on one file blocks as one of its maker; one on several files is judged last and blocks nothing', async () => {
  const work = training({ r2: 0.5 }, 'true', { checks: ['m.json:r2 > 0.7'] });
  const story = await run(work, [], { code: 4 });
  expect(story.outcomes).toEqual({ train: 'ran', use: 'blocked' });
  work.write({ 'pipeline.yaml': work.read('pipeline.yaml').replace('m.json:r2 > 0.7', 'm.json:r2 > u.json:r2') });
  const later = await run(work, [], { code: 4 });
  expect(later.outcomes).toEqual({ train: 'fresh', use: 'ran' });
  const kinds = later.events.map((event) => event.kind);
  expect(kinds.lastIndexOf('check-judged')).toBeGreaterThan(kinds.lastIndexOf('stage-ended'));
  expect((await show(work, ['run'], { code: 4 })).stderr).toContain('check ✗    (pipeline)  m.json:r2 > u.json:r2');
});

test('a check on files of several stages is left out of a run that makes only some of them', async () => {
  const work = training({ r2: 0.5 }, 'true', { checks: ['m.json:r2 > u.json:r2'] });
  expect((await run(work, ['train'])).outcomes).toEqual({ train: 'ran' });
  expect((await run(work, ['train'])).outcomes).toEqual({ train: 'fresh' });
  await run(work, [], { code: 4 });
});

test('a metric that is new since the base passes visibly, and is never compared with zero', async () => {
  const work = training({ r2: -5 }, 'r2 >= base - 0.01');
  expect((await show(work, ['run'])).stderr).toContain('has no value at the base revision: there is no git commit');
  work.gitInit();
  work.git('rm', '--quiet', '--cached', 'm.json');
  work.git('commit', '--quiet', '--message', 'without the metric');
  work.remove('.repro/objects', '.repro/keep', 'pipeline.lock');
  work.git('commit', '--quiet', '--all', '--message', 'without the lock');
  const { stderr } = await show(work, ['run']);
  expect(stderr).toMatch(
    /check ok {3}train {2}r2 >= base - 0.01: `base\(r2\)` has no value at the base revision: there was no `m.json` at/,
  );
});

test.each(['{"r2": NaN}', '{"r2": null}', '{"r2": {}}', 'no JSON'])(
  'what was no number at the base is nothing to compare with, so that a commit can mend it: %s',
  async (before) => {
    const work = training({ r2: 0.8 }, 'r2 >= base - 0.01');
    work.write({ 'm.json': before });
    work.gitInit();
    expect((await run(work)).outcomes).toEqual({ train: 'ran', use: 'ran' });
  },
);

test('a metric that was in the cache at the base and is in no store now is said so, and found again later', async () => {
  const work = training({ r2: 0.8 }, 'r2 >= base - 0.01');
  work.write({ '.gitignore': 'm.json\nu.json\n.repro\n' });
  await run(work);
  work.gitInit();
  work.git('clone', '--quiet', '.', '../other');
  // As a user who has the commit and not yet the store: the value of now is lower, and nothing says that it was zero then.
  work.write({ '../other/in.json': { r2: 0.5 } });
  const { stderr } = await show(work, ['run'], { cwd: '../other' });
  expect(stderr).toContain('the store does not hold what `m.json` was at');
  const env = { REPRO_STORE: work.path('.repro') };
  await show(work, ['run'], { cwd: '../other', env, code: 4 });
});

test('what an environment variable holds is in no event, no table and no JSON', async () => {
  const work = training({ r2: 0.8 }, 'env.TOKEN == "x" or r2 > 0.9');
  const env = { TOKEN: 'hush-hush' };
  const shown = [
    await show(work, ['run', '-v'], { env, code: 4 }),
    await show(work, ['run', '--json'], { env, code: 4 }),
    await show(work, ['check'], { env, code: 4 }),
    await show(work, ['check', '--json'], { env, code: 4 }),
  ];
  for (const { stdout, stderr } of shown) expect(stdout + stderr).not.toContain('hush');
});

test('a run whose checks fail ends with the line, the value at the base, and what changed', async () => {
  const work = training({ r2: 0.8 });
  work.write({ '.gitignore': 'm.json\nu.json\n.repro\n' });
  await run(work);
  work.gitInit();
  work.write({ 'in.json': { r2: 0.5 } });
  const { stderr } = await show(work, ['run'], { code: 4 });
  const commit = work.git('rev-parse', '--short=8', 'HEAD').trim();
  expect(stderr.slice(stderr.indexOf('\n✗'))).toBe(`
✗ train: r2 > 0.7
  ──▶ pipeline.yaml:12
  r2 = 0.5, was 0.8 at HEAD (${commit}): -0.3
  changed since HEAD (${commit}):
    in.json changed (not committed)
`);
  // A stage that was blocked was not judged, so it is not explained; nor is what is quiet or for machines.
  expect((await show(work, ['run', '-q'], { code: 4 })).stderr).not.toContain('changed since');
  expect((await show(work, ['run', '--json'], { code: 4 })).stderr).not.toContain('changed since');
  expect((await show(work, ['run', '--ignore-checks'])).stderr).not.toContain('changed since');
  work.write({ 'in.json': { r2: 0.8 } });
  expect(await run(work)).toMatchObject({ started: [], outcomes: { train: 'restored', use: 'restored' } });
});
