// Trains one model on a CSV file and scores it on another: the model file, its metrics, and the predictions on request.
import { parseArgs } from 'node:util';
import { renderChain } from '../src/ml/chain.ts';
import { renderCsv } from '../src/ml/csv-write.ts';
import { MODEL_KINDS } from '../src/ml/model.ts';
import { renderJson } from '../src/ml/numbers-json.ts';
import { readParamsFile } from '../src/ml/params-file.ts';
import { required } from '../src/ml/program.ts';
import { parseTrainTest } from '../src/ml/training-data.ts';
import { fitValidation, parseRequest, parseTraining } from '../src/ml/training-settings.ts';
import { describeTraining, train } from '../src/ml/training.ts';
import { withPool } from './pool.ts';
import { readInput, readText, runProgram, warn, writeOut } from './program.ts';

const USAGE = `usage: node stages/train.ts --train A.csv --test B.csv --target T --task regression|classification
       --model ${MODEL_KINDS.join('|')}
       [--params P.json[:key]] [--seed N] [--ignore col,...]
       --out-model M.json --out-metrics S.json [--out-predictions P.csv]`;
const TEXT = { type: 'string' } as const;
const FILES = { train: TEXT, test: TEXT, 'out-model': TEXT, 'out-metrics': TEXT, 'out-predictions': TEXT };
const OPTIONS = { ...FILES, target: TEXT, task: TEXT, model: TEXT, params: TEXT, seed: TEXT, ignore: TEXT };

await runProgram(USAGE, async () => {
  const { values } = parseArgs({ options: OPTIONS });
  const [trainFile, testFile] = [required('--train', values.train), required('--test', values.test)];
  const request = parseRequest(values);
  const modelFile = required('--out-model', values['out-model']);
  const metricsFile = required('--out-metrics', values['out-metrics']);
  const requested = parseTraining(request, readParamsFile(values.params, readText));

  const data = parseTrainTest(readInput(trainFile), readInput(testFile), request);
  const spec = fitValidation(requested, data.train.target, warn);
  const { chain, metrics, predictions } = await withPool((pool) => train(data, spec, { pool, warn }));
  writeOut(modelFile, renderChain(chain));
  writeOut(metricsFile, renderJson(metrics));
  writeOut(values['out-predictions'], renderCsv(predictions));
  console.log(describeTraining(metrics));
});
