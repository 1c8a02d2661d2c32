// Writes one of the three data sets: D.csv, and its 80/20 split as D_train.csv and D_test.csv.
// usage: node stages/generate.ts --dataset housing|credit|churn [--seed N] [--out-dir data]
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { renderCsv } from '../src/ml/csv-write.ts';
import { DATASETS, generateDataset } from '../src/ml/generate.ts';

const USAGE = `usage: node stages/generate.ts --dataset ${DATASETS.join('|')} [--seed N] [--out-dir data]`;

function main(): void {
  const { values } = parseArgs({
    options: {
      dataset: { type: 'string' },
      seed: { type: 'string', default: '42' },
      'out-dir': { type: 'string', default: 'data' },
    },
  });
  const name = DATASETS.find((known) => known === values.dataset);
  if (name === undefined) {
    const given = values.dataset === undefined ? '--dataset is missing' : `unknown data set \`${values.dataset}\``;
    throw new TypeError(`${given}; it must be one of ${DATASETS.join(', ')}`);
  }
  if (!/^\d{1,9}$/.test(values.seed)) {
    throw new TypeError(`--seed must be a whole number of at most 9 digits, not \`${values.seed}\``);
  }

  const { table, train, test } = generateDataset(name, Number(values.seed));
  mkdirSync(values['out-dir'], { recursive: true });
  for (const [suffix, part] of [['', table] as const, ['_train', train] as const, ['_test', test] as const]) {
    writeFileSync(join(values['out-dir'], `${name}${suffix}.csv`), renderCsv(part));
  }
  console.log(`${name}: ${table.rows} rows, ${train.rows} to train and ${test.rows} to test, in ${values['out-dir']}`);
}

try {
  main();
} catch (error) {
  if (!(error instanceof Error)) throw error;
  // parseArgs throws TypeErrors too: what the caller wrote is wrong.
  const usage = error instanceof TypeError;
  console.error(`error: ${error.message}${usage ? `\n${USAGE}` : ''}`);
  process.exitCode = usage ? 2 : 1;
}
