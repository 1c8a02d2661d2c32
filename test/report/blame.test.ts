// Why a check fails: what changed since the base in all that its metrics are made from, and nothing else. Real projects in
// real repositories; what is looked at is the JSON of `repro check`.
import { expect, test } from 'vitest';
import type { Blame } from '../../src/report/blame.ts';
import { run, show } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';
import type { Files, Workspace } from '../rig/workspace.ts';

const TRAIN = `const params = JSON.parse(require('fs').readFileSync(process.env.REPRO_PARAMS));
require('fs').writeFileSync('m.json', JSON.stringify({ r2: 0.9 - params.train.rate }));
`;

/** in.csv -> prepare -> data.csv -> train -> m.json; `other` has nothing to do with it. */
async function trained(more: Files = {}): Promise<Workspace> {
  const work = project({
    'pipeline.yaml': `stages:
  prepare: { cmd: cp in.csv data.csv, deps: [in.csv], outs: [data.csv] }
  train:
    cmd: node train.cjs
    deps: [train.cjs, data.csv]
    params: [train]
    metrics: [m.json]
    checks: [r2 > 0.7]
  other: { cmd: cp other.csv o.csv, deps: [other.csv], outs: [o.csv] }
`,
    'params.yaml': 'train: { rate: 0.1, deep: { trees: 10 } }\nserve: { port: 1 }\n',
    'train.cjs': TRAIN,
    'in.csv': 'a\n',
    'other.csv': 'a\n',
    '.gitignore': 'data.csv\no.csv\nm.json\n.repro\n',
    ...more,
  });
  await run(work);
  work.gitInit();
  return work;
}

function commit(work: Workspace, files: Files, subject: string): void {
  work.write(files);
  work.git('add', '--all');
  work.git('commit', '--quiet', '--message', subject);
}

async function blame(work: Workspace, base: string, code = 4): Promise<Blame> {
  await run(work, [], { code: 'any' });
  const { stdout } = await show(work, ['check', 'train', '--json', '--base', base], { code });
  const [check] = (JSON.parse(stdout) as { checks: { blame: Blame }[] }).checks;
  if (!check) throw new Error('there is no check');
  return check.blame;
}

const RAISED = 'train: { rate: 0.5, deep: { trees: 10 } }\nserve: { port: 1 }\n';

test('a param is named down to the value that differs, with the commit that changed it', async () => {
  const work = await trained();
  commit(work, { 'params.yaml': RAISED }, 'Raise the rate');
  commit(work, { 'params.yaml': RAISED.replace('port: 1', 'port: 2'), 'other.csv': 'b\n' }, 'Serve elsewhere');
  const found = await blame(work, 'HEAD~2');
  expect(found.params).toEqual([
    {
      file: 'params.yaml',
      key: 'train.rate',
      before: '0.1',
      after: '0.5',
      stages: ['train'],
      isCommitted: true,
    },
  ]);
  expect(found.commits.map((each) => each.subject)).toEqual(['Raise the rate']);
  expect(found).toMatchObject({ files: [], others: [], newStages: [], editedByHand: [], isBaseUnknown: false });
});

test('what is not committed is named as such, and no commit is blamed for it', async () => {
  const work = await trained();
  work.write({ 'params.yaml': RAISED, 'train.cjs': `${TRAIN}//\n` });
  const found = await blame(work, 'HEAD');
  expect(found.params.map((each) => [each.key, each.isCommitted])).toEqual([['train.rate', false]]);
  expect(found.files).toEqual([{ path: 'train.cjs', change: 'changed', stages: ['train'], state: 'uncommitted' }]);
  expect(found.commits).toEqual([]);
});

test('a source far up is named, the data that follow from it are not', async () => {
  const work = await trained();
  commit(work, { 'in.csv': 'b\n' }, 'New rows\u001b[2J');
  commit(work, { 'train.cjs': TRAIN.replace('0.9', '0.4') }, 'Tidy up');
  const found = await blame(work, 'HEAD~2');
  expect(found.files).toEqual([
    { path: 'train.cjs', change: 'changed', stages: ['train'], state: 'committed' },
    { path: 'in.csv', change: 'changed', stages: ['prepare'], state: 'committed' },
  ]);
  expect(found.commits.map((each) => each.files)).toEqual([['train.cjs'], ['in.csv']]);
  const { stdout } = await show(work, ['check', '--base', 'HEAD~2'], { code: 4 });
  expect(stdout).not.toContain('\u001b');
});

