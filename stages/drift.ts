// Compares current data with reference data column by column: drift, target drift and data quality, as JSON and as a page.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { parseCsv } from '../src/ml/csv.ts';
import { renderDriftPage } from '../src/ml/drift-page.ts';
import { recordDrift } from '../src/ml/drift-record.ts';
import { parseDriftOptions, reportDrift } from '../src/ml/drift-report.ts';
import { renderJson } from '../src/ml/numbers-json.ts';
import type { Table } from '../src/ml/table.ts';

const USAGE = `usage: node stages/drift.ts --reference R.csv --current C.csv [--target T] [--task regression|classification]
       [--types t.json] [--method NAME] [--mode evidently|robust] --out-json D.json [--out-html D.html]`;
const TEXT = { type: 'string' } as const;
const FILES = { reference: TEXT, current: TEXT, types: TEXT, 'out-json': TEXT, 'out-html': TEXT };
const OPTIONS = { ...FILES, target: TEXT, task: TEXT, method: TEXT, mode: TEXT };

async function main(): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS });
  const referencePath = required('--reference', values.reference);
  const currentPath = required('--current', values.current);
  const jsonPath = required('--out-json', values['out-json']);
  const types = values.types === undefined ? undefined : readFileSync(values.types, 'utf8');
  const options = parseDriftOptions({ ...values, types });
  const reference = readTable(referencePath);
  const current = readTable(currentPath);
  // The classifier brings all of boosting with it: loaded only where it is used.
  const domain = options.mode === 'robust' ? (await import('../src/ml/drift-domain.ts')).testDomain : undefined;
  const report = reportDrift(reference, current, { ...options, ...(domain === undefined ? {} : { domain }) });
  write(jsonPath, renderJson(recordDrift(report)));
  if (values['out-html'] !== undefined) write(values['out-html'], renderDriftPage(report, reference, current));
  console.log(`${report.drifted} of ${report.tested} columns drifted; data drift: ${report.drift ? 'yes' : 'no'}`);
}

function required(option: string, value: string | undefined): string {
  if (value === undefined) throw new TypeError(`${option} is missing`);
  return value;
}

function readTable(path: string): Table {
  return parseCsv(readFileSync(path), { file: path });
}

function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof Error)) throw error;
  const usage = error instanceof TypeError; // parseArgs throws these too
  console.error(`error: ${error.message}${usage ? `\n${USAGE}` : ''}`);
  process.exitCode = usage ? 2 : 1;
}
