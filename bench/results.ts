// Writes docs/results.md from the committed metrics, the records of the last run and the lines of bench/ml/seeds.ts: no figure in it
// is written by hand. Run by `npm run results`, after `repro`.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { driftTable, referenceTable } from '../src/ml/comparison-tables.ts';
import type { SideTable } from '../src/ml/comparison-page.ts';
import { markdownOf } from '../src/ml/comparison-text.ts';
import { compareModels, parseComparison } from '../src/ml/comparison.ts';
import { parseCsv } from '../src/ml/csv.ts';
import { isObject, objectIn, type Settings } from '../src/ml/params-file.ts';
import { cellText, columnOf } from '../src/ml/table.ts';

const ROOT = join(import.meta.dirname, '..');
const TARGETS = { housing: 'MedHouseVal', credit: 'Fraud', churn: 'Churn' } as const;
const SETS = ['housing', 'credit', 'churn'] as const;

const params = objectOf(parse(readFileSync(join(ROOT, 'params.yaml'), 'utf8')));
const parts = [
  '# Results',
  'Written by `npm run results` from `metrics/`, the records of the last run and `bench/ml/seeds.jsonl`. All data are invented (see [data](data.md)): a score says something about the programs, nothing about houses or customers.',
  dataPart(),
  ...parseComparison(objectIn(params, 'compare'))
    .toSorted((a, b) => SETS.indexOf(a.set as (typeof SETS)[number]) - SETS.indexOf(b.set as (typeof SETS)[number]))
    .map((spec) => markdownOf(compareModels(spec, (model) => readJson(`metrics/${spec.set}/${model}.json`)))),
  'The best model is chosen by cross-validation on training rows. "95 %" is an interval over rows drawn again; "cross-validated" is mean and standard deviation over all folds of all repeats. The dummy looks at no column.',
  sidePart(driftTable(filesIn('drift'))),
  sidePart(referenceTable(filesIn('reference'), ['r2', 'accuracy', 'roc_auc'])),
  seedsPart(),
  timesPart(),
];
writeFileSync(join(ROOT, 'docs/results.md'), `${parts.filter((part) => part !== '').join('\n\n')}\n`);

function dataPart(): string {
  const rows = SETS.map((set) => {
    const count = (part: string): number => tableIn(`${set}${part}`).rows;
    return [set, count(''), count('_train'), count('_test'), describeTarget(set)];
  });
  return `## Data\n\n${markdownTable(['set', 'rows', 'train', 'test', 'target'], rows)}`;
}

function describeTarget(set: (typeof SETS)[number]): string {
  const table = tableIn(set);
  const column = columnOf(table, TARGETS[set]);
  if (set === 'housing' && column.kind === 'number') {
    const mean = column.values.reduce((sum, value) => sum + value, 0) / table.rows;
    return `${column.name}, mean ${mean.toFixed(3)}`;
  }
  const ones = Array.from({ length: table.rows }, (_, row) => cellText(column, row)).filter(
    (text) => text === '1',
  ).length;
  return `${column.name}, ${ones} of ${table.rows}`;
}

function tableIn(name: string): ReturnType<typeof parseCsv> {
  return parseCsv(readFileSync(join(ROOT, `data/${name}.csv`)), { file: name });
}

function seedsPart(): string {
  const file = join(ROOT, 'bench/ml/seeds.jsonl');
  if (!existsSync(file)) return '';
  const lines = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => objectOf(JSON.parse(line)));
  const named = { housing: 'R2 on test rows', credit: 'F1 out of fold', churn: 'F1 on test rows' };
  const sets = SETS.map((set) => {
    const models = Object.keys(objectIn(lines[0] ?? {}, set));
    const scores = models.map((model) => lines.map((line) => Number(objectIn(line, set)[model])));
    const wins = models.map(
      (_, at) =>
        lines.filter((_line, seed) => scores.every((all) => (all[seed] ?? 0) <= (scores[at]?.[seed] ?? 0))).length,
    );
    const rows = models.map((model, at) => [model, ...spread(scores[at] ?? []), wins[at] ?? 0]);
    const lowest = Math.min(...lines.map((_, seed) => Math.max(...scores.map((all) => all[seed] ?? 0))));
    return `### ${set}: ${named[set]}\n\n${markdownTable(['model', 'mean', 'sd', 'lowest', 'highest', 'best in'], rows)}\n\nLowest score of the best model of a seed: ${lowest.toFixed(3)}.`;
  });
  return `## Other seeds\n\nThe baselines on data drawn with ${lines.length} other seeds.\n\n${sets.join('\n\n')}`;
}

function spread(all: readonly number[]): string[] {
  const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
  const sd = Math.sqrt(all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, all.length - 1));
  return [mean, sd, Math.min(...all), Math.max(...all)].map((value) => value.toFixed(3));
}

/** Times are no outs: they come from the records in the store, the newest of each stage. */
function timesPart(): string {
  const folder = join(ROOT, '.repro/records');
  if (!existsSync(folder)) return '';
  const newest = new Map<string, Settings>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const record = objectOf(JSON.parse(readFileSync(join(entry.parentPath, entry.name), 'utf8').split('\n')[0] ?? ''));
    const before = newest.get(String(record['stage']));
    if (Number(before?.['startedAtMs'] ?? 0) < Number(record['startedAtMs']))
      newest.set(String(record['stage']), record);
  }
  const lock = objectIn(objectOf(readJson('pipeline.lock')), 'stages');
  const seconds = [...newest].flatMap(([stage, record]) =>
    stage in lock ? [[stage, Number(record['durationMs']) / 1000] as const] : [],
  );
  const rows = seconds.toSorted((a, b) => b[1] - a[1]).map(([stage, time]) => [stage, time.toFixed(1)]);
  const sum = seconds.reduce((total, [, time]) => total + time, 0);
  const machine = `Node ${process.versions.node}, ${process.platform}-${process.arch}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`;
  return `## Times\n\nWall time of each stage in seconds, from its record; ${sum.toFixed(0)} s in sum, and two run at a time. ${machine}. A busy machine shows here.\n\n${markdownTable(['stage', 'seconds'], rows)}`;
}

function sidePart({ title, about, head, rows }: SideTable): string {
  return `## ${title}\n\n${about}\n\n${markdownTable(head, rows)}`;
}

function filesIn(folder: string): Map<string, unknown> {
  const files = SETS.map((set) => [set, `metrics/${folder}/${set}.json`] as const);
  return new Map(files.filter(([, file]) => existsSync(join(ROOT, file))).map(([set, file]) => [set, readJson(file)]));
}

function markdownTable(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const lines = [head, head.map((_, at) => (at === 0 ? '---' : '---:')), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(join(ROOT, file), 'utf8'));
}

function objectOf(value: unknown): Settings {
  if (isObject(value)) return value;
  throw new Error('a file does not hold an object');
}
