// The tuning program with real objectives as real processes: protocol, faults, kill and resume.
import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const STAGE = join(import.meta.dirname, '../../stages/tune.ts');
const PROGRAM = join(import.meta.dirname, 'fixtures/tune-objective.js');

interface Report {
  readonly best: { readonly number: number; readonly value: number; readonly params: Record<string, unknown> } | null;
  readonly importances: Record<string, number>;
  readonly trials: readonly {
    readonly number: number;
    readonly state: string;
    readonly params: Record<string, unknown>;
    readonly value: number | null;
    readonly intermediate: Record<string, number | string>;
    readonly reason?: string;
  }[];
}

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tune-'));
  writeFileSync(
    join(folder, 'space.json'),
    JSON.stringify({
      x: { kind: 'float', low: -5, high: 5, log: false, step: null },
      n: { kind: 'int', low: 1, high: 8, log: false, step: 1 },
    }),
  );
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function argsFor(trials: number, ...more: string[]): string[] {
  const fixed = ['--space', 'space.json', '--trials', String(trials), '--seed', '5', '--out', 'out.json'];
  return [STAGE, ...fixed, '--objective', `exec "${process.execPath}" "${PROGRAM}"`, ...more];
}

function run(args: readonly string[]): { readonly code: number | null; readonly stderr: string } {
  const { status, stderr, stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  expect(stdout).toBe('');
  return { code: status, stderr };
}

function report(): Report {
  return JSON.parse(readFileSync(join(folder, 'out.json'), 'utf8')) as Report;
}

test('a program is tuned: parameters in, reports answered, asked parameters given, the best reported', () => {
  expect(run(argsFor(14))).toEqual({ code: 0, stderr: '' });
  const { best, trials, importances } = report();
  expect(trials.map(({ number }) => number)).toEqual(Array.from({ length: 14 }, (_, i) => i));
  expect(trials.some(({ state }) => state === 'pruned')).toBe(true);
  for (const { state, params, intermediate } of trials) {
    const { x, n, kind, late } = params as { x: number; n: number; kind: string; late?: number };
    expect(late !== undefined).toBe(kind === 'late');
    expect(Object.keys(intermediate).length).toBeGreaterThan(0);
    expect(Object.keys(intermediate).length === 4).toBe(state === 'complete' || '3' in intermediate);
    expect(intermediate['0']).toBeCloseTo((x - 1) ** 2 + n + (late ?? 0) + 4, 9);
  }
  const values = trials.filter(({ state }) => state === 'complete').map(({ value }) => value ?? Number.NaN);
  expect(best?.value).toBe(Math.min(...values));
  expect(best?.params).toEqual(trials[best?.number ?? -1]?.params);
  expect(Object.values(importances).reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 12);
});

test('a program that misbehaves fails its trial with a reason, and the study goes on', () => {
  const faults: Record<string, [string, RegExp]> = {
    garbage: ['echo hello', /wrote a line that is no message: "hello"/],
    exit: [`echo '{"value":1}'; exit 3`, /the program exited with code 3/],
    die: ['kill -9 $$', /the program was ended by SIGKILL/],
    silent: ['true', /the program ended without a value/],
    nan: [`echo '{"value":"NaN"}'`, /the objective gave NaN, not a number/],
    text: [`echo '{"value":"much"}'`, /a `value` that is no number/],
    badstep: [`echo '{"step":-1,"value":1}'`, /a `step` that is no whole number/],
    badask: [`echo '{"ask":{"name":"late","kind":"complex"}}'`, /parameter `late`: `kind` must be/],
    nameless: [`echo '{"ask":{"kind":"int"}}'`, /asked for a parameter without a name/],
    after: [`echo '{"value":1}'; echo '{"value":2}'`, /the program wrote on after its value/],
    missing: ['./no-such-program', /the program exited with code 127/],
    endless: ['tr "\\0" x < /dev/zero', /the program wrote a line that is no message/],
  };
  const arms = Object.entries(faults).map(([name, [command]]) => `*'"${name}"'*) ${command};;`);
  const objective = `read params; case $params in ${arms.join(' ')} *) echo '{"value":7}';; esac`;
  const mode = { kind: 'categorical', choices: [...Object.keys(faults), 'good'] };
  writeFileSync(join(folder, 'modes.json'), JSON.stringify({ mode }));
  const files = ['--space', 'modes.json', '--out', 'out.json'];
  const { code, stderr } = run([STAGE, ...files, '--objective', objective, '--trials', '99', '--sampler', 'grid']);
  expect(code).toBe(0);
  expect(report().best?.params).toEqual({ mode: 'good' });
  expect(report().trials.length).toBe(mode.choices.length);
  for (const { number, params, state, reason } of report().trials) {
    const expected = faults[String(params['mode'])]?.[1];
    expect(state).toBe(expected === undefined ? 'complete' : 'failed');
    if (expected === undefined) continue;
    expect(reason).toMatch(expected);
    expect(stderr).toContain(`tune: trial ${number} failed: ${reason}\n`);
  }
});

test('a study without a completed trial exits 1 and still writes its report', () => {
  const files = ['--space', 'space.json', '--out', 'deep/out.json'];
  const { code, stderr } = run([STAGE, ...files, '--objective', 'exit 1', '--trials', '2']);
  expect(code).toBe(1);
  expect(stderr).toMatch(/tune: no trial was completed\n$/);
  expect(existsSync(join(folder, 'deep/out.json'))).toBe(true);
});

test('parallel programs give every trial once', () => {
  expect(run(argsFor(6, '--jobs', '3')).code).toBe(0);
  expect(report().trials.length).toBe(6);
});

describe('a study that is killed in a trial goes on and ends with the bytes of one that never stopped', () => {
  test.each([
    ['SIGKILL', 13, 8],
    ['SIGINT', 4, 2],
    ['SIGTERM', 4, 2],
  ] as const)('%s', async (signal, trials, holdAt) => {
    expect(run(argsFor(trials)).code).toBe(0);
    const expected = readFileSync(join(folder, 'out.json'), 'utf8');
    rmSync(join(folder, 'out.json'));
    const code = await runUntilHeld(signal, trials, holdAt);
    expect(code).toBe({ SIGKILL: null, SIGINT: 130, SIGTERM: 143 }[signal]);
    expect(existsSync(join(folder, 'out.json'))).toBe(false);
    if (signal === 'SIGKILL') appendFileSync(join(folder, 'j.jsonl'), '{"op":"report","tri'); // a torn line
    expect(run(argsFor(trials, '--journal', 'j.jsonl'))).toEqual({ code: 0, stderr: '' });
    expect(readFileSync(join(folder, 'out.json'), 'utf8')).toBe(expected);
    const restarts = readFileSync(join(folder, 'j.jsonl'), 'utf8').match(/"op":"restart"/g);
    expect(restarts).toHaveLength(1);
  });
});

/** Starts a journalled study; one trial stops after two reports and tells so in a file; then the study is ended. */
async function runUntilHeld(signal: NodeJS.Signals, trials: number, holdAt: number): Promise<number | null> {
  const held = whenHeld();
  const child = spawn(process.execPath, argsFor(trials, '--journal', 'j.jsonl'), {
    cwd: folder,
    env: { ...process.env, HOLD_AT: String(holdAt) },
    stdio: 'ignore',
  });
  const ended = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)));
  await held;
  child.kill(signal);
  return ended;
}

