// Compares current data with reference data column by column: drift, target drift and data quality, as JSON and as a page.
import { parseArgs } from 'node:util';
import { parseCsv } from '../src/ml/csv.ts';
import { renderDriftPage } from '../src/ml/drift-page.ts';
import { recordDrift } from '../src/ml/drift-record.ts';
import { parseDriftOptions, reportDrift } from '../src/ml/drift-report.ts';
import { renderJson } from '../src/ml/numbers-json.ts';
import { required, UsageError } from '../src/ml/program.ts';
import { DataError, type Table } from '../src/ml/table.ts';
import { readInput, readText, runProgram, writeOut } from './program.ts';

const USAGE = `usage: node stages/drift.ts --reference R.csv --current C.csv [--target T] [--task regression|classification]
       [--types t.json] [--method NAME] [--mode evidently|robust] --out-json D.json [--out-html D.html]`;
const TEXT = { type: 'string' } as const;
const FILES = { reference: TEXT, current: TEXT, types: TEXT, 'out-json': TEXT, 'out-html': TEXT };
const OPTIONS = { ...FILES, target: TEXT, task: TEXT, method: TEXT, mode: TEXT };

await runProgram(USAGE, async () => {
  const { values } = parseArgs({ options: OPTIONS });
  const referencePath = required('--reference', values.reference);
  const currentPath = required('--current', values.current);
  const jsonPath = required('--out-json', values['out-json']);
  const types = values.types === undefined ? undefined : readText(values.types);
  const options = readOptions({ ...values, types });
  const reference = readTable(referencePath);
  const current = readTable(currentPath);
  // The classifier brings all of boosting with it: loaded only where it is used.
  const domain = options.mode === 'robust' ? (await import('../src/ml/drift-domain.ts')).testDomain : undefined;
  const report = reportDrift(reference, current, { ...options, ...(domain === undefined ? {} : { domain }) });
  writeOut(jsonPath, renderJson(recordDrift(report)));
  if (values['out-html'] !== undefined) writeOut(values['out-html'], renderDriftPage(report, reference, current));
  console.log(`${report.drifted} of ${report.tested} columns drifted; data drift: ${report.drift ? 'yes' : 'no'}`);
});

function readOptions(values: Parameters<typeof parseDriftOptions>[0]): ReturnType<typeof parseDriftOptions> {
  try {
    return parseDriftOptions(values);
  } catch (error) {
    if (error instanceof DataError) throw new UsageError(error.message, { showUsage: false });
    throw error instanceof TypeError ? new UsageError(error.message) : error;
  }
}

function readTable(path: string): Table {
  const { file, bytes } = readInput(path);
  return parseCsv(bytes, { file });
}
