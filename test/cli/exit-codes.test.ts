// docs/exit-codes.md is the table; each code in it is produced by a real process, and no other is in use.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EXIT_CODES } from '../../src/base/problem.ts';
import { SIGNAL_EXITS } from '../../src/run/waiting.ts';
import { held } from '../rig/held.ts';
import { project } from '../rig/project.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/exit-codes.md'), 'utf8');
const DOCUMENTED = [...PAGE.matchAll(/^\| (\d+) \|/gm)].map((match) => Number(match[1]));
/** No command of this version talks to a remote. */
const KEPT = [6];

const ONE = 'stages: { a: { cmd: "echo x > o", outs: [o] } }';
const CHECKED = `stages: { a: { cmd: 'echo "{\\"r2\\":0.5}" > m.json', metrics: [m.json], checks: [r2 > 0.8] } }`;
const FAILS = "stages: { a: { cmd: 'exit 3', outs: [o] } }";
const FAULT = `--import data:text/javascript,${encodeURIComponent("Array.prototype.toSorted = () => { throw new Error('x') }")}`;

const CASES: readonly {
  readonly code: number;
  readonly pipeline: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}[] = [
  { code: 0, pipeline: ONE, args: [] },
  { code: 0, pipeline: ONE, args: ['status'] },
  { code: 1, pipeline: FAILS, args: [] },
  { code: 1, pipeline: ONE, args: ['commit', 'a'] },
  { code: 2, pipeline: ONE, args: ['--nope'] },
  { code: 2, pipeline: ONE, args: ['nonsense'] },
  { code: 2, pipeline: ONE, args: [], env: { REPRO_RUN_ID: 'x' } },
  { code: 3, pipeline: 'stages: { a: { cmmd: x } }', args: [] },
  { code: 3, pipeline: 'stages: { a: { cmd: x, deps: [absent], outs: [o] } }', args: [] },
  { code: 4, pipeline: CHECKED, args: [] },
  { code: 7, pipeline: ONE, args: ['status', '--check'] },
  { code: 7, pipeline: ONE, args: ['--locked'] },
  { code: 70, pipeline: ONE, args: ['list'], env: { NODE_OPTIONS: FAULT } },
];

describe('exit codes', () => {
  test.each(CASES)('$code of `repro $args` with $pipeline', async ({ code, pipeline, args, env }) => {
    await project({ 'pipeline.yaml': pipeline }).repro(args, { code, ...(env && { env }) });
  });

  test('5: another repro works in this workspace', async () => {
    const command = await held('a');
    const workspace = project({ 'pipeline.yaml': `stages: { a: { cmd: '${command.command}' } }` });
    const first = workspace.start([]);
    const invocation = await command.nextInvocation();
    await workspace.repro(['--no-wait'], { code: 5 });
    await invocation.exit(0);
    await first.done();
  });

  test.each(Object.entries(SIGNAL_EXITS))('%s: %i', async (signal, code) => {
    const command = await held('a');
    const run = project({ 'pipeline.yaml': `stages: { a: { cmd: '${command.command}' } }` }).start([], { code });
    await command.nextInvocation();
    run.kill(signal as NodeJS.Signals);
    await run.done();
  });

  test('a failed stage comes before a failed check', async () => {
    const both = `stages:
  a: { cmd: 'echo "{\\"r2\\":0.5}" > m.json', metrics: [m.json], checks: [r2 > 0.8] }
  b: { cmd: exit 1 }
`;
    await project({ 'pipeline.yaml': both }).repro(['-k'], { code: 1 });
  });

  test('the page names exactly those that are in use, and each has been produced', () => {
    const inUse = [0, ...Object.values(EXIT_CODES), ...Object.values(SIGNAL_EXITS)];
    expect(DOCUMENTED).toEqual([...inUse].sort((a, b) => a - b));
    const produced = new Set([...CASES.map((each) => each.code), 5, ...Object.values(SIGNAL_EXITS), ...KEPT]);
    expect(DOCUMENTED.filter((code) => !produced.has(code))).toEqual([]);
  });
});
