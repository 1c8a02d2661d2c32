// The small tables at the end of a comparison: drift and the models of other libraries. Knows no file.
import type { SideTable } from './comparison-page.ts';
import { three } from './comparison-text.ts';
import { numberAt } from './comparison.ts';
import { isObject } from './params-file.ts';
import { DataError } from './table.ts';

/** Name of a data set -> its parsed file. */
export type NamedFiles = ReadonlyMap<string, unknown>;

export function driftTable(files: NamedFiles): SideTable {
  const count = (file: unknown, ...path: string[]): string => String(numberAt(file, ...path));
  return {
    title: 'Drift',
    about: 'The test rows against the training rows: as they are, and with a known shift planted.',
    head: ['Set', 'Drifted as they are', 'Drifted with shift', 'Planted', 'Found', 'False alarms'],
    rows: [...files].map(([set, file]) => [
      set,
      `${count(file, 'unshifted', 'drifted')} of ${count(file, 'unshifted', 'tested')}`,
      `${count(file, 'shifted', 'drifted')} of ${count(file, 'shifted', 'tested')}`,
      count(file, 'planted', 'columns'),
      count(file, 'planted', 'found'),
      count(file, 'false_alarms'),
    ]),
  };
}

export function referenceTable(files: NamedFiles, shown: readonly string[]): SideTable {
  const rows = [...files].flatMap(([set, file]) => {
    const models = isObject(file) ? file['models'] : undefined;
    if (!isObject(models)) throw new DataError(`the reference of ${set} has no \`models\``);
    return Object.entries(models).map(([model, own]) => [
      set,
      model,
      String(numberAt(file, 'rows', 'train')),
      ...shown.map((key) =>
        isObject(own) && isObject(own['test']) && key in own['test'] ? three(numberAt(own, 'test', key)) : '',
      ),
    ]);
  });
  return {
    title: 'Other libraries',
    about: 'Models of ml-random-forest and ml-logistic-regression beside ours, all on the same small sample.',
    head: ['Set', 'Model', 'Rows', ...shown],
    rows,
  };
}
