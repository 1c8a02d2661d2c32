import { createHash } from 'node:crypto';
import { appendFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { run, show } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';
import { dvcFiles, recorded } from './recorded.ts';

const ALL = ['prepare', 'train', 'score@linear', 'score@tree', 'report/dvc.yaml:page'];

describe('the first run in a project that DVC has run', () => {
  test('executes nothing, and the second proves nothing again', async () => {
    const workspace = recorded('python');
    const first = await run(workspace, ['--all']);
    expect(Object.values(first.outcomes)).toEqual(ALL.map(() => 'fresh'));
    expect(first.started).toEqual([]);
    // Without DVC's lock, run cache and cache our own lock alone has to prove it.
    rmSync(workspace.path('.dvc/cache'), { recursive: true });
    rmSync(workspace.path('dvc.lock'));
    rmSync(workspace.path('report/dvc.lock'));
    expect((await run(workspace, ['--all'])).outcomes).toEqual(first.outcomes);
  });

  test('executes nothing in a project with frozen, persistent and uncached outs', async () => {
    const workspace = recorded('r');
    const { outcomes, started } = await run(workspace);
    expect(started).toEqual([]);
    expect(outcomes).toEqual({ extract: 'fresh', model: 'fresh', check: 'fresh', stamp: 'fresh' });
  });

  test('brings outs and tracked data that are missing back from the cache of DVC', async () => {
    const workspace = recorded('python');
    workspace.remove('data/prepared', 'models/model.txt', 'score_tree.txt', 'labels.csv', 'data/raw', 'tree.json');
    const { outcomes, started } = await run(workspace, ['--all']);
    expect(started).toEqual([]);
    expect(outcomes).toMatchObject({ prepare: 'restored', train: 'restored', 'score@tree': 'restored' });
    expect(workspace.read('labels.csv')).toBe('a\nb\n');
    expect(workspace.read('data/raw/notes/read.txt')).toBe('two\r\nlines\r\n');
    expect(workspace.read('data/prepared/test.csv')).toBe('5,6\n');
  });

  test('takes an earlier result from the run cache when the params are set back', async () => {
    const workspace = recorded('python');
    const params = workspace.read('params.yaml').replace('0.25', '0.5').replace('trees: 30', 'trees: 31');
    workspace.write({ 'params.yaml': params });
    const { outcomes, started } = await run(workspace);
    expect(started).toEqual([]);
    expect(outcomes).toMatchObject({ prepare: 'fresh', train: 'restored' });
    expect(workspace.read('models/model.txt')).toContain('trees: 31');
  });
});

describe('the outs that DVC made', () => {
  const other = (params: string): string => params.replace('0.25', '0.4').replace('trees: 30', 'trees: 44');

  test('make room for new ones, and are not saved as work of the user', async () => {
    const workspace = recorded('python');
    workspace.write({ 'params.yaml': other(workspace.read('params.yaml')) });
    const { started, said } = await run(workspace, ['--all']);
    expect(started).toEqual(['prepare', 'train', 'score@linear', 'score@tree']);
    expect(said).toEqual([]);
    expect(workspace.exists('.repro/saved')).toBe(false);
  });

  test('make room for what the run cache brings', async () => {
    const workspace = recorded('python');
    const params = workspace.read('params.yaml').replace('0.25', '0.5').replace('trees: 30', 'trees: 31');
    workspace.write({ 'params.yaml': params });
    expect((await run(workspace)).said).toEqual([]);
    expect(workspace.read('models/model.txt')).toContain('trees: 31');
  });

  test('are saved when they were edited since', async () => {
    const workspace = recorded('python');
    workspace.write({ 'params.yaml': other(workspace.read('params.yaml')), 'models/model.txt': 'mine' });
    const { said } = await run(workspace, ['train']);
    expect(said).toHaveLength(1);
    expect(said[0]).toContain('`models/model.txt` held something that is nowhere else');
  });
});

describe('what DVC proves is refused when', () => {
  const cases: readonly (readonly [string, (root: (name: string) => string) => void, string])[] = [
    ['a dep changed', (at) => appendFileSync(at('src/train.sh'), '# more\n'), 'train'],
    ['tracked data changed', (at) => writeFileSync(at('labels.csv'), 'c\n'), 'train'],
    [
      'a file of a folder was renamed',
      (at) => renameSync(at('data/raw/table.csv'), at('data/raw/other.csv')),
      'prepare',
    ],
    ['a file was added to a folder', (at) => writeFileSync(at('data/raw/new.txt'), ''), 'prepare'],
  ];
  test.each(cases)('%s', async (_name, change, stage) => {
    const workspace = recorded('python');
    change((name) => workspace.path(name));
    const { stdout } = await show(workspace, ['status', '--json', stage]);
    const found = JSON.parse(stdout) as { stages: { name: string; decision: string }[] };
    expect(found.stages.find((each) => each.name === stage)?.decision).toBe('run');
  });

  const edits: readonly (readonly [string, string, string, string, string])[] = [
    ['the command changed', 'dvc.yaml', 'echo done', 'echo ready', 'train'],
    ['a dep was dropped', 'dvc.yaml', '    - labels.csv\n', '', 'train'],
    ['a dep was added', 'dvc.yaml', '    - labels.csv\n', '    - labels.csv\n    - src/prepare.sh\n', 'train'],
    ['a param was dropped', 'dvc.yaml', '    - prepare.seed\n', '', 'prepare'],
    ['a number became a float', 'params.yaml', 'seed: 7', 'seed: 7.0', 'prepare'],
    ['a value changed in a map that is tracked whole', 'params.yaml', 'depth: null', 'depth: 3', 'train'],
    [
      'an out was added',
      'dvc.yaml',
      '    - models/model.txt\n  score',
      '    - models/model.txt\n    - new.txt\n  score',
      'train',
    ],
  ];
  test.each(edits)('%s', async (_name, file, from, to, stage) => {
    const workspace = recorded('python');
    const text = workspace.read(file);
    expect(text).toContain(from);
    workspace.write({ [file]: text.replace(from, to) });
    const { stdout } = await show(workspace, ['status', '--json', stage]);
    const found = JSON.parse(stdout) as { stages: { name: string; decision: string }[] };
    expect(found.stages.find((each) => each.name === stage)?.decision).toBe('run');
  });

  test('an object of the cache is not what its name says', async () => {
    const workspace = recorded('python');
    const object = Object.keys(dvcFiles(workspace)).find(
      (path) => path.includes('files/md5/') && readsLike(workspace.read(path)),
    );
    workspace.write({ [object ?? '']: 'damaged' });
    workspace.remove('models/model.txt');
    expect((await run(workspace, ['train'])).started).toEqual(['train']);
  });
});

function readsLike(text: string): boolean {
  return text.includes('trees: 30') && text.includes('x,y');
}

test('data that neither the workspace nor the cache of DVC holds is one problem, and nothing is touched', async () => {
  const workspace = recorded('python');
  workspace.remove('labels.csv', 'data/raw', '.dvc/cache');
  const { problems } = await show(workspace, ['run', '--all'], { code: 3 });
  expect(problems).toHaveLength(1);
  expect(problems[0]?.message).toContain('`labels.csv`, `data/raw`');
  expect(problems[0]?.hint).toContain('dvc pull');
  expect(workspace.read('models/model.txt')).toContain('trees: 30');
});

test('why a stage runs is told from the lock of DVC, when ours does not know the stage', async () => {
  const workspace = recorded('python');
  workspace.write({
    'params.yaml': workspace.read('params.yaml').replace('seed: 7', 'seed: 8'),
    'dvc.yaml': workspace.read('dvc.yaml').replace('    - labels.csv\n', ''),
  });
  const { stdout } = await show(workspace, ['status']);
  expect(stdout).toMatch(/prepare +params\.yaml: prepare\.seed 7 → 8/);
  expect(stdout).not.toContain('never ran');
});

test('checkout brings back what DVC proves, before anything was run here', async () => {
  const workspace = recorded('python');
  workspace.remove('data/prepared', 'models/model.txt', 'score_tree.txt', 'labels.csv', 'data/raw', 'report/page.txt');
  const { stdout } = await show(workspace, ['checkout']);
  expect(stdout).toContain('6 outs restored');
  expect((await run(workspace, ['--all'])).started).toEqual([]);
});

test('a cache folder that the local configuration names is used, and not written', async () => {
  const workspace = recorded('python');
  renameSync(workspace.path('.dvc/cache'), `${workspace.outside}/shared`);
  workspace.write({ '.dvc/config.local': '[cache]\n    dir = ../../shared\n' });
  workspace.remove('models/model.txt');
  expect((await run(workspace)).outcomes).toMatchObject({ train: 'restored' });
});

test('no verb writes what belongs to DVC', async () => {
  const workspace = recorded('python');
  workspace.gitInit();
  workspace.remove('models/model.txt', 'labels.csv');
  const before = dvcFiles(workspace);
  const verbs: readonly (readonly string[])[] = [
    ['status', '--all'],
    ['run', '-n', '--all'],
    ['run', '--all'],
    ['run', '--force', 'train'],
    ['graph', '--json'],
    ['list'],
    ['show', 'train'],
    ['why', 'train'],
    ['lint'],
    ['commit', 'train'],
    ['checkout'],
    ['checkout', '--rev', 'HEAD'],
    ['doctor'],
    ['gc'],
    ['fsck'],
    ['import', 'dvc'],
    ['import', 'dvc', '--write'],
  ];
  for (const [verb = '', ...rest] of verbs) {
    await show(workspace, [verb, ...rest]);
    expect(dvcFiles(workspace), verb).toEqual(before);
  }
  // Every other verb, as somebody types it who does not know what it takes; those that do not end by themselves left out.
  const known = new Set([...verbs.map(([verb]) => verb), 'watch', 'serve', 'ui', 'schedule', 'worker']);
  for (const { name } of COMMANDS.filter((command) => !known.has(command.name))) {
    await show(workspace, [name], { code: 'any' });
    expect(dvcFiles(workspace), name).toEqual(before);
  }
});

test('a dep that is about to be restored is compared by what it will be, not by what lies there now', async () => {
  const entry = (path: string, text: string): string =>
    `    - {path: ${path}, hash: md5, md5: ${createHash('md5').update(text).digest('hex')}, size: ${text.length}}`;
  const old = 'as DVC made it\n';
  const stage = (name: string, from: string, to: string): string =>
    `  ${name}:\n    cmd: cp ${from} ${to}\n    deps:\n${entry(from, old)}\n    outs:\n${entry(to, old)}\n`;
  const workspace = project({
    '.dvc/config': '',
    'dvc.yaml':
      'stages:\n  one:\n    cmd: cp in mid\n    deps: [in]\n    outs: [mid]\n' +
      '  two:\n    cmd: cp mid end\n    deps: [mid]\n    outs: [end]\n',
    'dvc.lock': `schema: '2.0'\nstages:\n${stage('one', 'in', 'mid')}${stage('two', 'mid', 'end')}`,
    in: old,
    mid: old,
    end: old,
  });
  expect((await run(workspace)).outcomes).toEqual({ one: 'fresh', two: 'fresh' });
  workspace.write({ in: 'new\n' });
  expect((await run(workspace)).started).toEqual(['one', 'two']);
  // As `dvc checkout` does.
  workspace.write({ mid: old, end: old });
  const { started, outcomes } = await run(workspace);
  expect(started).toEqual([]);
  expect(outcomes).toEqual({ one: 'restored', two: 'restored' });
  expect(workspace.read('end')).toBe('new\n');
});
