// Scores a file of predictions: columns y,p (regression) or y,label[,p] (classification), with bootstrap intervals.
import { parseArgs } from 'node:util';
import { parseCsv } from '../src/ml/csv.ts';
import { renderJson } from '../src/ml/numbers-json.ts';
import { parseTask, required, wholeNumber } from '../src/ml/program.ts';
import { scoreTable } from '../src/ml/scores.ts';
import { readInput, runProgram, writeOut } from './program.ts';

const USAGE = `usage: node stages/score.ts --task regression|classification --data P.csv --out S.json
       [--bootstrap DRAWS] [--seed N]`;
const TEXT = { type: 'string' } as const;

await runProgram(USAGE, () => {
  const { values } = parseArgs({ options: { task: TEXT, data: TEXT, out: TEXT, bootstrap: TEXT, seed: TEXT } });
  const task = parseTask(values.task);
  const data = required('--data', values.data);
  const out = required('--out', values.out);
  const replicates = wholeNumber('--bootstrap', values.bootstrap ?? '200');
  const seed = wholeNumber('--seed', values.seed ?? '42');
  const { file, bytes } = readInput(data);
  writeOut(out, renderJson(scoreTable(parseCsv(bytes, { file }), { task, replicates, seed })));
});
