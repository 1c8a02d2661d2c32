// Every failpoint that a run can reach, found in the sources, so that a new one cannot be forgotten by the sweeps.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const SOURCE = join(import.meta.dirname, '../../src');

/** Pages, plots and the files of other commands are written whole or not at all, outside of runs. */
const OUTSIDE_RUNS = /^(?:report\/|cli\/(?!overrides\.ts|main\.ts))/;

/** Sorted names. Those that a recipe derives (`lock.before-rename`) are spelt out for each caller. */
export function failpointNames(): string[] {
  const texts = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !OUTSIDE_RUNS.test(name))
    .map((name) => readFileSync(join(SOURCE, name), 'utf8'));
  const names = new Set<string>();
  for (const text of texts) {
    for (const [, name] of text.matchAll(/failpoint\('([a-z.-]+)'\)/g)) names.add(name ?? '');
    for (const [, prefix] of text.matchAll(/point: '([a-z.-]+)'/g)) {
      names.add(`${prefix ?? ''}.before-rename`);
      names.add(`${prefix ?? ''}.after-rename`);
    }
  }
  return [...names].sort();
}