test('a changed command, a new input and a new stage are named', async () => {
  const work = await trained();
  const text = work
    .read('pipeline.yaml')
    .replace('cmd: node train.cjs', 'cmd: node train.cjs again')
    .replace('[train.cjs, data.csv]', '[train.cjs, data.csv, more.csv, lone.csv]')
    .replace('  other:', '  more: { cmd: echo 1 > more.csv, outs: [more.csv] }\n  other:');
  work.write({ '.git/info/exclude': 'lone.csv\n', 'lone.csv': '1' });
  commit(work, { 'pipeline.yaml': text, 'params.yaml': RAISED }, 'Add more data');
  const found = await blame(work, 'HEAD~1');
  expect(found.newStages).toEqual(['more']);
  expect(found.others).toMatchObject([{ stages: ['train'], change: { kind: 'cmd', before: ['node train.cjs'] } }]);
  expect(found.files).toEqual([{ path: 'lone.csv', change: 'new', stages: ['train'], state: 'not-in-git' }]);
  expect(found.commits).toMatchObject([{ subject: 'Add more data', files: ['params.yaml', 'pipeline.yaml'] }]);
});

test('a metric that was edited by hand is named', async () => {
  const work = await trained();
  work.write({ 'm.json': { r2: 0.1 } });
  const { stdout } = await show(work, ['check', 'train'], { code: 4 });
  expect(stdout).toContain('m.json was edited by hand');
  expect(stdout).toContain('train is not fresh (restore)');
});

test('other bytes from the same inputs are blamed on the stage that made them', async () => {
  const work = await trained({
    'train.cjs': `require('fs').writeFileSync('m.json', JSON.stringify({ r2: Number(require('fs').readFileSync('data.csv')) }));`,
    'in.csv': '',
    'pipeline.yaml': `stages:
  prepare: { cmd: cat .secret > data.csv, deps: [in.csv], outs: [data.csv] }
  train: { cmd: node train.cjs, deps: [train.cjs, data.csv], metrics: [m.json], checks: [r2 > 0.7] }
`,
    '.secret': '0.8',
  });
  work.write({ '.secret': '0.6' });
  await run(work, ['prepare', '--force']);
  const found = await blame(work, 'HEAD');
  expect(found.files).toMatchObject([{ path: 'data.csv', change: 'changed', maker: 'prepare' }]);
});

test('without a lock at the base it is said that nothing is known', async () => {
  const work = await trained();
  work.git('rm', '--quiet', '--cached', 'pipeline.lock');
  work.git('commit', '--quiet', '--message', 'without a lock');
  work.write({ 'params.yaml': RAISED });
  expect(await blame(work, 'HEAD')).toMatchObject({ isBaseUnknown: true, params: [] });
  expect((await show(work, ['check'], { code: 4 })).stdout).toContain('what changed is not known');
});

test('in a folder of a repository paths and commits are found all the same', async () => {
  const work = project({
    'sub/pipeline.yaml':
      'stages: { train: { cmd: cp in.json m.json, deps: [in.json], metrics: [m.json], checks: [r2 > 0.7] } }',
    'sub/in.json': { r2: 0.8 },
    'sub/.repro/.gitignore': '*\n',
  });
  const inside = { cwd: 'sub' };
  await show(work, ['run'], inside);
  work.gitInit();
  commit(work, { 'sub/in.json': { r2: 0.5 } }, 'Worse');
  await show(work, ['run'], { ...inside, code: 4 });
  const { stdout } = await show(work, ['check', '--json', '--base', 'HEAD~1'], { ...inside, code: 4 });
  const [check] = (JSON.parse(stdout) as { checks: { blame: Blame; base: number }[] }).checks;
  expect(check?.base).toBe(0.8);
  expect(check?.blame.files).toMatchObject([{ path: 'in.json', state: 'committed' }]);
  expect(check?.blame.commits).toMatchObject([{ subject: 'Worse', files: ['in.json'] }]);
});
