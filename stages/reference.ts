// Trains several kinds of model on one small sample of the same rows, and scores them side by side.
import { parseArgs } from 'node:util';
import { renderJson } from '../src/ml/numbers-json.ts';
import { countIn, objectIn, readParamsFile } from '../src/ml/params-file.ts';
import { required, UsageError } from '../src/ml/program.ts';
import { compareOnSample } from '../src/ml/reference.ts';
import { parseTrainTest } from '../src/ml/training-data.ts';
import { parseRequest, parseTraining } from '../src/ml/training-settings.ts';
import { withPool } from './pool.ts';
import { readInput, readText, runProgram, warn, writeOut } from './program.ts';

const USAGE = `usage: node stages/reference.ts --train A.csv --test B.csv --target T --task regression|classification
       --settings S.json[:key] [--seed N] --out-metrics S.json
       settings: {"rows": 1000, "models": {"ridge": {"alpha": 1}, "mljs_random_forest": {"n_estimators": 10}}}`;
const TEXT = { type: 'string' } as const;
const OPTIONS = { train: TEXT, test: TEXT, target: TEXT, task: TEXT, settings: TEXT, seed: TEXT, 'out-metrics': TEXT };

await runProgram(USAGE, async () => {
  const { values } = parseArgs({ options: OPTIONS });
  const metricsFile = required('--out-metrics', values['out-metrics']);
  const settings = readParamsFile(required('--settings', values.settings), readText);
  const models = objectIn(settings, 'models');
  const requests = Object.keys(models).map((model) =>
    parseTraining(parseRequest({ ...values, model }), objectIn(models, model)),
  );
  const [first] = requests;
  if (first === undefined) throw new UsageError('`models` names no model', { showUsage: false });
  const rows = countIn(settings, 'rows', 1000, 10);
  const train = readInput(required('--train', values.train));
  const data = parseTrainTest(train, readInput(required('--test', values.test)), first);
  const specs = requests.map((request) => ({ ...request, validation: null }));
  const reference = await withPool((pool) =>
    compareOnSample(data, specs, { rows, seed: first.seed, context: { pool, warn } }),
  );
  writeOut(metricsFile, renderJson(reference));
  for (const [model, { test }] of Object.entries(reference.models)) {
    console.log(`${model} on ${reference.rows.train} rows: ${JSON.stringify(test)}`);
  }
});
