// What the flags of the commands that run stages do: run, watch, ci, and those that plan as they do.
import { held } from '../../rig/held.ts';
import { watching } from '../../rig/watching.ts';
import { BASED, DVC, SMALL, committedScores, forVerbs, ranThen, runFirst } from './scenario.ts';
import type { Act, Scenario, Scenarios } from './scenario.ts';

/** A watch until nothing is left to do, as its events. */
const watched: Act = async (workspace, args, env) => {
  const watch = watching(workspace, args.slice(1), env);
  const ended = watch.ended.then(() => undefined);
  await Promise.race([watch.idle(), ended]);
  const { code, stdout, stderr } = await watch.end();
  return `exit ${code}\n${stdout}\n${stderr}`;
};

/** Two stages that say when they start and end; with MEET each waits for the other. */
const PAIR = (more = ''): Readonly<Record<string, string>> => ({
  'pipeline.yaml': `stages:
${['a', 'b'].map((name) => `  ${name}: { cmd: "echo start >> ran.log; touch ${name}.here; until [ -z \\"$MEET\\" ] || [ -e a.here -a -e b.here ]; do :; done; echo end >> ran.log"${more} }`).join('\n')}
`,
});
const APART = /FILE ran\.log\nstart\nend\nstart\nend\n/;
const TOGETHER = /FILE ran\.log\nstart\nstart\nend\nend\n/;
const MEET = { MEET: '1' };

const BAD_FIRST = 'stages:\n  bad: { cmd: exit 3 }\n  good: { cmd: "echo good >> ran.log" }\n';

/** Of every command that runs stages. */
const EXECUTING: Readonly<Record<string, Scenario>> = {
  force: { before: runFirst(), flag: ['--force'], gains: /FILE ran\.log\ngot/ },
  'no-restore': { before: ranThen({}, 'raw'), flag: ['--no-restore'], gains: /FILE ran\.log\ngot/ },
  base: {
    files: { 'pipeline.yaml': BASED },
    before: committedScores,
    flag: ['--base', 'v1'],
    gains: /^exit 4|"passed":false/,
  },
  'ignore-checks': { files: { 'score.json': '{"r2": 0.3}' }, flag: ['--ignore-checks'], gains: /^told$/m },
  'single-item': { before: ranThen({ 'in.txt': 'y' }), args: ['train'], flag: ['-s'], loses: /^got$/m },
  downstream: {
    before: ranThen({ 'score.json': '{"r2": 0.6}' }),
    args: ['train'],
    flag: ['--downstream'],
    gains: /^told$/m,
  },
  all: { files: DVC, before: (w) => w.remove('pipeline.yaml'), flag: ['--all'], gains: /FILE used\.log/ },
};

const CAPACITY: Readonly<Record<string, Scenario>> = {
  jobs: {
    files: PAIR(),
    without: ['-j', '2'],
    env: MEET,
    flag: ['-j', '1'],
    flagEnv: { MEET: '' },
    gains: APART,
    loses: TOGETHER,
  },
  resources: {
    files: PAIR(', resources: { gpu: 1 }'),
    args: ['-j', '2'],
    flag: ['--resources', 'gpu=2'],
    flagEnv: MEET,
    gains: TOGETHER,
    loses: APART,
  },
};

const LOUDNESS: Readonly<Record<string, Scenario>> = {
  quiet: { flag: ['-q'], loses: /^(?:\d\d:\d\d:\d\d )?ran +get/m },
  verbose: { flag: ['-v'], gains: /get.*getting/ },
};

/** Something that even `-q` tells of. */
const FAILS: Scenario['files'] = {
  'pipeline.yaml': `${SMALL['pipeline.yaml'] as string}  bad: { cmd: exit 3, deps: [out] }\n`,
};
const LOUD_FAILURE = Object.fromEntries(
  Object.entries(LOUDNESS).map(([name, each]) => [name, { ...each, files: FAILS }]),
);

/** The first repro holds the workspace; the second is asked when it works, and the first ends when the second waits. */
const busy: Act = async (workspace, args) => {
  const command = await held('held');
  workspace.write({ 'pipeline.yaml': `stages:\n  a: { cmd: ${JSON.stringify(command.command)}, outs: [] }\n` });
  const first = workspace.start([]);
  const invocation = await command.nextInvocation();
  const second = workspace.start(args, { code: 'any' });
  if (!args.includes('--no-wait')) await second.waitFor(/wait/i);
  else await second.ended;
  await invocation.exit(0);
  await first.done();
  if (!args.includes('--no-wait')) await (await command.nextInvocation()).exit(0);
  return `exit ${(await second.done()).code}`;
};

const UNATTENDED: Readonly<Record<string, Scenario>> = {
  'no-wait': { act: busy, flag: ['--no-wait'], gains: /^exit 5/, loses: /^exit 0/ },
  locked: { flag: ['--locked'], gains: /^exit 7/, loses: /^exit 0/ },
};

