// Tunes one of the kit's models on training rows, trains the best one, and compares it with a baseline on rows that neither saw.
import { parseArgs } from 'node:util';
import { renderChain } from '../src/ml/chain.ts';
import { parseCsv } from '../src/ml/csv.ts';
import { renderCsv } from '../src/ml/csv-write.ts';
import { renderJson } from '../src/ml/numbers-json.ts';
import { comparePaired } from '../src/ml/paired.ts';
import { readParamsFile } from '../src/ml/params-file.ts';
import { readPredictions } from '../src/ml/predictions.ts';
import { required } from '../src/ml/program.ts';
import { columnOf } from '../src/ml/table.ts';
import { inFile, parseTrainTest } from '../src/ml/training-data.ts';
import { fitValidation, parseRequest, parseTraining } from '../src/ml/training-settings.ts';
import { describeTraining, train } from '../src/ml/training.ts';
import { renderTuneReport } from '../src/ml/tune-report.ts';
import { bestModel, tuneModel } from '../src/ml/tuning.ts';
import { parseTuning } from '../src/ml/tuning-settings.ts';
import { withPool } from './pool.ts';
import { readInput, readText, runProgram, warn, writeOut } from './program.ts';

const USAGE = `usage: node stages/tune-model.ts --train A.csv --test B.csv --target T --task regression|classification
       --model NAME [--params P.json[:key]] [--settings S.json[:key]] [--seed N] [--ignore col,...] --baseline P.csv
       --out-model M.json --out-metrics S.json --out-study T.json [--out-predictions P.csv]`;
const TEXT = { type: 'string' } as const;
const OUTS = { 'out-model': TEXT, 'out-metrics': TEXT, 'out-study': TEXT, 'out-predictions': TEXT };
const INPUTS = { train: TEXT, test: TEXT, params: TEXT, settings: TEXT, baseline: TEXT };
const OPTIONS = { ...INPUTS, ...OUTS, target: TEXT, task: TEXT, model: TEXT, seed: TEXT, ignore: TEXT };

await runProgram(USAGE, async () => {
  const { values } = parseArgs({ options: OPTIONS });
  const request = parseRequest(values);
  const must = (name: keyof typeof OPTIONS): string => required(`--${name}`, values[name]);
  const [modelFile, metricsFile, studyFile] = [must('out-model'), must('out-metrics'), must('out-study')];
  const requested = parseTraining(request, readParamsFile(values.params, readText));
  const tuning = parseTuning(requested, readParamsFile(values.settings, readText));
  const data = parseTrainTest(readInput(must('train')), readInput(must('test')), request);
  const baseline = readInput(must('baseline'));
  const { file } = baseline;
  const { kind } = columnOf(data.train.table, request.target);
  const written = parseCsv(baseline.bytes, { file, types: { y: kind, label: kind } });
  const before = inFile(file, () => readPredictions(written, data.target, data.test.target));

  const fitted = fitValidation(requested, data.train.target, warn);
  const study = await tuneModel(data.train, tuning);
  for (const { number, reason } of study.trials) if (reason !== null) warn(`trial ${number} failed: ${reason}`);
  const spec = { ...fitted, model: bestModel(study, tuning.model) };
  const { chain, metrics, predictions, judged } = await withPool((pool) => train(data, spec, { pool, warn }));
  const draws = { replicates: spec.validation?.replicates ?? 200, seed: spec.seed };
  const paired = comparePaired(data.test.target, before, judged, draws);
  const trials = Object.groupBy(study.trials, ({ state }) => state);
  const [pruned, failed] = [trials.pruned?.length ?? 0, trials.failed?.length ?? 0];
  const counts = { metric: tuning.metric, trials: study.trials.length, pruned, failed };
  writeOut(modelFile, renderChain(chain));
  writeOut(metricsFile, renderJson({ ...metrics, paired, tuning: counts }));
  writeOut(studyFile, renderTuneReport(study));
  writeOut(values['out-predictions'], renderCsv(predictions));
  console.log(`${counts.trials} trials, ${counts.pruned} pruned\n${describeTraining(metrics)}`);
});
