// The stages as programs: what they write, what they refuse, and that nothing in it depends on threads or repetition.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { renderChain } from '../../src/ml/chain.ts';
import { renderCsv } from '../../src/ml/csv-write.ts';
import { MODEL_KINDS } from '../../src/ml/model.ts';
import { readParamsFile } from '../../src/ml/params-file.ts';
import { parseChainFile, parseFor, predictionTable } from '../../src/ml/predictions.ts';
import { describeFailure } from '../../src/ml/program.ts';
import { parseTrainTest } from '../../src/ml/training-data.ts';
import { fitValidation, parseRequest, parseTraining } from '../../src/ml/training-settings.ts';
import { train } from '../../src/ml/training.ts';
import { smallCsv, StageFolder } from './stage-program.ts';

const DATA = '--train a.csv --test b.csv';
const NUMBERS = `train ${DATA} --target y --task regression --ignore flag`;
const CLASSES = `train ${DATA} --target flag --task classification --ignore y`;
const REST = '--target y --task regression --model ridge --out-model m/m.json --out-metrics s/s.json';
const OUTS = '--out-model m/m.json --out-metrics s/s.json --out-predictions p/p.csv';

function folder(files: Readonly<Record<string, string>> = {}): StageFolder {
  return new StageFolder({ 'a.csv': smallCsv(120), 'b.csv': smallCsv(40, 500), ...files });
}

const SCORES = {
  regression: ['r2', 'rmse', 'mae', 'mape'],
  classification: ['accuracy', 'precision', 'recall', 'f1', 'mcc', 'roc_auc', 'pr_auc', 'log_loss', 'brier'],
};

