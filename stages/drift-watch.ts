// Rehearses drift watching: tests current rows as they are and with a known shift planted, and draws three pages of the latter.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseCsv } from '../src/ml/csv.ts';
import { renderDriftPage } from '../src/ml/drift-page.ts';
import { recordDrift } from '../src/ml/drift-record.ts';
import { parseDriftOptions } from '../src/ml/drift-report.ts';
import { rehearseDrift } from '../src/ml/drift-watch.ts';
import { renderJson } from '../src/ml/numbers-json.ts';
import { choiceIn, objectIn, readParamsFile, refuseOtherKeys } from '../src/ml/params-file.ts';
import { required, parseTask, wholeNumber } from '../src/ml/program.ts';
import { parseShift } from '../src/ml/shift.ts';
import { typesOf } from '../src/ml/training-data.ts';
import { readInput, readText, runProgram, writeOut } from './program.ts';

const USAGE = `usage: node stages/drift-watch.ts --reference R.csv --current C.csv --target T --task regression|classification
       --settings S.json[:key] [--seed N] [--name NAME] --out-json D.json --out-dir DIR
       settings: {"mode": "evidently"|"robust", "shift": {"COLUMN": {"scale": 1.2}}}`;
const TEXT = { type: 'string' } as const;
const FILES = { reference: TEXT, current: TEXT, settings: TEXT, 'out-json': TEXT, 'out-dir': TEXT };
const PAGES = { columns: 'Data drift', quality: 'Data quality', target: 'Target drift' } as const;

await runProgram(USAGE, () => {
  const { values } = parseArgs({ options: { ...FILES, target: TEXT, task: TEXT, seed: TEXT, name: TEXT } });
  const settings = readParamsFile(required('--settings', values.settings), readText);
  refuseOtherKeys(settings, 'the settings', ['mode', 'shift']);
  const options = parseDriftOptions({
    mode: choiceIn(settings, 'mode', ['evidently', 'robust']),
    target: required('--target', values.target),
    task: parseTask(values.task),
  });
  const plan = parseShift(objectIn(settings, 'shift'));
  const seed = wholeNumber('--seed', values.seed ?? '42');
  const { file, bytes } = readInput(required('--reference', values.reference));
  const now = readInput(required('--current', values.current));
  const [json, folder] = [required('--out-json', values['out-json']), required('--out-dir', values['out-dir'])];

  const reference = parseCsv(bytes, { file });
  const current = parseCsv(now.bytes, { file: now.file, types: typesOf(reference) });
  const { unshifted, shifted, shiftedTable, metrics } = rehearseDrift(reference, current, { options, plan, seed });
  writeOut(json, renderJson(metrics));
  writeOut(join(folder, 'unshifted.json'), renderJson(recordDrift(unshifted)));
  writeOut(join(folder, 'shifted.json'), renderJson(recordDrift(shifted)));
  const about = `${values.name ?? now.file}: the current rows carry a planted shift in ${[...plan.keys()].join(', ')}.`;
  for (const part of ['columns', 'quality', 'target'] as const) {
    const title = values.name === undefined ? PAGES[part] : `${PAGES[part]}: ${values.name}`;
    const page = renderDriftPage(shifted, reference, shiftedTable, { part, title, about });
    writeOut(join(folder, `${PAGES[part].toLowerCase().replace(' ', '-')}.html`), page);
  }
  const { planted, false_alarms } = metrics;
  console.log(`found ${planted.found} of ${planted.columns} planted shifts, ${false_alarms} false alarms`);
});
