// Scores a file of predictions: columns y,p (regression) or y,label[,p] (classification), with bootstrap intervals.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { parseCsv } from '../src/ml/csv.ts';
import { renderJson } from '../src/ml/numbers-json.ts';
import { scoreTable } from '../src/ml/scores.ts';

const USAGE = `usage: node stages/score.ts --task regression|classification --data P.csv --out S.json
       [--bootstrap DRAWS] [--seed N]`;
const TEXT = { type: 'string' } as const;

function main(): void {
  const { values } = parseArgs({ options: { task: TEXT, data: TEXT, out: TEXT, bootstrap: TEXT, seed: TEXT } });
  const { task, data, out } = values;
  if (task !== 'regression' && task !== 'classification') {
    throw new TypeError(`--task must be regression or classification, not \`${task ?? ''}\``);
  }
  if (data === undefined || out === undefined) throw new TypeError('--data and --out are needed');
  const replicates = count('--bootstrap', values.bootstrap ?? '200');
  const seed = count('--seed', values.seed ?? '42');
  const scores = scoreTable(parseCsv(readFileSync(data), { file: data }), { task, replicates, seed });
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, renderJson(scores));
}

function count(option: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new TypeError(`${option} must be a whole number, not \`${text}\``);
  return Number(text);
}

try {
  main();
} catch (error) {
  if (!(error instanceof Error)) throw error;
  const usage = error instanceof TypeError; // parseArgs throws these too
  console.error(`error: ${error.message}${usage ? `\n${USAGE}` : ''}`);
  process.exitCode = usage ? 2 : 1;
}
