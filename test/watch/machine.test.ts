// The state machine of a watch, as a table: what comes in, what is to be done.
import { expect, test } from 'vitest';
import { nextTimeMs, startWatch, stepWatch } from '../../src/run/watch-machine.ts';
import type { WatchEffect, WatchInput, WatchState } from '../../src/run/watch-machine.ts';

const SETTINGS = { debounceMs: 100, restarts: false };
const RESTARTING = { debounceMs: 100, restarts: true };

const looked = (result: 'nothing' | 'work' | 'broken', atMs = 0): WatchInput => ({
  kind: 'looked',
  result,
  atMs,
  rescanMs: atMs + 10_000,
});
const hint = (atMs: number): WatchInput => ({ kind: 'hint', atMs });
const time = (atMs: number): WatchInput => ({ kind: 'time', atMs });
const scanned = (changed: boolean, touchesRunning = changed): WatchInput => ({
  kind: 'scanned',
  changed,
  touchesRunning,
  rescanMs: 99_999,
});
const ENDED: WatchInput = { kind: 'run-ended' };
const wish = (wish: 'now' | 'all' | 'failed'): WatchInput => ({ kind: 'wish', wish });
const leave = (how: 'ask' | 'kill' = 'ask'): WatchInput => ({ kind: 'leave', exitCode: 130, how });

/** What is done after each input, in words; the first look is taken already. */
function story(
  inputs: readonly WatchInput[],
  settings = SETTINGS,
): { readonly done: string; readonly state: WatchState } {
  let [state] = startWatch();
  const done: string[] = [];
  for (const input of inputs) {
    const [next, ...effects] = stepWatch(state, input, settings);
    state = next;
    done.push(effects.map(words).join('+') || '-');
  }
  return { done: done.join(' '), state };
}

function words(effect: WatchEffect): string {
  switch (effect.kind) {
    case 'look':
      return `look:${effect.wish}`;
    case 'stop-run':
      return `stop:${effect.how}`;
    case 'pause':
      return `pause:${effect.delayMs}`;
    case 'end':
      return `end:${effect.exitCode}`;
    default:
      return effect.kind;
  }
}

test.each<[string, readonly WatchInput[], string]>([
  ['a start with something to do', [looked('work'), ENDED, looked('nothing')], 'run look:changes -'],
  ['a hint is looked at when it has settled', [looked('nothing'), hint(10), time(60), time(110)], '- - - look:changes'],
  ['a later hint waits longer', [looked('nothing'), hint(10), hint(90), time(110), time(190)], '- - - - look:changes'],
  ['a hint during a look is not lost', [hint(5), looked('nothing'), time(105)], '- - look:changes'],
  [
    'a hint during a run is scanned, and looked at after it',
    [looked('work'), hint(5), time(105), scanned(true), ENDED],
    'run - scan - look:changes',
  ],
  ['without a hint it looks now and then', [looked('nothing'), time(9_999), time(10_000)], '- - look:changes'],
  ['also during a run', [looked('work'), time(10_000), scanned(false)], 'run scan -'],
  ['a broken pipeline waits', [looked('broken'), hint(1), time(101), looked('work')], '- - look:changes run'],
  ['Enter', [looked('nothing'), wish('now'), looked('nothing')], '- look:now -'],
  ['Enter during a look', [wish('now'), looked('nothing'), looked('nothing')], '- look:now -'],
  ['f during a run waits for its end', [looked('work'), wish('failed'), ENDED], 'run - look:failed'],
  ['r during a run', [looked('work'), wish('all'), ENDED, looked('work')], 'run stop:ask look:all run'],
  ['Enter after r', [looked('work'), wish('all'), wish('now'), ENDED], 'run stop:ask - look:all'],
  ['leaving while idle', [looked('nothing'), leave()], '- end:130'],
  ['leaving during a run', [looked('work'), leave(), leave('kill'), ENDED], 'run stop:ask stop:kill end:130'],
  ['leaving during a look', [leave(), looked('work')], '- end:130'],
  ['leaving a look that hangs', [leave(), leave('kill')], '- end:130'],
  ['nothing happens after the end', [looked('nothing'), leave(), hint(1), time(2), ENDED], '- end:130 - - -'],
])('%s', (_name, inputs, done) => {
  expect(story(inputs).done).toBe(done);
});

test('with `restart` a change to what a running stage reads stops the run, once', () => {
  const inputs = [
    looked('work'),
    hint(1),
    time(101),
    scanned(true, false),
    hint(102),
    time(202),
    scanned(true),
    scanned(true),
    ENDED,
  ];
  expect(story(inputs, RESTARTING).done).toBe('run - scan - - scan stop:ask - look:restart');
});

test('with `restart` what was asked for before is not forgotten', () => {
  const touched = [hint(1), time(101), scanned(true)];
  expect(story([looked('work'), wish('failed'), ...touched, ENDED], RESTARTING).done).toMatch(/stop:ask look:failed$/);
  expect(story([looked('work'), wish('all'), ...touched, ENDED], RESTARTING).done).toMatch(/scan - look:all$/);
});

test('hints without end are looked at all the same', () => {
  const { state } = story([looked('nothing'), ...Array.from({ length: 60 }, (_, i) => hint(i * 50))]);
  expect(nextTimeMs(state, SETTINGS)).toBe(1000);
  expect(nextTimeMs(state, { ...SETTINGS, debounceMs: 500 })).toBe(3450);
});

test('runs that each change what the next one reads wait longer and longer', () => {
  const round = [ENDED, looked('work', 50)];
  const { done, state } = story([looked('work'), ...round, ...round, ...round, ...round]);
  expect(done).toBe('run look:changes run look:changes run look:changes run look:changes pause:1000');
  expect(nextTimeMs(state, SETTINGS)).toBe(1050);
  const again = [time(1050), looked('work', 1050), ENDED, looked('work', 1100)];
  expect(story([looked('work'), ...round, ...round, ...round, ...round, ...again]).done).toMatch(
    /look:restart run look:changes pause:2000$/,
  );
});

test('a save of somebody ends the pause', () => {
  const round = [ENDED, looked('work', 50)];
  const inputs = [
    looked('work'),
    ...round,
    ...round,
    ...round,
    ...round,
    hint(60),
    time(160),
    scanned(true),
    looked('work', 170),
    ENDED,
  ];
  expect(story(inputs).done).toMatch(/pause:1000 - scan look:restart run look:changes$/);
});