function whenHeld(): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(folder, () => {
      if (!existsSync(join(folder, 'held'))) return;
      watcher.close();
      resolve();
    });
  });
}

test('a second process on the same journal makes the first one stop, and nothing is lost', async () => {
  const held = whenHeld();
  const first = spawn(process.execPath, argsFor(5, '--journal', 'j.jsonl'), {
    cwd: folder,
    env: { ...process.env, HOLD_AT: '2', RELEASE: '1' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  first.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<number | null>((resolve) => first.on('close', (code) => resolve(code)));
  await held;
  expect(run(argsFor(5, '--journal', 'j.jsonl')).code).toBe(0);
  writeFileSync(join(folder, 'release'), '');
  expect(await ended).toBe(1);
  expect(stderr).toMatch(/j\.jsonl was written by another process/);
  expect(report().trials.map(({ number }) => number)).toEqual(Array.from({ length: 5 }, (_, i) => i));
});

test('a bad request exits 2 and names what is wrong', () => {
  writeFileSync(join(folder, 'bad.json'), '{"kind":"mean"}');
  const cases: [string[], RegExp][] = [
    [[], /^tune: --objective is missing\n$/],
    [argsFor(0).slice(1), /^tune: --trials must be a whole number of at least 1, not "0"\n$/],
    [argsFor(3, '--sampler', 'cma').slice(1), /^tune: the sampler must be tpe, random or grid, not "cma"\n$/],
    [argsFor(3, '--direction', 'up').slice(1), /^tune: the direction must be minimize or maximize, not "up"\n$/],
    [argsFor(3, '--pruner', 'bad.json').slice(1), /^tune: pruner: `kind` must be one of/],
    [argsFor(3, '--pruner', 'none.json').slice(1), /^tune: none\.json: ENOENT/],
    [argsFor(3, '--wat', '1').slice(1), /^tune: Unknown option '--wat'/],
  ];
  for (const [args, message] of cases) {
    const { code, stderr } = run([STAGE, ...(args.length === 0 ? ['--space', 'space.json'] : args)]);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  }
});
