// The live screen beyond its looks: the cursor comes back however a run ends, nothing hostile passes, plain places stay
// plain, no line is wider than the screen, the bar never goes back, and output of any speed costs a few frames.
import xterm from '@xterm/headless';
import fc from 'fast-check';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../../src/base/event.ts';
import type { OutcomeKind } from '../../src/base/reason.ts';
import type { Terminal } from '../../src/cli/command.ts';
import { layoutLive } from '../../src/cli/live-layout.ts';
import { LiveModel } from '../../src/cli/live-model.ts';
import { palette } from '../../src/cli/palette.ts';
import { LiveReporter } from '../../src/cli/reporter-live.ts';
import { held } from '../rig/held.ts';
import { project } from '../rig/project.ts';
import { terminal } from '../rig/terminal.ts';
import { stubTerminal } from '../rig/stub-terminal.ts';

const USUAL = { columns: 80, rows: 24 };
const PLAIN = palette(false);
/** An escape sequence or another control that is no line end. */
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/;

describe('the cursor is back and the foot of the screen is gone', () => {
  test.each([
    ['at the end of a good run', 0, ''],
    ['after a failure', 1, ''],
    ['after Ctrl-C', 130, 'SIGINT'],
    ['after SIGTERM', 143, 'SIGTERM'],
    ['after SIGHUP', 129, 'SIGHUP'],
  ] as const)('%s', async (_, code, signal) => {
    const work = await held('work');
    const run = terminal(project({ 'pipeline.yaml': `stages: { a: { cmd: '${work.command}' } }` }), [], USUAL);
    const invocation = await work.nextInvocation();
    await invocation.stdout('at work\n');
    await run.waitFor(/at work/);
    expect((await run.cursor()).isShown).toBe(false);
    if (signal === 'SIGINT') run.type('\u0003');
    else if (signal !== '') await run.kill(signal);
    else await invocation.exit(code);
    expect(await run.ended).toBe(code);
    const screen = await run.screen();
    expect(screen).not.toContain('━');
    expect(screen).not.toContain('─');
    expect(screen).not.toMatch(/^ {2}a /m);
    // On the line below the last one.
    expect(await run.cursor()).toEqual({ row: screen.split('\n').length, column: 0, isShown: true });
  });
});

