// Golden screens: what a real pseudo-terminal shows of real runs, at several sizes. test/golden/screens/<name>.txt holds the
// text with times taken out; UPDATE_GOLDEN=1 writes it anew. A frame shows where the screen ends.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { held } from '../rig/held.ts';
import type { HeldCommand, Invocation } from '../rig/held.ts';
import { project } from '../rig/project.ts';
import { terminal } from '../rig/terminal.ts';
import type { TerminalSize } from '../rig/terminal.ts';
import type { Workspace } from '../rig/workspace.ts';

const FOLDER = join(import.meta.dirname, '../golden/screens');
const SMALL: TerminalSize = { columns: 40, rows: 12 };
const USUAL: TerminalSize = { columns: 80, rows: 24 };
const LARGE: TerminalSize = { columns: 120, rows: 40 };

/** Without times and run ids, and without the order of what was done side by side. */
function masked(text: string): string {
  return text
    .replaceAll(/ of ~\d+ m?s\b */g, ' of ~TIME  ')
    .replaceAll(/ {2,}\d+(?:\.\d)? m?s\b/g, (field) => 'TIME'.padStart(field.length))
    .replaceAll(/(?<=^|[^\d])\d+(?:\.\d)? m?s\b/g, 'TIME')
    .replaceAll(/\b\d{8}-\d{6}-[0-9a-f]+/g, 'RUN')
    .replaceAll(/\bquick@\d\d/g, 'quick@NN')
    .replaceAll(/(?<=TOOK) +(?=EXIT)/g, '  ')
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d* *(?:TIME +)?/g, 'DATE  TIME  ')
    .replaceAll(/ +$/gm, '');
}

function golden(name: string, screen: string): void {
  const file = join(FOLDER, `${name}.txt`);
  const text = `${masked(screen)}\n`;
  if (process.env['UPDATE_GOLDEN'] === '1') {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(file, text);
  }
  expect(text).toBe(readFileSync(file, 'utf8'));
}

function pipeline(command: string): string {
  return `stages:
  prepare: { cmd: "cat in.txt > data", deps: [in.txt], outs: [data] }
  train:
    matrix: { model: [forest, gradient_boosting] }
    cmd: ${command} \${item.model} && echo done > m_\${item.model}
    deps: [data]
    params: [lr]
    outs: ["m_\${item.model}"]
  evaluate: { cmd: "cat m_* > report", deps: [m_forest, m_gradient_boosting], outs: [report] }
`;
}

interface Case {
  readonly workspace: Workspace;
  readonly train: HeldCommand;
}

async function ready(): Promise<Case> {
  const train = await held('train');
  const workspace = project({ 'pipeline.yaml': pipeline(train.command), 'params.yaml': 'lr: 0.1\n', 'in.txt': 'x' });
  return { workspace, train };
}

/** Both trainings, the forest first. */
async function both(train: HeldCommand): Promise<readonly [Invocation, Invocation]> {
  const one = await train.nextInvocation();
  const two = await train.nextInvocation();
  return one.args[0] === 'forest' ? [one, two] : [two, one];
}

for (const [word, size] of [
  ['40x12', SMALL],
  ['80x24', USUAL],
  ['120x40', LARGE],
] as const) {
  test(`a first run on ${word}, then nothing to do, then a change`, async () => {
    const { workspace, train } = await ready();
    const first = terminal(workspace, ['-j', '2'], size);
    let [forest, boosting] = await both(train);
    await forest.stdout('tree 10 of 100\n');
    await boosting.stdout(
      'round 1\n\u001B[32mround 2\u001B[0m: loss 0.5, 損失 👍 with words that go on and on until no screen holds them any more\n',
    );
    await first.waitFor(/tree 10[^]*round 2/);
    golden(`first-run-${word}`, await first.screen());
    await boosting.exit();
    await first.waitFor(/ran +train@gr/);
    await forest.exit();
    expect(await first.ended).toBe(0);
    golden(`first-run-${word}-end`, await first.screen());

    const second = terminal(workspace, [], size);
    expect(await second.ended).toBe(0);
    golden(`no-op-${word}`, await second.screen());

    workspace.write({ 'params.yaml': 'lr: 0.05\n' });
    const third = terminal(workspace, ['-j', '2'], size);
    [forest, boosting] = await both(train);
    await forest.stdout('t1\n');
    await boosting.stdout('r1\n');
    await third.waitFor(/t1[^]*r1/);
    golden(
      `change-${word}`,
      (await third.screen()).replace(/^(━*─*) +\d+ %/m, (bar) => '='.repeat(bar.length)),
    );
    await forest.exit();
    await third.waitFor(/ran +train@f/);
    await boosting.exit();
    expect(await third.ended).toBe(0);
    golden(`change-${word}-end`, await third.screen());
  });
}