describe('train', () => {
  test.each([
    [NUMBERS, 'regression', 'r2', /^y,p\n/] as const,
    [CLASSES, 'classification', 'roc_auc', /^y,label,p\n/] as const,
  ])(
    'writes %s: a model, scores with their spread, predictions; and predict and score repeat them',
    (line, task, key, head) => {
      const at = folder();
      expect(at.run(`${line} --model gradient_boosting ${OUTS}`)).toMatchObject({ code: 0, stderr: '' });
      const { test: scores, cv, dummy } = at.json('s/s.json');
      expect(Object.keys(scores ?? {})).toEqual(SCORES[task]);
      expect(Object.keys(cv?.[key] ?? {})).toEqual(['mean', 'sd']);
      expect(dummy).toHaveProperty(`test.${key}`);
      expect(at.read('p/p.csv')).toMatch(head);
      expect(at.run('predict --model m/m.json --data b.csv --out again.csv').code).toBe(0);
      expect(at.read('again.csv')).toBe(at.read('p/p.csv'));
      expect(at.run(`score --task ${task} --data again.csv --out score.json`).code).toBe(0);
      expect(at.json('score.json')[key]).toBe(scores?.[key]);
    },
  );

  test.each(MODEL_KINDS)('of a %s gives a file that predicts the same bytes', async (model) => {
    const isClasses = model.endsWith('logistic_regression');
    const request = {
      task: isClasses ? 'classification' : 'regression',
      target: isClasses ? 'flag' : 'y',
      model,
    } as const;
    const asked = parseTraining(parseRequest({ ...request, ignore: isClasses ? 'y' : 'flag' }), {});
    const [a, b] = [smallCsv(120), smallCsv(40, 500)].map((text) => new TextEncoder().encode(text)) as [
      Uint8Array,
      Uint8Array,
    ];
    const data = parseTrainTest({ file: 'a.csv', bytes: a }, { file: 'b.csv', bytes: b }, asked);
    const { chain, metrics, predictions } = await train(
      data,
      fitValidation(asked, data.train.target, () => undefined),
    );
    const again = await parseChainFile(renderChain(chain), 'm.json');
    expect(renderCsv(predictionTable(again, parseFor(again, b, 'b.csv')))).toBe(renderCsv(predictions));
    expect(Object.keys(metrics.test)).toEqual(SCORES[request.task]);
  });

  test('gives the same bytes with one thread and with three', () => {
    const at = folder();
    const outs = ['m/m.json', 's/s.json', 'p/p.csv'];
    const [one, three] = ['1', '3'].map((cpus) => {
      expect(at.run(`${CLASSES} --model random_forest ${OUTS}`, { REPRO_CPUS: cpus }).code).toBe(0);
      return outs.map((name) => at.read(name));
    });
    expect(three).toEqual(one);
  });

  test('reads parameters at a key of a file, and beside them folds, encoding and threshold', () => {
    const params = {
      train: { m: { C: 0.1, threshold: 'f1', cv: { folds: 4, repeats: 2 }, encode: { scale: 'min_max' } } },
    };
    const at = folder({ 'p.json': JSON.stringify(params) });
    expect(at.run(`${CLASSES} --model logistic_regression --params p.json:train.m ${OUTS}`).code).toBe(0);
    const metrics = at.json('s/s.json');
    expect(metrics['validation']).toEqual({ folds: 4, repeats: 2 });
    expect(metrics['threshold']).toBeGreaterThan(0);
    expect(JSON.parse(at.read('m/m.json'))).toMatchObject({
      threshold: metrics['threshold'],
      model: { params: { C: 0.1 } },
    });
  });

  test('decides by a fixed threshold wherever classes are scored', () => {
    const at = folder({ 'p.json': JSON.stringify({ threshold: 0, cv: { folds: 3 } }) });
    expect(at.run(`${CLASSES} --model dummy --params p.json ${OUTS}`).code).toBe(0);
    const { test: scores, cv, out_of_fold } = at.json('s/s.json');
    expect([scores?.['recall'], cv?.['recall'], out_of_fold?.['recall']]).toEqual([1, { mean: 1, sd: 0 }, 1]);
  });

  test('warns of texts that tell rows apart, and of no other column', () => {
    const rows = (from: number): string =>
      Array.from({ length: 20 }, (_, i) => `${i % 3},n${i + from},${i}`).join('\n');
    const at = new StageFolder({ 'a.csv': `x,id,y\n${rows(0)}\n`, 'b.csv': `x,id,y\n${rows(50)}\n` });
    expect(at.run(`train ${DATA} --target y --task regression --model random_forest ${OUTS}`)).toMatchObject({
      code: 0,
      stderr: 'warning: more than half of the texts in `id` differ: a model learns them by heart, leave it out\n',
    });
  });

  test('refuses a threshold for three classes before anything is trained', () => {
    const at = folder({ 'p.json': '{ "threshold": 0.3 }' });
    const done = at.run(`train ${DATA} --target town --task classification --model dummy --params p.json ${OUTS}`);
    expect(done).toMatchObject({ code: 2, stderr: 'error: `threshold` is for two classes, the target has 3\n' });
  });

  test('takes the types of the training rows for the test rows, and rows without a target for prediction', () => {
    const zip = 'zip,y\na1,1\n07,2\na1,3\n07,4\n';
    const at = new StageFolder({ 'a.csv': zip, 'b.csv': 'zip,y\n07,2\n07,3\n', 'c.csv': 'zip\n07\n' });
    expect(at.run(`train ${DATA} --target y --task regression --model linear ${OUTS}`).code).toBe(0);
    expect(at.run('predict --model m/m.json --data c.csv --out c/p.csv').code).toBe(0);
    expect(at.read('c/p.csv')).toMatch(/^y,p\n,\d/);
  });

  test('leaves cross-validation out, with a word, where a class has one row', () => {
    const at = new StageFolder({ 'a.csv': 'x,c\n1,u\n2,u\n3,v\n', 'b.csv': 'x,c\n1,u\n3,v\n' });
    const done = at.run(`train ${DATA} --target c --task classification --model random_forest ${OUTS}`);
    expect(done).toMatchObject({ code: 0, stderr: 'warning: too few rows for cross-validation: `cv` is left empty\n' });
    expect(at.json('s/s.json')['cv']).toBeNull();
  });

  test.each([
    ['an unknown option', `${NUMBERS} --model ridge ${OUTS} --what`, 2, '--what'],
    ['a wrong parameter', `${NUMBERS} --model ridge --params p.json ${OUTS}`, 2, 'ridge has no parameter `alpah`'],
    ['a cell of text', `train --train a.csv --test bad.csv ${REST}`, 1, 'bad.csv: row 3, column 1'],
  ])('refuses %s with a sentence and writes nothing', (_name, line, code, message) => {
    const at = folder({ 'p.json': '{"alpah": 1}', 'bad.csv': 'x,town,y,flag\n1,north,2,yes\nabc,north,2,yes\n' });
    const done = at.run(line);
    expect(done.stderr).toContain(message);
    expect(done.code).toBe(code);
    expect(readdirSync(at.path)).not.toContain('m');
  });

  const asked = { target: 'y', task: 'regression', model: 'ridge' };
  test.each([
    ['no option', {}, '--target is missing'],
    ['an unknown model', { ...asked, model: 'ridje' }, 'there is no model `ridje`; did you mean `ridge`?'],
    ['an unknown task', { ...asked, task: 'sorting' }, 'not `sorting`'],
    ['a model of the other task', { ...asked, task: 'classification' }, 'ridge cannot do classification'],
    ['a seed that is none', { ...asked, seed: 'x' }, '--seed must be a whole number'],
    ['a threshold for numbers', { ...asked, params: 'p.json:threshold' }, '`threshold` is for classification'],
    ['a wrong key', { ...asked, params: 'p.json:a.b' }, 'p.json: there is no `a`'],
    [
      'folds that are none',
      { ...asked, params: 'p.json:folds' },
      '`folds` must be a whole number of at least 2, not 1',
    ],
    ['an unknown way to fill', { ...asked, params: 'p.json:encode' }, '`impute` must be mean, median'],
  ])('refuses %s before any row is read', (_name, values, message) => {
    const params = {
      threshold: { threshold: 'f1' },
      folds: { cv: { folds: 1 } },
      encode: { encode: { impute: 'zero' } },
    };
    const given: Record<string, string> = values;
    const failure = failureOf(() =>
      parseTraining(
        parseRequest(given),
        readParamsFile(given['params'], () => JSON.stringify(params)),
      ),
    );
    expect(failure.text).toContain(message);
    expect(failure.exitCode).toBe(2);
  });

  const head = 'x,town,y,flag\n';
  test.each([
    ['an absent column', { target: 'z' }, '', 'a.csv: there is no column `z`'],
    ['an absent column to ignore', { ignore: 'q' }, '', 'a.csv: there is no column `q`'],
    ['text as a target', { target: 'town' }, '', 'a.csv: regression needs numbers'],
    ['a missing target', {}, `${head}1,north,,yes\n`, 'b.csv: row 2: the target `y` is missing'],
    ['a ragged row', {}, `${head}1,north\n`, 'b.csv: row 2, column 3: this row has 2 cells'],
    ['an absent column of the test', {}, 'x,y\n1,2\n', 'b.csv: there is no column `town`'],
    ['an empty file', {}, '', 'b.csv: row 1, column 1: the file is empty'],
    ['a header alone', {}, head, 'b.csv: there are no rows below the column names'],
    [
      'a class that training never saw',
      { target: 'flag', task: 'classification', model: 'dummy' },
      `${head}1,north,2,maybe\n`,
      'b.csv: row 2: the class `maybe` is not one of `no`, `yes`',
    ],
  ])('refuses %s, with file and place', (_name, values, b, message) => {
    const request = parseRequest({ ...asked, ...values });
    const [first, second] = [smallCsv(20), b].map((text) => new TextEncoder().encode(text)) as [Uint8Array, Uint8Array];
    const failure = failureOf(() =>
      parseTrainTest({ file: 'a.csv', bytes: first }, { file: 'b.csv', bytes: second }, request),
    );
    expect(failure.text).toContain(message);
    expect(failure.exitCode).toBe(1);
  });
});

