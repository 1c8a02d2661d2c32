// The root pipeline as it stands in the repository, a small one of its kind run twice, and a user's stage on the built package.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { project } from '../rig/project.ts';
import { smallPipeline } from './small-pipeline.ts';
import { smallCsv, StageFolder } from './stage-program.ts';

const ROOT = join(import.meta.dirname, '../..');

test('the root pipeline has its 20 stages, and its file and params no problem', async () => {
  const at = project();
  for (const name of ['pipeline.yaml', 'params.yaml', 'stages'])
    cpSync(join(ROOT, name), at.path(name), { recursive: true });
  cpSync(join(ROOT, 'src'), at.path('src'), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), at.path('node_modules'));
  await at.repro(['lint']);
  const { stdout } = await at.repro(['list']);
  const names = stdout
    .trim()
    .split('\n')
    .map((line) => line.split(' ')[0]);
  const each = (stage: string, of: string): string[] => of.split(' ').map((item) => `${stage}@${item}`);
  const sets = 'churn credit housing';
  expect(new Set(names)).toEqual(
    new Set([
      'compare',
      'reference',
      ...['generate', 'tune', 'drift'].flatMap((stage) => each(stage, sets)),
      ...each('train_housing', 'gradient_boosting random_forest ridge'),
      ...['train_credit', 'train_churn'].flatMap((stage) =>
        each(stage, 'gradient_boosting logistic_regression random_forest'),
      ),
    ]),
  );
});

test('a second run of everything, with another number of jobs, gives the same bytes', async () => {
  const at = project(smallPipeline());
  at.gitInit();
  await at.repro(['-j', '1']);
  const lock = at.read('pipeline.lock');
  await at.repro(['--force', '--locked', '-j', '2']);
  expect(at.read('pipeline.lock')).toBe(lock);
});

test('the metrics that are committed are those of the models in params.yaml', () => {
  const found = ['housing', 'credit', 'churn'].flatMap((set) => readdirSync(join(ROOT, 'metrics', set)));
  expect(found).toHaveLength(12);
  const lock = JSON.parse(readFileSync(join(ROOT, 'pipeline.lock'), 'utf8')) as { stages: Record<string, unknown> };
  expect(Object.keys(lock.stages)).toHaveLength(20);
  const best = JSON.parse(readFileSync(join(ROOT, 'metrics/compare.json'), 'utf8')) as Record<
    string,
    { best: { value: number } }
  >;
  expect(best['housing']?.best.value).toBeGreaterThan(0.7);
  expect(best['credit']?.best.value).toBeGreaterThan(0.5);
  expect(best['churn']?.best.value).toBeGreaterThan(0.5);
});

test("a user's own stage trains and predicts with the built package, over threads", () => {
  const at = new StageFolder({
    'a.csv': smallCsv(120),
    'b.csv': smallCsv(40, 500),
    'own.mjs': `
import { readFileSync, writeFileSync } from 'node:fs';
import { openPool, parseRequest, parseTraining, parseTrainTest, train, fitValidation, renderChain, parseChainFile,
  parseFor, predictionTable, renderCsv, renderJson } from 'repro/ml';
const asked = parseTraining(parseRequest({ target: 'y', task: 'regression', model: 'random_forest', ignore: 'flag' }), {});
const read = (file) => ({ file, bytes: readFileSync(file) });
const data = parseTrainTest(read('a.csv'), read('b.csv'), asked);
const pool = openPool(2);
const { chain, metrics } = await train(data, fitValidation(asked, data.train.target, console.error), { pool });
await pool.close();
writeFileSync('m.json', renderChain(chain));
writeFileSync('s.json', renderJson(metrics));
const again = await parseChainFile(readFileSync('m.json', 'utf8'), 'm.json');
writeFileSync('p.csv', renderCsv(predictionTable(again, parseFor(again, readFileSync('b.csv'), 'b.csv'))));
`,
  });
  installPackage(at.path);
  expect(at.runFile('own.mjs')).toMatchObject({ code: 0, stderr: '' });
  const source = at.run(
    'train --train a.csv --test b.csv --target y --task regression --ignore flag --model random_forest --out-model n.json --out-metrics t.json --out-predictions q.csv',
  );
  expect(source.code).toBe(0);
  expect([at.read('m.json'), at.read('s.json'), at.read('p.csv')]).toEqual([
    at.read('n.json'),
    at.read('t.json'),
    at.read('q.csv'),
  ]);
});

/** What `npm install` of the packed file leaves: package.json and dist, beside the packages that it needs. */
function installPackage(folder: string): void {
  const target = join(folder, 'node_modules/repro');
  mkdirSync(target, { recursive: true });
  expect(existsSync(join(ROOT, 'dist/ml.js'))).toBe(true);
  for (const name of ['package.json', 'dist']) cpSync(join(ROOT, name), join(target, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(target, 'node_modules'));
}