test('even after a fault of repro itself the cursor is back', async () => {
  const fault = "process.on('SIGUSR2', () => { throw new Error('the moon is full'); })";
  const work = await held('work');
  const run = terminal(project({ 'pipeline.yaml': `stages: { a: { cmd: '${work.command}' } }` }), [], {
    ...USUAL,
    env: { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(fault)}` },
  });
  const invocation = await work.nextInvocation();
  await invocation.stdout('at work\n');
  await run.waitFor(/at work/);
  await run.kill('SIGUSR2');
  expect(await run.ended).not.toBe(0);
  expect((await run.cursor()).isShown).toBe(true);
  expect(await run.screen()).toContain('the moon is full');
});

test('the screen stays whole when it is made small, large and small again while stages run', async () => {
  const work = await held('work');
  const run = terminal(
    project({
      'pipeline.yaml': `stages: { first: { cmd: "true" }, some_long_name: { cmd: '${work.command}', after: [first] } }`,
    }),
    [],
    { columns: 100, rows: 30 },
  );
  const invocation = await work.nextInvocation();
  let n = 0;
  for (const [columns, rows] of [
    [100, 30],
    [40, 12],
    [120, 40],
    [23, 8],
    [80, 24],
  ] as const) {
    await run.resize({ columns, rows });
    await invocation.stdout(`word${++n}${' and more'.repeat(12)}\n`);
    await run.waitFor(new RegExp(`word${n}`.slice(0, 4)));
    await run.waitFor(new RegExp(columns > 30 ? `word${n}` : 'done|%'));
  }
  await invocation.exit();
  expect(await run.ended).toBe(0);
  const lines = (await run.history()).split('\n');
  expect(lines.filter((line) => line.includes('word'))).toEqual([]);
  expect(lines.join('\n').match(/some_long_name/g)).toHaveLength(1);
});

test('what stages print cannot act on the terminal: not on the foot, not with -v, not in the tail of a failure', async () => {
  const hostile = String.raw`\033]0;title\007\033[2J\033[1;1H\033[?1049h\033P+q\033\\\u202egnp.exe \033[31mred\033[8m hidden\b\b\n`;
  const work = project({ 'pipeline.yaml': { stages: { a: { cmd: [`printf '${hostile}'`, 'sleep 0.3', 'exit 1'] } } } });
  for (const args of [[], ['-v'], ['-q']]) {
    const run = terminal(work, args, USUAL);
    expect(await run.ended).toBe(1);
    expect(await run.history()).toContain('gnp.exe');
    // Left is what we draw with: colours, the frame, the cursor and clearing.
    // oxlint-disable-next-line no-control-regex
    const rest = run.raw.replaceAll(/\u001b\[(?:[\d;]*m|\?(?:2026|25|7)[hl]|\d*[AKJ])/g, '');
    expect(rest.replaceAll(/[\r\n\t]/g, '')).not.toMatch(CONTROL);
    expect(rest).not.toContain('\u202e');
  }
});

test.each([
  ['NO_COLOR', { NO_COLOR: '1' }, 'repro', 'frames'],
  ['--no-color', {}, 'repro --no-color', 'frames'],
  ['TERM=dumb', { TERM: 'dumb' }, 'repro', 'nothing'],
  ['CI', { CI: 'true' }, 'repro', 'colours'],
  ['a file', {}, 'repro > out 2>&1; cat out', 'nothing'],
  ['a pipe', {}, 'repro 2>&1 | cat', 'nothing'],
  ['a pipe with FORCE_COLOR', { FORCE_COLOR: '1' }, 'repro 2>&1 | cat', 'colours'],
  ['--reporter plain', {}, 'repro --reporter plain --no-color', 'nothing'],
])('%s: only what belongs there', async (_, env, shell, allowed) => {
  const work = project({ 'pipeline.yaml': 'stages: { a: { cmd: "echo x; sleep 0.2" } }' });
  const run = terminal(work, [], { ...USUAL, env, shell });
  await run.ended;
  expect(await run.history()).toMatch(/^ran +a +\d+ ms {2}has no inputs and no outs: runs each time\n1 ran in /);
  // oxlint-disable-next-line no-control-regex
  expect([/\u001b\[\d+m/.test(run.raw), /\u001b\[\?/.test(run.raw)]).toEqual([
    allowed === 'colours',
    allowed === 'frames',
  ]);
});

/** Names and lines that are wide, joined, right to left, combining, hostile or long. */
const text = fc
  .array(
    fc.constantFrom(
      'a',
      'word ',
      '数据',
      '👍',
      '👨‍👩‍👧',
      '🇩🇪',
      '❤️',
      'e\u0301',
      '\t',
      'שלום',
      '\u001B[2J',
      '\u202E',
      'é',
      '한',
      '한',
      '｡',
      'ﷺ',
      '\u200D',
    ),
    {
      maxLength: 60,
    },
  )
  .map((parts) => parts.join(''));

function started(stages: readonly string[], work: readonly { stage: string; expectedMs?: number }[]): RunEvent {
  return { kind: 'run-started', runId: 'r', stages, jobs: 4, atMs: 0, expectedMs: 0, work };
}

test('no line of the foot is wider than the screen, whatever stages are called and print', async () => {
  const emulator = new xterm.Terminal({ cols: 80, rows: 60, allowProposedApi: true });
  const cases = fc.record({
    stages: fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 6 }),
    columns: fc.integer({ min: 10, max: 130 }),
    rows: fc.integer({ min: 3, max: 40 }),
  });
  await fc.assert(
    fc.asyncProperty(cases, async ({ stages, columns, rows }) => {
      const model = new LiveModel();
      model.note(
        started(
          stages.map(([name], i) => `${name}${i}`),
          [],
        ),
      );
      stages.forEach(([name, line], i) => {
        model.note({ kind: 'stage-started', stage: `${name}${i}`, attempt: 1, reasons: [], command: [], atMs: 0 });
        model.note({ kind: 'stage-output', stage: `${name}${i}`, line, stream: 'stdout' });
      });
      const lines = layoutLive(model.view(5000), { columns, rows }, 5000, PLAIN);
      expect(lines.length).toBeLessThanOrEqual(Math.max(1, Math.floor(rows / 2)));
      emulator.resize(columns, 60);
      emulator.reset();
      await new Promise<void>((resolve) => emulator.write(lines.join('\r\n'), resolve));
      expect(emulator.buffer.active.cursorY).toBe(lines.length - 1);
    }),
    { numRuns: 300 },
  );
  emulator.dispose();
});

test('the bar never goes back and is full at the end, in whatever order things happen', () => {
  const outcome = fc.constantFrom<OutcomeKind>('ran', 'restored', 'fresh', 'skipped', 'failed', 'cancelled');
  const stage = fc.record({
    isPlanned: fc.boolean(),
    expectedMs: fc.option(fc.integer({ min: 0, max: 10_000 }), { nil: undefined }),
    starts: fc.integer({ min: 0, max: 3 }),
    outcome,
  });
  fc.assert(
    fc.property(fc.array(stage, { minLength: 1, maxLength: 12 }), fc.infiniteStream(fc.nat(4000)), (stages, steps) => {
      const model = new LiveModel();
      const names = stages.map((_, i) => `s${i}`);
      const work = stages.flatMap(({ isPlanned, expectedMs }, i) =>
        isPlanned ? [{ stage: `s${i}`, ...(expectedMs !== undefined && { expectedMs }) }] : [],
      );
      model.note(started(names, work));
      let nowMs = 0;
      let shown = 0;
      const look = (): void => {
        const { progress } = model.view(nowMs);
        expect(progress).toBeGreaterThanOrEqual(shown);
        expect(progress).toBeLessThanOrEqual(1);
        shown = progress;
      };
      stages.forEach(({ expectedMs, starts, outcome: ended }, i) => {
        for (let attempt = 1; attempt <= starts; attempt++) {
          const expected = expectedMs === undefined ? {} : { expectedMs };
          model.note({
            kind: 'stage-started',
            stage: `s${i}`,
            attempt,
            reasons: [],
            command: [],
            atMs: nowMs,
            ...expected,
          });
          nowMs += Number(steps.next().value);
          look();
        }
        model.note({ kind: 'stage-ended', stage: `s${i}`, outcome: ended, reasons: [], durationMs: 1, atMs: nowMs });
        look();
      });
      expect(shown).toBeCloseTo(1);
    }),
  );
});

function recorder(): { readonly screen: Terminal; readonly written: string[] } {
  const written: string[] = [];
  const screen = stubTerminal({
    err: (chunk) => void written.push(chunk),
    color: { out: true, err: true },
    isTTY: true,
    nowMs: () => Date.now(),
  });
  return { screen, written };
}

test('a flood of output is dropped, not queued: it costs as many frames as no output', async () => {
  const { screen, written } = recorder();
  const reporter = new LiveReporter(screen, 'normal');
  reporter.event(started(['a'], []));
  reporter.event({ kind: 'stage-started', stage: 'a', attempt: 1, reasons: [], command: [], atMs: Date.now() });
  for (let i = 0; i < 300_000; i++)
    reporter.event({ kind: 'stage-output', stage: 'a', line: `line ${i}`, stream: 'stdout' });
  expect(written).toEqual([]);
  while (written.length === 0) await wait(5);
  reporter.end();
  expect(written).toHaveLength(2);
  expect(written.join('')).toContain('line 299999');
  expect(written.join('').length).toBeLessThan(1000);
});

test('500 stages that end at once are one frame, and each has its line', async () => {
  const { screen, written } = recorder();
  const reporter = new LiveReporter(screen, 'normal');
  const names = Array.from({ length: 500 }, (_, i) => `stage_${i}`);
  reporter.event(
    started(
      names,
      names.map((stage) => ({ stage })),
    ),
  );
  for (const stage of names)
    reporter.event({
      kind: 'stage-ended',
      stage,
      outcome: 'ran',
      reasons: [{ kind: 'forced' }],
      durationMs: 5,
      atMs: 0,
    });
  while (written.length === 0) await wait(5);
  expect(written).toHaveLength(1);
  expect(written[0]?.match(/forced/g)).toHaveLength(500);
  reporter.end();
});

test('nothing is written while nothing changes', async () => {
  const { screen, written } = recorder();
  const reporter = new LiveReporter({ ...screen, nowMs: () => 1000 }, 'normal');
  reporter.event(started(['a'], []));
  reporter.event({ kind: 'stage-started', stage: 'a', attempt: 1, reasons: [], command: [], atMs: 1000 });
  while (written.length === 0) await wait(5);
  for (let i = 0; i < 3; i++) {
    reporter.event({ kind: 'stage-output', stage: 'a', line: '', stream: 'stdout' });
    reporter.event({
      kind: 'check-judged',
      verdict: { stage: 'a', check: 'x', severity: 'error', passed: true, values: {}, file: 'f', line: 1 },
    });
    await wait(120);
  }
  expect(written).toHaveLength(1);
  reporter.end();
});
