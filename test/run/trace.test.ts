// `--trace`: the file has the form that viewers of trace events need, and says what the run did.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { TraceRecording } from '../../src/base/trace-recording.ts';
import type { TraceEvent } from '../../src/base/trace-recording.ts';
import type { TraceSpan } from '../../src/base/trace.ts';
import { show } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';
import { Random } from '../rig/random.ts';
import type { Workspace } from '../rig/workspace.ts';

/** The events, after their form was checked. */
function events(text: string): readonly TraceEvent[] {
  const { traceEvents } = JSON.parse(text) as { readonly traceEvents: readonly TraceEvent[] };
  const named = new Set<string>();
  const waits = new Map<number, TraceEvent>();
  const tracks = new Map<string, TraceEvent[]>();
  let lastUs = 0;
  for (const event of traceEvents) {
    expect(Number.isInteger(event.pid) && Number.isInteger(event.tid)).toBe(true);
    if (event.ph === 'M') {
      named.add(`${event.name} ${event.pid} ${event.tid}`);
      continue;
    }
    const { ts = Number.NaN } = event;
    expect(Number.isInteger(ts) && ts >= lastUs).toBe(true);
    lastUs = ts;
    expect(named).toContain(`process_name ${event.pid} 0`);
    if (event.ph === 'b') waits.set(event.id ?? 0, event);
    else if (event.ph === 'e') {
      expect(waits.get(event.id ?? 0)).toMatchObject({ name: event.name, cat: event.cat, pid: event.pid });
      waits.delete(event.id ?? 0);
    } else {
      expect(named).toContain(`thread_name ${event.pid} ${event.tid}`);
      const track = `${event.pid} ${event.tid}`;
      tracks.set(track, [...(tracks.get(track) ?? []), event]);
    }
  }
  expect(waits.size).toBe(0);
  for (const track of tracks.values()) expectNested(track);
  return traceEvents.filter((event) => event.ph !== 'M');
}

/** Each event ends before the one that it lies in does. */
function expectNested(track: readonly TraceEvent[]): void {
  const open: number[] = [];
  for (const { ts = 0, dur = -1 } of track) {
    expect(dur).toBeGreaterThanOrEqual(0);
    while ((open.at(-1) ?? Infinity) <= ts) open.pop();
    expect(ts + dur).toBeLessThanOrEqual(open.at(-1) ?? Infinity);
    open.push(ts + dur);
  }
}

describe('a recording', () => {
  test.each(Array.from({ length: 20 }, (_, seed) => seed))(
    'is well nested whatever begins and ends (seed %i)',
    (seed) => {
      const numbers = new Random(seed);
      const next = (): number => numbers.next();
      let nowUs = 0;
      const recording = new TraceRecording(() => (nowUs += Math.floor(next() * 3)));
      recording.noteStart('start');
      const open: TraceSpan[] = [];
      for (let step = 0; step < 300; step++) {
        const groups = ['repro', 'jobs', 'disk', 'hashing'] as const;
        const pick = open[Math.floor(next() * open.length)];
        const what = next();
        if (what < 0.3) open.push(recording.span(groups[Math.floor(next() * 4)] ?? 'jobs', `s${step}`));
        else if (what < 0.4) open.push(recording.wait(`w${step}`));
        else if (pick && what < 0.6) {
          const part = pick.part(`p${step}`, { step });
          if (next() < 0.7) part.end();
          else pick.end();
        } else pick?.end({ step });
      }
      events(recording.text());
    },
  );

  test('uses a track again when it is free, and no more tracks than things at once', () => {
    let nowUs = 0;
    const recording = new TraceRecording(() => nowUs++);
    const first = recording.span('jobs', 'a');
    const second = recording.span('jobs', 'b');
    first.end();
    recording.span('jobs', 'c').end();
    second.end();
    expect(events(recording.text()).map(({ name, tid }) => `${name} ${tid}`)).toEqual(['a 1', 'b 2', 'c 1']);
  });
});

