// Predicts on the raw rows of a CSV file with a model that stages/train.ts wrote: y,p or y,label,p, row by row.
import { parseArgs } from 'node:util';
import { renderCsv } from '../src/ml/csv-write.ts';
import { parseChainFile, parseFor, predictionTable } from '../src/ml/predictions.ts';
import { required } from '../src/ml/program.ts';
import { readInput, readText, runProgram, writeOut } from './program.ts';

const USAGE = 'usage: node stages/predict.ts --model M.json --data B.csv --out P.csv';
const TEXT = { type: 'string' } as const;

await runProgram(USAGE, async () => {
  const { values } = parseArgs({ options: { model: TEXT, data: TEXT, out: TEXT } });
  const modelFile = required('--model', values.model);
  const data = readInput(required('--data', values.data));
  const out = required('--out', values.out);
  const chain = await parseChainFile(readText(modelFile), modelFile);
  writeOut(out, renderCsv(predictionTable(chain, parseFor(chain, data.bytes, data.file))));
});