function failureOf(work: () => unknown): { readonly text: string; readonly exitCode: number } {
  try {
    work();
  } catch (error) {
    return describeFailure(error, 'usage');
  }
  throw new Error('nothing was refused');
}

describe('predict', () => {
  test('names the column that the data lacks, and refuses what is no model', () => {
    const at = folder({ 'c.csv': 'x\n1\n', 'x.json': '{"format": "x"}' });
    at.run(`${NUMBERS} --model linear ${OUTS}`);
    const done = at.run('predict --model m/m.json --data c.csv --out p.csv');
    expect(done).toMatchObject({ code: 1, stderr: 'error: c.csv: there is no column `town`; the columns are `x`\n' });
    const other = at.run('predict --model x.json --data b.csv --out p.csv');
    expect(other.stderr).toContain('error: x.json: this is not a model file that can be used');
    expect(other.code).toBe(1);
  });
});

test('tune-model starts from the baseline, writes the study, and says what the held-out rows show of a gain', () => {
  const settings = {
    trials: 6,
    folds: 3,
    space: { n_estimators: { kind: 'int', low: 5, high: 30 }, max_depth: { kind: 'int', low: 1, high: 4 } },
  };
  const base = { n_estimators: 10, max_depth: 2, cv: { folds: 3 } };
  const at = folder({ 's.json': JSON.stringify({ tune: settings, base }) });
  const model = '--model random_forest --params s.json:base';
  expect(at.run(`${NUMBERS} ${model} ${OUTS}`).code).toBe(0);
  const line = `${NUMBERS} ${model} --settings s.json:tune --baseline p/p.csv ${OUTS} --out-study t.json`;
  const tuned = line
    .replace('train ', 'tune-model ')
    .replaceAll(' p/p.csv --out', ' p/p.csv --out')
    .replace('--out-predictions p/p.csv', '--out-predictions q.csv');
  expect(at.run(tuned)).toMatchObject({ code: 0, stderr: '' });
  const study = at.json('t.json') as unknown as {
    trials: { params: object; value: number }[];
    best: { value: number };
  };
  expect(study.trials).toHaveLength(6);
  expect(study.trials[0]?.params).toEqual({ n_estimators: 10, max_depth: 2 });
  expect(study.best.value).toBeGreaterThanOrEqual(study.trials[0]?.value ?? Infinity);
  const { paired, tuning } = at.json('s/s.json');
  expect(paired?.['r2']).toMatchObject({ verdict: expect.stringMatching(/better|worse|no difference shown/) });
  expect(tuning).toMatchObject({ trials: 6, metric: 'r2' });
});

