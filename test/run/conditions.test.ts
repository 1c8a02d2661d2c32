// Order and conditions: when, after, always, checks; resources and the number of jobs.
import { expect, test } from 'vitest';
import { held } from '../rig/held.ts';
import { run, show } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';
import type { Workspace } from '../rig/workspace.ts';

/** deploy runs when the score is high enough; announce reads what it makes. */
function deploying(score: number): Workspace {
  return project({
    'pipeline.yaml': {
      stages: {
        score: { cmd: 'cp score.in eval.json', deps: ['score.in'], metrics: ['eval.json'] },
        deploy: {
          cmd: 'cp eval.json live.json',
          deps: ['eval.json'],
          outs: ['live.json'],
          when: 'eval.json:r2 >= 0.7',
        },
        announce: { cmd: 'cp live.json said.json', deps: ['live.json'], outs: ['said.json'] },
      },
    },
    'score.in': { r2: score },
  });
}

test('a stage whose `when` is true runs, and its dependents too', async () => {
  expect((await run(deploying(0.8))).ends).toBe('score ran, deploy ran, announce ran');
});

test('a stage whose `when` is false is skipped; a dependent that needs what it never made is skipped too', async () => {
  const work = deploying(0.5);
  const story = await run(work);
  expect(story.ends).toBe('score ran, deploy skipped, announce skipped');
  expect(story.events.find((event) => event.kind === 'stage-ended' && event.stage === 'announce')).toMatchObject({
    reasons: [{ kind: 'upstream-skipped', stage: 'deploy' }],
  });
  expect((await run(work)).ends).toBe('score fresh, deploy skipped, announce skipped');
});

test('when `when` becomes false, outs and lock entry stay and dependents use the last outs', async () => {
  const work = deploying(0.9);
  await run(work);
  const live = work.read('live.json');
  work.write({ 'score.in': { r2: 0.1 } });
  expect((await run(work)).ends).toBe('score ran, deploy skipped, announce fresh');
  expect(work.read('live.json')).toBe(live);
  expect(work.read('pipeline.lock')).toContain('"deploy"');
  work.remove('said.json');
  expect((await run(work)).outcomes).toMatchObject({ deploy: 'skipped', announce: 'restored' });
  work.write({ 'score.in': { r2: 0.9 } });
  expect((await run(work)).outcomes).toEqual({ score: 'restored', deploy: 'fresh', announce: 'fresh' });
});

test('a `when` that depends on a metric still to be made is `maybe` in a plan', async () => {
  const work = deploying(0.9);
  const { stdout } = await show(work, ['-n', '--json']);
  const { stages } = JSON.parse(stdout) as { stages: { name: string; decision: string }[] };
  expect(stages.map((stage) => `${stage.name} ${stage.decision}`)).toContain('deploy maybe');
});

test('`when` reads params, and a false one needs no inputs', async () => {
  const work = project({
    'pipeline.yaml': { stages: { d: { cmd: 'cp big d', deps: ['big'], outs: ['d'], when: 'params.deploy' } } },
    'params.yaml': 'deploy: false\n',
    big: '1',
  });
  expect((await run(work)).ends).toBe('d skipped');
  work.write({ 'params.yaml': 'deploy: true\n' });
  expect((await run(work)).ends).toBe('d ran');
});

test('`after` orders stages without data, and is no input', async () => {
  const first = await held('first');
  const second = await held('second');
  const work = project({
    'pipeline.yaml': {
      stages: {
        a_second: { cmd: `${second.command} && echo 2 > 2`, outs: ['2'], after: ['b_first'] },
        b_first: { cmd: `${first.command} && cat in > 1`, deps: ['in'], outs: ['1'] },
      },
    },
    in: 'x',
  });
  const running = run(work, ['-j', '4']);
  const one = await first.nextInvocation();
  expect(second.numInvocations).toBe(0);
  await one.exit();
  await (await second.nextInvocation()).exit();
  expect((await running).ends).toBe('b_first ran, a_second ran');
  work.write({ in: 'y' });
  const again = run(work);
  await (await first.nextInvocation()).exit();
  expect((await again).ends).toBe('b_first ran, a_second fresh');
});

