// What a user of a terminal sees of a watch, and what the keys do: the real program in a pseudo-terminal.
import { expect, test } from 'vitest';
import { held } from '../rig/held.ts';
import { isAlive, processesWith, until } from '../rig/processes.ts';
import { project } from '../rig/project.ts';
import { terminal } from '../rig/terminal.ts';
import type { Files } from '../rig/workspace.ts';

const SIZE = { columns: 80, rows: 24 };
const PIPELINE = `stages:
  make: { cmd: cat in.txt > made; echo "made it", deps: [in.txt], outs: [made] }
  bad: { cmd: cat bad.txt; exit 3, deps: [bad.txt], outs: [never] }
  judge: { cmd: 'cp m.txt m.json', deps: [m.txt], metrics: [m.json], checks: [r2 > 0.7] }
`;

const FILES: Files = {
  'pipeline.yaml': PIPELINE,
  'in.txt': '1\n',
  'bad.txt': 'no luck\n',
  'm.txt': '{"r2": 0.5}\n',
};

/** Shows the modes of the terminal after the program has ended. */
const THEN_MODES =
  'eval "$REPRO watch"; echo "exit $?"; stty -a | grep -o -e "-*icanon" -e "-*echo " | tr "\\n" " "; echo';

const normal = (screen: string): string =>
  screen
    .replaceAll(/\d\d:\d\d:\d\d/g, 'TIME')
    .replaceAll(/ *\d+(?:\.\d)? m?s\b/g, '  SPAN')
    .replaceAll(/\d{8}-\d{6}-[0-9a-f]{4}/g, 'RUN');

/** The foot of the screen, from the rule on. */
function panel(screen: string): string {
  return normal(screen.slice(screen.lastIndexOf('────────\n') + 9));
}

test('the panel: last results, what is watched, keys; checks, help and the log of a stage', async () => {
  const view = terminal(project(FILES), ['watch'], { ...SIZE });
  await view.waitFor(/Enter run/);
  expect(panel(await view.screen())).toBe(
    `failed    bad  SPAN  TIME
ran       judge  SPAN  TIME
ran       make  SPAN  TIME
waiting  watching 5 files for 3 stages  TIME
Enter run · r run all · f failed again · l log · c checks · q quit · ? help`,
  );
  view.type('c');
  await view.waitFor(/✗ {2}judge {2}r2 > 0\.7 {2}r2 = 0\.5\n/);
  view.type('?');
  await view.waitFor(/f {6}run the failed stages again/);
  view.type('l');
  await view.waitFor(/3 ran {7}make/);
  view.type('ma\r');
  await view.waitFor(/log of make\nmade it\n─/);
  view.type('lx\r');
  await view.waitFor(/no one stage is called `x`/);
  view.type('\u001B');
  view.type('q');
  expect(await view.ended).toBe(0);
  expect(await view.cursor()).toMatchObject({ isShown: true, column: 0 });
});

