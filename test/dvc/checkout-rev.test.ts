// `repro checkout --rev` in projects as DVC left them.
import { expect, test } from 'vitest';
import { run, show } from '../rig/in-process.ts';
import { dvcFiles, recorded, recordedTwice } from './recorded.ts';

test('the outs of an earlier commit come back from the cache of DVC, and nothing of DVC is written', async () => {
  const workspace = recordedTwice();
  const before = dvcFiles(workspace);
  expect(workspace.read('models/model.txt')).toContain('trees: 30');
  const { stdout } = await show(workspace, ['checkout', '--rev', 'HEAD~1']);
  expect(stdout).toBe('restored models/model.txt\n1 out restored\n');
  expect(workspace.read('models/model.txt')).toContain('trees: 31');
  expect(workspace.exists('.repro/saved')).toBe(false);
  expect((await show(workspace, ['checkout', '--rev', 'HEAD~1'])).stdout).toBe('all outs are in place\n');
  await show(workspace, ['checkout', '--rev', 'HEAD', 'train']);
  expect(workspace.read('models/model.txt')).toContain('trees: 30');
  expect(dvcFiles(workspace)).toEqual(before);
});

test('folders, metrics that git keeps, and stages of other folders come back, too', async () => {
  const workspace = recordedTwice();
  workspace.remove('data/prepared', 'report/page.txt', 'tree.json', 'score_linear.txt');
  const { stdout } = await show(workspace, ['checkout', '--rev', 'HEAD']);
  expect(stdout.split('\n').slice(0, -2).sort()).toEqual([
    'restored data/prepared',
    'restored report/page.txt',
    'restored score_linear.txt',
    'restored tree.json',
  ]);
  expect(workspace.read('tree.json')).toBe('{"lines": 5}');
  expect((await run(workspace, ['--all'])).started).toEqual([]);
});

test('what only our store holds comes back from there', async () => {
  const workspace = recordedTwice();
  await run(workspace, ['--all', '--force']);
  workspace.remove('.dvc/cache', 'models/model.txt', 'data/prepared');
  await show(workspace, ['checkout', '--rev', 'HEAD', 'train', 'prepare']);
  expect(workspace.read('models/model.txt')).toContain('trees: 30');
  expect(workspace.read('data/prepared/test.csv')).toBe('5,6\n');
});

test('what nobody holds is said, with what brings it; the rest comes back', async () => {
  const workspace = recordedTwice();
  const model = workspace.read('models/model.txt');
  workspace.remove('.dvc/cache', 'linear.json');
  const { stdout, stderr } = await show(workspace, ['checkout', '--rev', 'HEAD~1'], { code: 1 });
  expect(stdout).toContain('restored linear.json\n');
  expect(stderr).toContain('an earlier result of `train` is neither in the cache of DVC nor in the store: `models/');
  expect(stderr).toContain('`dvc fetch --all-commits`');
  expect(workspace.read('models/model.txt')).toBe(model);
});

test('an edited out is saved before an earlier one takes its place', async () => {
  const workspace = recordedTwice();
  workspace.write({ 'models/model.txt': 'mine' });
  const { stderr } = await show(workspace, ['checkout', '--rev', 'HEAD~1', 'train']);
  expect(stderr).toContain('`models/model.txt` held something that is nowhere else');
});

test('a stage without a result then, a commit without stages and an unknown revision are said', async () => {
  const workspace = recorded('python');
  const lock = workspace.read('dvc.lock');
  workspace.write({ 'dvc.lock': '' });
  workspace.gitInit();
  workspace.write({ 'dvc.lock': lock });
  const { stderr } = await show(workspace, ['checkout', '--rev', 'HEAD', 'train'], { code: 1 });
  expect(stderr).toContain('dvc.lock has no result of `train` at `HEAD`');
  workspace.git('rm', '--quiet', '--cached', 'dvc.yaml', 'report/dvc.yaml');
  workspace.git('commit', '--quiet', '--message', 'without');
  const empty = await show(workspace, ['checkout', '--rev', 'HEAD'], { code: 1 });
  expect(empty.problems[0]?.message).toBe('there was no stage in `dvc.yaml` at `HEAD`');
  const unknown = await show(workspace, ['checkout', '--rev', 'nowhere'], { code: 2 });
  expect(unknown.problems[0]?.message).toContain('git knows no revision `nowhere`');
});