const SET: Scenario = { before: runFirst(), flag: ['-S', 'lr=0.2'], gains: /FILE params\.yaml\nlr: 0\.2/ };

/** Until it says that it waits. */
const watchProcess =
  (ready: RegExp): Act =>
  async (workspace, args) => {
    const watch = workspace.start(args, { code: 'any' });
    await Promise.race([watch.waitFor(ready), watch.ended]);
    watch.kill('SIGINT');
    const { code, stdout, stderr } = await watch.done();
    return `exit ${code}\n${stdout}\n${stderr}`;
  };

/** The input of a running stage is saved; then the stage may end. */
const savedWhileRunning: Act = async (workspace, args) => {
  const command = await held('stage');
  workspace.write({ 'pipeline.yaml': `stages:\n  a: { cmd: ${JSON.stringify(command.command)}, deps: [in.txt] }\n` });
  const watch = watching(
    workspace,
    args.slice(1).filter((each) => each !== '--watch'),
  );
  const first = await command.nextInvocation();
  workspace.write({ 'in.txt': 'saved' });
  const queued = await watch.next('watch-queued');
  if (!queued.restarts) await first.exit(0);
  await (await command.nextInvocation()).exit(0);
  await watch.idle();
  await watch.end();
  return JSON.stringify(queued);
};

/** How long it waits after a save, from the timer that it sets; the clock is held meanwhile. */
const settling: Act = async (workspace, args) => {
  const delays: number[] = [];
  const real = globalThis.setTimeout;
  const noted = Object.assign((run: () => void, delayMs?: number) => {
    delays.push(delayMs ?? 0);
    return real(run, Math.min(delayMs ?? 0, 20));
  }, real);
  globalThis.setTimeout = noted;
  try {
    const watch = watching(
      workspace,
      args.slice(1).filter((each) => each !== '--watch'),
    );
    await watch.idle();
    delays.length = 0;
    workspace.write({ 'in.txt': 'saved' });
    await watch.next('watch-changed');
    await watch.idle();
    await watch.end();
  } finally {
    globalThis.setTimeout = real;
  }
  return delays.map((delay) => `waits ${Math.round(delay / 1000)} s`).join('\n');
};

const WATCHING: Readonly<Record<string, Scenario>> = {
  'on-change': { act: savedWhileRunning, args: ['--watch'], flag: ['--on-change=restart'], gains: /"restarts":true/ },
  debounce: { act: settling, args: ['--watch'], flag: ['--debounce', '3000'], gains: /waits 3 s/ },
};

const watchingAll = (flags: Readonly<Record<string, Scenario>>, act: Act): Scenarios =>
  forVerbs(['watch'], Object.fromEntries(Object.entries(flags).map(([name, each]) => [name, { act, ...each }])));

export const RUNNING_FLAGS: Scenarios = {
  ...forVerbs(['run', 'ci'], { ...EXECUTING, ...CAPACITY, ...LOUDNESS, ...UNATTENDED }),
  ...watchingAll({ ...EXECUTING, ...CAPACITY, set: SET }, watched),
  ...watchingAll(LOUD_FAILURE, watchProcess(/failed.*bad|bad.*failed/)),
  ...forVerbs(['run', 'watch'], WATCHING),
  'watch --reporter': {
    act: watchProcess(/watch-idle|watching|waiting/i),
    flag: ['--reporter', 'json'],
    gains: /"kind":"run-started"/,
  },
  'run --set': SET,
  'run --dry-run': { flag: ['-n'], loses: /FILE ran\.log/ },
  'run --keep-going': { files: { 'pipeline.yaml': BAD_FIRST }, args: ['-j', '1'], flag: ['-k'], gains: /^good$/m },
  'ci --fail-fast': {
    files: { 'pipeline.yaml': BAD_FIRST },
    args: ['-j', '1'],
    flag: ['--fail-fast'],
    loses: /^good$/m,
  },
  'run --reporter': { flag: ['--reporter', 'json'], gains: /"kind":"run-started"/ },
  'run --trace': { flag: ['--trace', 't.json'], gains: /FILE t\.json\n\{"displayTimeUnit"/ },
  'run --json': { flag: ['--json'], gains: /"kind":"run-started"/ },
  'run --watch': { act: watchProcess(/watching|waiting|idle/i), flag: ['-w'], gains: /^exit 130/, loses: /^exit 0/ },
  'ci --junit': { flag: ['--junit', 'junit.xml'], gains: /FILE junit\.xml\n<\?xml/ },
  'ci --comment': { flag: ['--comment', 'c.md'], gains: /FILE c\.md\n/ },
  'ci --report': { flag: ['--report', 'r.html'], gains: /FILE r\.html\n<!doctype html>/i },
};