test('Enter, r and f: a failed stage runs again only when it is asked for', async () => {
  const work = project({
    'pipeline.yaml': 'stages: { bad: { cmd: echo >> ../tries; exit 3, deps: [in.txt], outs: [o] } }',
    'in.txt': '1',
  });
  const view = terminal(work, ['watch'], SIZE);
  const tries = (): number => work.read('../tries').length;
  await view.waitFor(/Enter run/);
  view.type('\r');
  await view.waitFor(/failed before with the same inputs/);
  expect(tries()).toBe(1);
  for (const [key, wanted] of [
    ['f', 2],
    ['r', 3],
  ] as const) {
    view.type(key);
    while (tries() < wanted) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  view.type('q');
  expect(await view.ended).toBe(0);
  expect(tries()).toBe(3);
});

test('r stops what runs and starts anew; q ends what runs', async () => {
  const stage = await held('stage');
  const work = project({
    'pipeline.yaml': { stages: { s: { cmd: stage.command, deps: ['in'], outs: ['o'] } } },
    in: '1',
  });
  const view = terminal(work, ['watch'], SIZE);
  const first = await stage.nextInvocation();
  view.type('r');
  await first.closed;
  const second = await stage.nextInvocation();
  view.type('q');
  await second.closed;
  expect(await view.ended).toBe(0);
});

test.each([
  ['q', 'exit 0'],
  ['\u0003', 'exit 130'],
])('after %j the terminal is as it was: %s', async (key, exit) => {
  const view = terminal(project(FILES), [], { ...SIZE, shell: THEN_MODES });
  await view.waitFor(/Enter run/);
  view.type(key);
  await view.ended;
  expect(await view.history()).toMatch(new RegExp(`${exit}\nicanon echo$`));
});

test.each(['SIGTERM', 'SIGHUP'] as const)(
  '%s ends it: stages are gone, the cursor and the modes are back',
  async (signal) => {
    const stage = await held('stage');
    const work = project({ 'pipeline.yaml': { stages: { s: { cmd: stage.command, outs: ['o'] } } } });
    const view = terminal(work, ['watch'], SIZE);
    const invocation = await stage.nextInvocation();
    const { pid } = invocation;
    await view.kill(signal);
    await invocation.closed;
    expect(await view.ended).toBe(signal === 'SIGTERM' ? 143 : 129);
    expect(isAlive(pid)).toBe(false);
    expect(processesWith(`REPRO_RUN_ID=${invocation.env['REPRO_RUN_ID'] ?? ''}`)).toEqual([]);
    expect((await view.cursor()).isShown).toBe(true);
  },
);

test('Ctrl-C twice kills a stage that does not end when asked', async () => {
  const stage = await held('stage');
  const work = project({ 'pipeline.yaml': { stages: { s: { cmd: stage.command, outs: ['o'] } } } });
  const view = terminal(work, ['watch'], SIZE);
  const invocation = await stage.nextInvocation();
  await invocation.ignore('SIGINT');
  view.type('\u0003');
  expect(await invocation.nextSignal()).toBe('SIGINT');
  view.type('\u0003');
  await invocation.closed;
  expect(await view.ended).toBe(130);
});

test('while the pipeline is broken the error stands on the screen, and goes when it is mended', async () => {
  const work = project(FILES);
  const view = terminal(work, ['watch'], SIZE);
  await view.waitFor(/Enter run/);
  work.write({ 'pipeline.yaml': 'stages: [\n' });
  await view.waitFor(/cannot run/);
  expect(panel(await view.screen())).toMatch(/^error\[yaml-syntax\]: .*\n --> pipeline\.yaml:1:9/);
  work.write({ 'pipeline.yaml': PIPELINE });
  await view.waitFor(/mended\n/);
  await view.waitFor(/waiting {2}watching 5 files for 3 stages {2}\S+\n.*$/);
  expect(await view.screen()).not.toContain('cannot run');
  view.type('q');
  await view.ended;
});

test.each([
  [40, 24],
  [20, 8],
  [200, 50],
])('at %i columns and %i rows nothing wraps or scrolls away', async (columns, rows) => {
  const stages = Array.from(
    { length: 20 },
    (_, i) => `  stage_with_a_long_name_${i}: { cmd: "echo ${i} > o${i}", outs: [o${i}] }\n`,
  );
  const view = terminal(project({ 'pipeline.yaml': `stages:\n${stages.join('')}` }), ['watch', '-j2'], {
    columns,
    rows,
  });
  await view.waitFor(/Enter run/);
  const lines = panel(await view.screen()).split('\n');
  expect(lines.length).toBeLessThan(rows);
  expect(lines.at(-2)).toContain('waiting');
  expect(lines.join('\n')).toMatch(/… and \d+ ran/);
  view.type('q');
  expect(await view.ended).toBe(0);
});

test('it lets itself be suspended, and goes on', async () => {
  const shell = 'set -m; eval "$REPRO watch"; stty -a | grep -o -e "-*icanon"; fg; echo "exit $?"';
  const view = terminal(project(FILES), [], { ...SIZE, shell: `export REPRO; exec bash -c '${shell}'` });
  await view.waitFor(/Enter run/);
  view.type('\u001A');
  await view.waitFor(/^icanon/m);
  await view.waitFor(/icanon[^]*Enter run/);
  view.type('q');
  await view.waitFor(/exit 0/);
});

test('in the background it leaves the terminal alone', async () => {
  const work = project(FILES);
  const shell =
    'set -m; eval "$REPRO watch 2> err" & read word; echo "read $word"; kill -INT %1; wait %1; echo "exit $?"';
  const view = terminal(work, [], { ...SIZE, shell: `export REPRO; exec bash -c '${shell}'` });
  while (!work.exists('err') || !work.read('err').includes('watching'))
    await new Promise((resolve) => setTimeout(resolve, 5));
  view.type('qq\r');
  await view.waitFor(/read qq/);
  await view.waitFor(/exit 130/);
});

test('without a terminal there are plain lines with the time', async () => {
  const work = project(FILES);
  const watch = work.start(['watch'], { code: 130 });
  await watch.waitFor(/watching 5 files for 3 stages\n/);
  watch.kill('SIGINT');
  const { stderr, stdout } = await watch.done();
  expect(stdout).toBe('');
  for (const line of stderr.split('\n').filter((each) => each !== '')) expect(line).toMatch(/^\d\d:\d\d:\d\d \S| {3}/);
});

test('nothing of a watch is left behind when it is killed', async () => {
  const stage = await held('stage');
  const work = project({ 'pipeline.yaml': { stages: { s: { cmd: stage.command, outs: ['o'] } } } });
  const watch = work.start(['watch'], { code: 'any' });
  const invocation = await stage.nextInvocation();
  watch.kill('SIGKILL');
  await invocation.closed;
  const mark = `REPRO_RUN_ID=${invocation.env['REPRO_RUN_ID'] ?? ''}`;
  await until(() => processesWith(mark).length === 0);
});