const REPORTING = {
  make: { cmd: 'cat in > out; grep -q good in', deps: ['in'], outs: ['out'] },
  report: {
    cmd: 'node report.cjs > report.txt; cp "$REPRO_PARAMS" params.json',
    always: true,
    params: ['seed'],
  },
};

const REPORT = `const run = JSON.parse(require('fs').readFileSync(process.env.REPRO_RUN_JSON));
console.log(run.stages.map((each) => each.stage + ' ' + each.outcome).join());`;

function reporting(text: string): Workspace {
  return project({
    'pipeline.yaml': { stages: REPORTING },
    'params.yaml': 'seed: 1\n',
    'report.cjs': REPORT,
    in: text,
  });
}

test('a stage with `always` runs at the end of a run in which something happened, also after a failure', async () => {
  const work = reporting('bad');
  await run(work, [], { code: 1 });
  expect(work.read('report.txt')).toBe('make failed\n');
  expect(JSON.parse(work.read('params.json'))).toEqual({ seed: 1 });
  work.write({ in: 'good' });
  expect((await run(work)).ends).toBe('make ran, report ran');
  expect(work.read('report.txt')).toBe('make ran\n');
  expect((await run(work)).ends).toBe('make fresh');
  work.remove('out');
  expect((await run(work)).ends).toBe('make restored, report ran');
});

test('a stage with `always` is left out with --locked', async () => {
  const work = reporting('good');
  await run(work);
  work.remove('out', 'report.txt');
  expect((await run(work, ['--locked'])).ends).toBe('make restored');
  expect(work.exists('report.txt')).toBe(false);
});

test('a plan says that a stage with `always` runs exactly when the run does something', async () => {
  const work = reporting('good');
  const planned = async (): Promise<string[]> => {
    const { stages } = JSON.parse((await show(work, ['-n', '--json'])).stdout) as {
      stages: { name: string; decision: string }[];
    };
    return stages.map((stage) => `${stage.name} ${stage.decision}`);
  };
  expect(await planned()).toEqual(['make run', 'report run']);
  await run(work);
  expect(await planned()).toEqual(['make fresh', 'report fresh']);
  expect((await show(work, ['status', '--check'])).code).toBe(0);
  work.remove('out');
  expect(await planned()).toEqual(['make restore', 'report run']);
});

test('a stage with `always` that fails makes the run fail, and says how it ended', async () => {
  const work = project({
    'pipeline.yaml': { stages: { m: { cmd: 'echo 1 > m', outs: ['m'] }, r: { cmd: 'exit 9', always: true } } },
  });
  const story = await run(work, [], { code: 1 });
  expect(story.outcomes).toEqual({ m: 'ran', r: 'failed' });
  expect(story.said).toEqual(['stage-failed: `r` exited with code 9']);
});

function checked(r2: number, check: string | object = 'r2 > 0.7'): Workspace {
  return project({
    'pipeline.yaml': {
      stages: {
        train: { cmd: 'cp in.json m.json', deps: ['in.json'], metrics: ['m.json'], checks: [check] },
        use: { cmd: 'cp m.json u.json', deps: ['m.json'], outs: ['u.json'] },
        free: { cmd: 'echo 1 > f', outs: ['f'] },
      },
    },
    'in.json': { r2 },
  });
}

test('a failed check blocks the dependents, is exit 4, and the result is recorded', async () => {
  const work = checked(0.5);
  const story = await run(work, [], { code: 4 });
  expect(story.outcomes).toEqual({ train: 'ran', use: 'blocked', free: 'ran' });
  // Also for a fresh and for a restored stage, and -k does not unblock.
  expect((await run(work, [], { code: 4 })).outcomes).toMatchObject({ train: 'fresh', use: 'blocked' });
  work.remove('m.json');
  expect((await run(work, ['-k'], { code: 4 })).outcomes).toMatchObject({ train: 'restored', use: 'blocked' });
});

