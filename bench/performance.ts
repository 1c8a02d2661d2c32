// Writes the figures of docs/performance.md from the raw numbers of `npm run bench`: no figure of the table is written by hand.
//   node bench/performance.ts [RAW.json...]     without names: the newest file in bench/results/
// Of several files, the last one that holds a suite gives its lines. Runs with --quick or at another scale are refused.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchResults } from './all.ts';
import { machineText } from './machine.ts';
import { markdownOf } from './table.ts';

const PAGE = join(import.meta.dirname, '../docs/performance.md');
const RESULTS = join(import.meta.dirname, 'results');
const [BEGIN, END] = ['<!-- figures: begin -->', '<!-- figures: end -->'];

const named = process.argv.slice(2);
const files = named.length > 0 ? named : newest();
const all = files.map((file) => JSON.parse(readFileSync(file, 'utf8')) as BenchResults);
process.exitCode = write();

function write(): number {
  if (all.length === 0) return refuse('there are no raw numbers: run `npm run bench` first');
  const small = files.filter((_, at) => all[at]?.version !== 2 || all[at].isQuick || all[at].scale !== 1);
  if (small.length > 0) return refuse(`not a run at full scale: ${small.join(', ')}`);
  const page = readFileSync(PAGE, 'utf8');
  const [before, rest = ''] = page.split(BEGIN);
  const after = rest.split(END)[1];
  if (before === undefined || after === undefined) return refuse(`docs/performance.md has no ${BEGIN} and ${END}`);
  writeFileSync(PAGE, `${before}${BEGIN}\n\n${figures()}\n\n${END}${after}`);
  return 0;
}

function refuse(why: string): number {
  console.error(why);
  return 2;
}

function figures(): string {
  const suites = new Map(all.flatMap(({ results }) => Object.entries(Object.groupBy(results, ({ suite }) => suite))));
  const results = [...suites.values()].flatMap((each) => each ?? []);
  const machines = [
    ...new Set(all.map(({ machine, seconds }) => `${machineText(machine)}; ${Math.round(seconds / 60)} minutes.`)),
  ];
  return `${machines.join('\n\n')}\n\n${markdownOf(results)}`;
}

function newest(): string[] {
  const names = readdirSync(RESULTS).filter((name) => name.endsWith('.json'));
  return names
    .toSorted()
    .slice(-1)
    .map((name) => join(RESULTS, name));
}