describe('tune-model', () => {
  const tune = (settings: object, baseline = 'y,p\n'): ReturnType<StageFolder['run']> => {
    const at = folder({ 's.json': JSON.stringify({ folds: 3, ...settings }), 'base.csv': baseline });
    const line = `${NUMBERS} --model ridge --settings s.json --baseline base.csv ${OUTS} --out-study t.json`;
    return at.run(line.replace('train ', 'tune-model '));
  };
  const rows = smallCsv(40, 500).trimEnd().split('\n').slice(1);
  const baseline = `y,p\n${rows.map((row) => `${row.split(',')[2]},5`).join('\n')}\n`;

  test('tries each point of a grid that lacks the baseline', () => {
    const space = {
      alpha: { kind: 'categorical', choices: [0.1, 10] },
      fit_intercept: { kind: 'categorical', choices: [true, false] },
    };
    const done = tune({ sampler: 'grid', trials: 9, space }, baseline);
    expect(done.stderr).toBe('');
    expect(done.stdout).toMatch(/^4 trials, /);
  });

  test('is an error when no trial was completed, never the baseline in disguise', () => {
    const space = { alpha: { kind: 'float', low: -2, high: -1 } };
    const done = tune({ trials: 2, space }, baseline);
    expect(done.code).toBe(1);
    expect(done.stderr).toContain('warning: trial 1 failed: ridge: `alpha` is');
    expect(done.stderr).toContain('error: no trial of the search was completed: ridge: `alpha` is');
  });

  test('asks for its outs before it begins', () => {
    const at = folder();
    const done = at.run(
      `${NUMBERS} --model ridge --baseline p.csv --out-model m.json`.replace('train ', 'tune-model '),
    );
    expect(done).toMatchObject({ code: 2, stderr: expect.stringContaining('error: --out-metrics is missing') });
  });

  test('refuses a baseline that predicted other rows', () => {
    const other = baseline.replace(/\n[\d.-]+,/, '\n77,');
    const done = tune({ trials: 1, space: {} }, other);
    expect(done.stderr).toBe(
      'error: base.csv: row 2: `y` is not what the data say: these are predictions of other rows\n',
    );
    expect(done.code).toBe(1);
  });
});

const DRIFT_FILES = ['data-drift.html', 'data-quality.html', 'shifted.json', 'target-drift.html', 'unshifted.json'];

test('drift-watch finds what was planted, and draws three pages', () => {
  const settings = { mode: 'robust', shift: { x: { add: 3 }, town: { level: 'west', share: 0.5 } } };
  const at = new StageFolder({
    'a.csv': smallCsv(600),
    'b.csv': smallCsv(500, 700),
    's.json': JSON.stringify(settings),
  });
  const line =
    'drift-watch --reference a.csv --current b.csv --target y --task regression --settings s.json --out-json d.json --out-dir d';
  expect(at.run(line)).toMatchObject({ code: 0, stdout: 'found 2 of 2 planted shifts, 0 false alarms\n' });
  expect(at.json('d.json')).toMatchObject({ unshifted: { drifted: 0 }, planted: { columns: 2, found: 2, missed: 0 } });
  expect(readdirSync(join(at.path, 'd')).sort()).toEqual(DRIFT_FILES);
  expect(at.read('d/target-drift.html')).not.toMatch(/<script|https?:/);
});

test('no stage is longer than 60 lines', () => {
  const stages = join(import.meta.dirname, '../../stages');
  for (const name of readdirSync(stages)) {
    expect([name, readFileSync(join(stages, name), 'utf8').split('\n').length - 1 <= 60]).toEqual([name, true]);
  }
});