test('--ignore-checks shows the failed check, unblocks, and exits with 0', async () => {
  const work = checked(0.5);
  const story = await run(work, ['--ignore-checks']);
  expect(story.outcomes).toMatchObject({ train: 'ran', use: 'ran' });
  expect(story.events).toContainEqual(
    expect.objectContaining({ kind: 'check-judged', verdict: expect.objectContaining({ passed: false }) as object }),
  );
});

test('editing a check runs nothing, and a warning blocks nothing', async () => {
  const work = checked(0.5, { expr: 'r2 > 0.7', severity: 'warn' });
  expect((await run(work)).outcomes).toMatchObject({ train: 'ran', use: 'ran' });
  work.write({ 'pipeline.yaml': work.read('pipeline.yaml').replace('0.7', '0.4') });
  expect((await run(work)).started).toEqual([]);
  work.write({ 'pipeline.yaml': work.read('pipeline.yaml').replace('warn', 'error').replace('0.4', '0.6') });
  expect(await run(work, [], { code: 4 })).toMatchObject({ started: [], outcomes: { train: 'fresh', use: 'blocked' } });
});

test('a failed stage and a failed check in one run are exit 1', async () => {
  const work = checked(0.5);
  work.write({ 'pipeline.yaml': work.read('pipeline.yaml').replace('echo 1 > f', 'exit 3') });
  await run(work, ['-k'], { code: 1 });
});

test('stages run beside each other up to -j, and no more', async () => {
  const stage = await held('stage');
  const names = ['a', 'b', 'c'];
  const stages = Object.fromEntries(
    names.map((n) => [n, { cmd: `${stage.command} ${n} && echo 1 > ${n}`, outs: [n] }]),
  );
  const running = run(project({ 'pipeline.yaml': { stages } }), ['-j', '2']);
  const first = [await stage.nextInvocation(), await stage.nextInvocation()];
  expect(stage.numInvocations).toBe(2);
  expect(first.every((one) => one.isRunning)).toBe(true);
  await first[0]?.exit();
  const third = await stage.nextInvocation();
  await first[1]?.exit();
  await third.exit();
  expect((await running).started).toHaveLength(3);
});

test('named resources are shared out as the host offers them, a stage that needs more than that runs alone', async () => {
  const stage = await held('stage');
  const of = (n: string, gpu?: number): object => ({
    cmd: `${stage.command} ${n} && echo 1 > ${n}`,
    outs: [n],
    ...(gpu !== undefined && { resources: { gpu } }),
  });
  const work = project({ 'pipeline.yaml': { stages: { a: of('a', 1), b: of('b', 1), c: of('c', 3), d: of('d') } } });
  const running = run(work, ['-j', '4', '--resources', 'gpu=1']);
  const seen: string[] = [];
  let usingGpu = 0;
  for (let n = 0; n < 4; n++) {
    const invocation = await stage.nextInvocation();
    const name = invocation.args[0] ?? '';
    seen.push(name);
    if (name !== 'd') usingGpu += 1;
    expect(usingGpu).toBeLessThanOrEqual(1);
    await invocation.exit();
    if (name !== 'd') usingGpu -= 1;
  }
  expect(seen.toSorted()).toEqual(['a', 'b', 'c', 'd']);
  await running;
});

test('of the ready stages the one with the longest known time to the end starts first', async () => {
  const work = project({
    'pipeline.yaml': {
      stages: {
        short: { cmd: 'cat in > short', deps: ['in'], outs: ['short'] },
        long: { cmd: 'cat in > long', deps: ['in'], outs: ['long'] },
        middle: { cmd: 'cat in > middle', deps: ['in'], outs: ['middle'] },
      },
    },
    in: '1',
  });
  // The clock of the test says how long each took: it moves while a stage runs.
  let nowMs = 1_000_000;
  const tookMs: Readonly<Record<string, number>> = { short: 10, long: 90_000, middle: 5000 };
  await run(work, ['-j', '1'], {
    nowMs: () => nowMs,
    onEvent: (event) => {
      if (event.kind === 'stage-started') nowMs += tookMs[event.stage] ?? 0;
    },
  });
  work.write({ in: '2' });
  expect((await run(work, ['-j', '1'])).started).toEqual(['long', 'middle', 'short']);
});