const PIPELINE = `stages:
  data: { cmd: "cat in.txt > data", deps: [in.txt], outs: [data] }
  use:
    matrix: { n: [1, 2, 3] }
    cmd: cat data > o\${item.n}
    deps: [data]
    outs: ["o\${item.n}"]
  flaky: { cmd: "exit 1", deps: [in.txt], outs: [x], retry: { limit: 1, delay: 1ms } }
`;

async function traceOf(workspace: Workspace, ...args: readonly string[]): Promise<readonly TraceEvent[]> {
  await show(workspace, ['run', '-k', '-j2', '--trace', 'deep/trace.json', ...args], { code: 'any' });
  return events(readFileSync(workspace.path('deep/trace.json'), 'utf8'));
}

function namesOn(all: readonly TraceEvent[], pid: number): string[] {
  return all.filter((event) => event.pid === pid).map(({ name }) => name);
}

describe('the trace of a run', () => {
  test('shows stages in their slots, waiting, hashing, restoring and the disk', async () => {
    const workspace = project({ 'pipeline.yaml': PIPELINE, 'in.txt': 'x' });
    const all = await traceOf(workspace);
    expect(namesOn(all, 1)).toEqual(
      expect.arrayContaining(['start', 'open', 'plan', 'take the lock of the workspace', 'run']),
    );
    const slots = all.filter((event) => event.pid === 2);
    expect(Math.max(...slots.map(({ tid }) => tid))).toBe(2);
    for (const name of ['data', 'use@1', 'use@2', 'use@3', 'flaky', 'command', 'copy and hash outs'])
      expect(namesOn(slots, 2)).toContain(name);
    expect(slots.filter(({ name, args }) => name === 'command' && args?.['attempt'] === 2)).toHaveLength(1);
    expect(slots.find(({ name }) => name === 'flaky')?.args).toEqual({ outcome: 'failed' });
    expect(namesOn(all, 3).toSorted()).toEqual(['data', 'use@1', 'use@2', 'use@3']);
    expect(namesOn(all, 4).filter((name) => name === 'use@3')).toHaveLength(2);
    expect(namesOn(all, 5)).toContain('in.txt');
    workspace.remove('o2');
    const again = await traceOf(workspace, 'use');
    const restored = again.filter((event) => event.pid === 2 && event.name === 'restore');
    expect(restored).toHaveLength(1);
  });

  test('shows a stage with `always: true` in a slot, too', async () => {
    const stages = 'a: { cmd: "echo 1 > o", outs: [o] }, tell: { cmd: exit 1, always: true }';
    const all = await traceOf(project({ 'pipeline.yaml': `stages: { ${stages} }\n` }));
    const at = all.findIndex((event) => event.pid === 2 && event.name === 'tell');
    expect(all[at]).toMatchObject({ args: { outcome: 'failed' } });
    expect(all[at + 1]).toMatchObject({ name: 'command', pid: 2, tid: all[at]?.tid });
  });

  test('of one that has nothing to do, or cannot begin, is whole, too', async () => {
    const workspace = project({ 'pipeline.yaml': 'stages: { a: { cmd: "echo 1 > o", outs: [o] } }\n' });
    await traceOf(workspace);
    expect(namesOn(await traceOf(workspace), 1)).toEqual(['start', 'look: is there anything to do?', 'open', 'plan']);
    workspace.write({ 'pipeline.yaml': 'stages: { a: { cmd: x, deps: [nope], outs: [o] } }\n' });
    expect(namesOn(await traceOf(workspace), 1)).toContain('prepare');
  });

  test('goes only with a run, and into a file', async () => {
    const workspace = project({ 'pipeline.yaml': PIPELINE, 'in.txt': 'x', 'folder/x': '', file: '' });
    const refused = async (...args: string[]): Promise<string> => (await show(workspace, args, { code: 'any' })).stderr;
    expect(await refused('run', '--watch', '--trace', 't')).toContain('`--trace` and `--watch` exclude each other');
    expect(await refused('run', '-n', '--trace', 't')).toContain('not with `--dry-run`');
    expect(await refused('run', '--trace', 'folder')).toContain('`--trace folder` is a folder');
    expect(await refused('run', '--trace', 'file/t.json')).toContain('file/t.json');
    expect(workspace.exists('data')).toBe(false);
  });
});
