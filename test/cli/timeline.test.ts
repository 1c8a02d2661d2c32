// The timeline of a run: bars, critical path and figures from what was recorded, and nothing else.
import { expect, test } from 'vitest';
import { palette } from '../../src/cli/palette.ts';
import { criticalPath, renderTimeline } from '../../src/cli/timeline.ts';
import type { RunHistory, StageRun } from '../../src/store/history.ts';
import { run, show } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';

const START = 1_000_000;

function history(stages: readonly StageRun[], more: Partial<RunHistory> = {}): RunHistory {
  return {
    version: 1,
    runId: 'r',
    startedAtMs: START,
    endedAtMs: START + 10_000,
    exitCode: 0,
    argv: [],
    pid: 1,
    host: 'h',
    node: 'v',
    tool: '',
    stages,
    ...more,
  };
}

function ran(stage: string, from: number, to: number, waitedFor: readonly string[] = []): StageRun {
  return { stage, outcome: 'ran', startedAtMs: START + from, durationMs: to - from, waitedFor };
}

const lines = (of: RunHistory, columns = 60): string[] => renderTimeline(of, columns, palette(false)).split('\n');

test('shows which stage worked when, the longest chain, and the figures', () => {
  expect(
    lines(
      history([
        { stage: 'old', outcome: 'fresh', durationMs: 0 },
        ran('get', 0, 2000),
        ran('a', 2000, 4000, ['get']),
        ran('b', 2000, 9000, ['get']),
        { stage: 'r', outcome: 'restored', startedAtMs: START + 4000, durationMs: 10, savedMs: 65_000 },
        { ...ran('all', 9000, 10_000, ['a', 'b']), outcome: 'failed', message: 'it broke', attempts: 2 },
      ]),
    ),
  ).toEqual([
    'ran       get  2.0 s  ████████',
    'ran       a    2.0 s          ▒▒▒▒▒▒▒',
    'ran       b    7.0 s          ██████████████████████████',
    'restored  r    10 ms                 ▒  saved 1 min 5 s',
    'failed    all  1.0 s                                    ████',
    '                      0                                 10 s',
    '1 fresh  old',
    'failed  all  it broke',
    '',
    '█ critical path: get → b → all',
    'took 10 s, 12 s in 5 stages, 1.2 at once, critical path 10 s, saved 1 min 5 s',
    '',
  ]);
});

test('a narrow screen shows no bars, and no line is wider than it', () => {
  const stages = [ran('a_stage_with_a_long_name', 0, 5000), ran('数据数据数据', 5000, 10_000)];
  const shown = lines(history(stages), 30);
  expect(shown.slice(0, 2)).toEqual(['ran  a_st…ame  5.0 s', 'ran  数据…据   5.0 s']);
});

test('of a file without starts the durations are shown, and that is said', () => {
  const [first, second] = lines(history([{ stage: 'a', outcome: 'ran', durationMs: 1500 }]));
  expect([first, second]).toEqual(['no start times were kept for this run', 'ran  a  1.5 s']);
});

test('a run that was killed has no figures', () => {
  const { endedAtMs: _, ...killed } = history([]);
  expect(lines(killed)).toEqual(['', 'killed', '']);
});

test('the critical path is the longest chain, not the longest stage', () => {
  const stages = [ran('alone', 0, 5000), ran('a', 0, 3000), ran('b', 3000, 6000, ['a']), ran('c', 3000, 4000, ['a'])];
  expect(criticalPath(stages).map((stage) => stage.stage)).toEqual(['a', 'b']);
});

test('starts and what each stage waited for are recorded, through stages that were fresh', async () => {
  const work = project({
    'pipeline.yaml': `stages:
  a: { cmd: "head -c 1 in > x", deps: [in], outs: [x] }
  b: { cmd: "cat x > y", deps: [x], outs: [y] }
  c: { cmd: "cat y other > z", deps: [y, other], outs: [z] }
`,
    in: 'one',
    other: '1',
  });
  await run(work);
  // `a` makes the same bytes, so `b` is fresh; `c` has another input that changed.
  work.write({ in: 'only', other: '2' });
  await run(work);
  const { runs } = JSON.parse((await show(work, ['runs', '--json'])).stdout) as { runs: RunHistory[] };
  const [last] = runs;
  expect(last?.stages.map(({ stage, outcome, waitedFor }) => ({ stage, outcome, waitedFor }))).toEqual([
    { stage: 'a', outcome: 'ran', waitedFor: undefined },
    { stage: 'b', outcome: 'fresh', waitedFor: undefined },
    { stage: 'c', outcome: 'ran', waitedFor: ['a'] },
  ]);
  for (const { startedAtMs = 0, durationMs } of last?.stages.filter((stage) => stage.outcome === 'ran') ?? [])
    expect([startedAtMs >= (last?.startedAtMs ?? 0), startedAtMs + durationMs <= (last?.endedAtMs ?? 0)]).toEqual([
      true,
      true,
    ]);
  const text = (await show(work, ['runs', last?.runId ?? ''])).stdout;
  expect(text).toContain('█ critical path: a → c\n');
});