test.each([
  ['40x12', SMALL],
  ['80x24', USUAL],
] as const)('failures on %s: at once, and again at the end', async (word, size) => {
  const workspace = project({
    'pipeline.yaml': `stages:
  bad:
    cmd: for i in 1 2 3; do echo "line $i of what it says before it fails"; done; echo "no such file" >&2; exit 3
    outs: [a]
  below: { cmd: "true", deps: [a], outs: [b] }
  killed: { cmd: "echo about to go; kill -9 $$", after: [good] }
  good: { cmd: "echo x > c", outs: [c] }
`,
  });
  const run = terminal(workspace, ['-k', '-j', '1'], size);
  expect(await run.ended).toBe(1);
  golden(`failure-${word}`, await run.history());
});

test('a failed check, and what it blocks', async () => {
  const workspace = project({
    'pipeline.yaml': `stages:
  eval: { cmd: 'echo "{\\"r2\\":0.5}" > m.json', metrics: [m.json], checks: [r2 > 0.8] }
  deploy: { cmd: "true", deps: [m.json] }
`,
  });
  const run = terminal(workspace, [], USUAL);
  expect(await run.ended).toBe(4);
  golden('check-80x24', await run.history());
});

test('more running stages than rows, and many that are done', async () => {
  const slow = await held('slow');
  const workspace = project({
    'pipeline.yaml': `stages:
  quick: { foreach: [11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22], do: { cmd: "true > q\${item}", outs: ["q\${item}"] } }
  slow: { foreach: [1, 2, 3, 4, 5, 6, 7, 8], do: { cmd: '${slow.command} \${item}', after: [quick] } }
`,
  });
  const run = terminal(workspace, ['-j', '8'], SMALL);
  const invocations = [];
  for (let i = 0; i < 8; i++) invocations.push(await slow.nextInvocation());
  for (const each of invocations) await each.stdout(`${each.args[0] ?? ''} works\n`);
  await run.waitFor(/1 works[^]*4 works/);
  golden('many-40x12', await run.screen());
  await run.resize(USUAL);
  await run.waitFor(/8 works/);
  golden('many-80x24-resized', await run.screen());
  await run.resize(SMALL);
  await run.waitFor(/\+4 more/);
  golden('many-40x12-resized', await run.screen());
});

test('-v shows commands and output, -q failures only', async () => {
  const workspace = project({
    'pipeline.yaml': `stages:
  a: { cmd: ["echo one; echo two", "echo three > x"], outs: [x] }
  longer: { cmd: "cat x; exit 1", deps: [x] }
`,
  });
  const loud = terminal(workspace, ['-v'], USUAL);
  expect(await loud.ended).toBe(1);
  golden('verbose-80x24', await loud.history());
  const quiet = terminal(workspace, ['-q'], USUAL);
  expect(await quiet.ended).toBe(1);
  golden('quiet-80x24', await quiet.history());
});

test('status, why, graph and runs', async () => {
  const text = (depth: number): string => `stages:
  prepare: { cmd: "mkdir d; cp in.txt d/a; cp in.txt d/b", deps: [in.txt], outs: [d] }
  train:
    matrix: { model: [forest, gradient_boosting] }
    cmd: echo train --model \${item.model} --depth ${depth} --out m_\${item.model} > m_\${item.model}
    deps: [d]
    params: [lr]
    env: [MODE]
    outs: ["m_\${item.model}"]
  evaluate: { cmd: "cat m_* > report", deps: [m_forest, m_gradient_boosting], outs: [report] }
`;
  const workspace = project({ 'pipeline.yaml': text(3), 'params.yaml': 'lr: 0.1\n', 'in.txt': 'x' });
  await workspace.repro([]);
  workspace.write({ 'params.yaml': 'lr: 0.05\n', 'pipeline.yaml': text(5), 'd/c': 'new', 'd/a': 'other' });
  await workspace.repro(['commit', 'prepare']);
  for (const [word, size] of [
    ['40x12', SMALL],
    ['80x24', USUAL],
  ] as const) {
    for (const args of [['status'], ['why', 'train@forest'], ['graph'], ['runs']]) {
      const shown = terminal(workspace, args, { ...size, env: { MODE: 'secret' } });
      expect(await shown.ended).toBe(0);
      const screen = await shown.history();
      expect(screen).not.toContain('secret');
      golden(`${args[0] ?? ''}-${word}`, screen);
    }
  }
});
