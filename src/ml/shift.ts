// Plants a known shift in a table, to see whether it is found: scaled or moved numbers, a level that spreads, cells that go
// missing. Knows no drift test. Invariant: columns that the plan does not name keep every cell.
import { refuseOtherKeys, isObject, type Settings } from './params-file.ts';
import { UsageError } from './program.ts';
import { createRandom, derive } from './random.ts';
import { columnOf, DataError, tableOf, type Column, type Table } from './table.ts';

export interface ColumnShift {
  /** Numbers become x * scale + add. */
  readonly scale: number;
  readonly add: number;
  /** This share of the cells becomes `level` (a text, or a number in a column of numbers). */
  readonly level: string | number | null;
  readonly share: number;
  /** This share of the cells goes missing. */
  readonly missing: number;
}

export type ShiftPlan = ReadonlyMap<string, ColumnShift>;

/** `{ "MedInc": { "scale": 1.2 }, "Region": { "level": "north", "share": 0.3 }, "Age": { "missing": 0.1 } }` */
export function parseShift(settings: Settings): ShiftPlan {
  return new Map(
    Object.entries(settings).map(([name, value]) => {
      if (!isObject(value)) throw wrong(name, 'an object', value);
      refuseOtherKeys(value, `the shift of \`${name}\``, ['scale', 'add', 'level', 'share', 'missing']);
      const level = value['level'] ?? null;
      if (level !== null && typeof level !== 'string' && typeof level !== 'number') {
        throw wrong(`${name}.level`, 'a text or a number', level);
      }
      const scale = numberAt(value, name, 'scale', 1);
      const add = numberAt(value, name, 'add', 0);
      const share = shareAt(value, name, 'share');
      if ((level === null) !== (share === 0)) {
        const message = `the shift of \`${name}\` needs \`level\` and a \`share\` above 0 together`;
        throw new UsageError(message, { showUsage: false });
      }
      return [name, { scale, add, level, share, missing: shareAt(value, name, 'missing') }];
    }),
  );
}

/** Columns whose present values were changed: those that a test of drift should name. */
export function shiftedColumns(plan: ShiftPlan): string[] {
  return [...plan].filter(([, { scale, add, share }]) => scale !== 1 || add !== 0 || share > 0).map(([name]) => name);
}

export function plantShift(table: Table, plan: ShiftPlan, seed: number): Table {
  for (const name of plan.keys()) columnOf(table, name);
  return tableOf(
    table.columns.map((column) => {
      const shift = plan.get(column.name);
      return shift === undefined ? column : shiftColumn(column, shift, derive(seed, 'shift', column.name));
    }),
  );
}

function shiftColumn(column: Column, { scale, add, level, share, missing }: ColumnShift, seed: number): Column {
  const random = createRandom(seed);
  // Two draws for each cell, used or not: the plan for one kind of change leaves the other alone.
  if (column.kind === 'number') {
    if (level !== null && typeof level !== 'number') throw misfit(column, level);
    const values = column.values.map((value) => {
      const [spreads, goes] = [random.uniform() < share, random.uniform() < missing];
      if (goes) return Number.NaN;
      return spreads && level !== null ? level : value * scale + add;
    });
    const integer = values.every((value) => Number.isSafeInteger(value));
    return { ...column, values, integer };
  }
  if (scale !== 1 || add !== 0) throw new DataError(`\`${column.name}\` holds text, which cannot be scaled or moved`);
  const known = column.levels.indexOf(String(level));
  if (level !== null && known < 0) throw misfit(column, level);
  const codes = column.codes.map((code) => {
    const [spreads, goes] = [random.uniform() < share, random.uniform() < missing];
    if (goes) return -1;
    return spreads && level !== null ? known : code;
  });
  return { ...column, codes };
}

function misfit(column: Column, level: string | number): DataError {
  return new DataError(`\`${column.name}\` has no level ${JSON.stringify(level)} that could spread`);
}

function numberAt(shift: Settings, name: string, key: string, fallback: number): number {
  const value = shift[key] ?? fallback;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw wrong(`${name}.${key}`, 'a number', value);
}

function shareAt(shift: Settings, name: string, key: string): number {
  const value = numberAt(shift, name, key, 0);
  if (value >= 0 && value < 1) return value;
  throw wrong(`${name}.${key}`, 'a share from 0 to below 1', value);
}

function wrong(where: string, expected: string, value: unknown): UsageError {
  const message = `the shift \`${where}\` must be ${expected}, not ${JSON.stringify(value)}`;
  return new UsageError(message, { showUsage: false });
}
