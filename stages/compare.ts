// Puts the models of several data sets side by side, from their metrics: JSON, markdown, an HTML page, and a tree on the terminal.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { renderComparison } from '../src/ml/comparison-page.ts';
import { driftTable, referenceTable } from '../src/ml/comparison-tables.ts';
import { renderMarkdown, renderTree } from '../src/ml/comparison-text.ts';
import { compareModels, parseComparison } from '../src/ml/comparison.ts';
import { parseCsv } from '../src/ml/csv.ts';
import { renderJson } from '../src/ml/numbers-json.ts';
import { readParamsFile } from '../src/ml/params-file.ts';
import { required } from '../src/ml/program.ts';
import { inFile } from '../src/ml/training-data.ts';
import { readInput, readText, runProgram, writeOut } from './program.ts';

const USAGE = `usage: node stages/compare.ts --settings S.json[:key] --metrics DIR --predictions DIR
       --out-json C.json [--out-md C.md] [--out-html C.html]
       reads DIR/SET/MODEL.json and DIR/SET/MODEL.csv, and DIR/drift/SET.json, DIR/reference/SET.json where they are`;
const TEXT = { type: 'string' } as const;
const OUTS = { 'out-json': TEXT, 'out-md': TEXT, 'out-html': TEXT };

await runProgram(USAGE, () => {
  const { values } = parseArgs({ options: { settings: TEXT, metrics: TEXT, predictions: TEXT, ...OUTS } });
  const specs = parseComparison(readParamsFile(required('--settings', values.settings), readText));
  const [metrics, predictions] = [required('--metrics', values.metrics), required('--predictions', values.predictions)];
  const jsonFile = required('--out-json', values['out-json']);
  const comparisons = specs.map((spec) =>
    inFile(join(metrics, spec.set), () =>
      compareModels(spec, (model) => readParamsFile(join(metrics, spec.set, `${model}.json`), readText)),
    ),
  );
  const filesIn = (folder: string): Map<string, unknown> => {
    const files = specs.map(({ set }) => [set, join(metrics, folder, `${set}.json`)] as const);
    return new Map(
      files.filter(([, file]) => existsSync(file)).map(([set, file]) => [set, readParamsFile(file, readText)]),
    );
  };
  const predictionsOf = (set: string): ReturnType<typeof parseCsv> => {
    const best = comparisons.find((comparison) => comparison.set === set)?.best.model ?? '';
    const { file, bytes } = readInput(join(predictions, set, `${best}.csv`));
    return parseCsv(bytes, { file });
  };
  const [drift, reference] = [filesIn('drift'), filesIn('reference')];
  const tables = [
    ...(drift.size > 0 ? [driftTable(drift)] : []),
    ...(reference.size > 0 ? [referenceTable(reference, ['r2', 'accuracy', 'roc_auc'])] : []),
  ];
  const bySet = comparisons.map(({ set, best, tuned, lines }) => [set, { best, tuned, models: lines }] as const);
  writeOut(jsonFile, renderJson(Object.fromEntries(bySet)));
  writeOut(values['out-md'], renderMarkdown(comparisons));
  writeOut(values['out-html'], renderComparison({ comparisons, predictionsOf, tables }));
  console.log(renderTree(comparisons));
});
