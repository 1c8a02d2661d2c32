// The chain from raw rows to predictions and its file: exact after a reload, readable, and strict about what it is given.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { columnTypes, fitChain, parseChain, predictTable, renderChain, withThreshold } from '../../src/ml/chain.ts';
import type { Chain, ChainSpec } from '../../src/ml/chain.ts';
import { readRows, RowError } from '../../src/ml/chain-row.ts';
import { describeTarget, readTarget } from '../../src/ml/chain-target.ts';
import { parseCsv } from '../../src/ml/csv.ts';
import { renderCsv } from '../../src/ml/csv-write.ts';
import type { Features } from '../../src/ml/features.ts';
import { generateDataset } from '../../src/ml/generate.ts';
import { fitModel, modelFromJson } from '../../src/ml/model-kinds.ts';
import type { Model, ModelSpec, Target } from '../../src/ml/model.ts';
import { takeRows, type Table } from '../../src/ml/table.ts';

/** What trees read raw and what a linear model needs: the two ways that a chain is used. */
const LOGISTIC: ModelSpec = { kind: 'logistic_regression', params: {} };
const BOOSTING: ModelSpec = { kind: 'gradient_boosting', params: { n_estimators: 5 } };
const RIDGE: ModelSpec = { kind: 'ridge', params: {} };
const fitting =
  (model: ModelSpec) =>
  (features: Features, target: Target): Promise<Model> =>
    fitModel(model, features, target, { seed: 42 });

const churn = takeRows(
  generateDataset('churn', 42).train,
  Int32Array.from({ length: 800 }, (_, row) => row),
);
const spec: ChainSpec = {
  target: 'Churn',
  task: 'classification',
  encode: { impute: 'median', encode: 'one_hot', scale: 'standard' },
};
const fit = (change: Partial<ChainSpec> = {}, model = LOGISTIC): Promise<Chain> =>
  fitChain(churn, { ...spec, ...change }, fitting(model));
const reload = (chain: Chain): Promise<Chain> => parseChain(renderChain(chain), modelFromJson);

describe('a chain', () => {
  test('predicts the same bits after a reload, and writes the same bytes again', async () => {
    const chains = [
      await fit(),
      await fit({ encode: { impute: 'mean', encode: 'one_hot', scale: 'min_max' } }),
      await fit({ encode: {} }, BOOSTING),
    ];
    for (const fitted of chains) {
      const chain = withThreshold(fitted, 0.37);
      const again = await reload(chain);
      expect(renderChain(again)).toBe(renderChain(chain));
      expect(predictTable(again, churn)).toEqual(predictTable(chain, churn));
    }
  });

  test('predicts from raw columns in any order, without the target, with columns it does not know', async () => {
    const chain = await fit();
    const expected = predictTable(chain, churn);
    const shuffled = { rows: churn.rows, columns: churn.columns.toReversed() };
    expect(predictTable(chain, shuffled)).toEqual(expected);
    const without = { rows: churn.rows, columns: churn.columns.filter(({ name }) => name !== 'Churn') };
    expect(predictTable(chain, without)).toEqual(expected);
  });

  test('predicts a row alike alone and from a file whose types it names', async () => {
    const chain = await fit();
    const all = predictTable(chain, churn);
    const one = parseCsv(renderCsv(takeRows(churn, [5])), { types: columnTypes(chain) });
    expect(predictTable(chain, one).probabilities).toEqual(all.probabilities?.slice(10, 12));
  });

  test('never sees an ignored column', async () => {
    const chain = await fit({ ignore: ['Contract'] });
    expect(chain.encoder.columns.map(({ name }) => name)).not.toContain('Contract');
    await expect(fit({ ignore: ['contract'] })).rejects.toThrow('there is no column `contract`');
  });

  test('predicts the last class from the threshold on', async () => {
    const chain = await fit();
    const { probabilities, labels } = predictTable(withThreshold(chain, 0.6), churn);
    expect(new Set(labels)).toEqual(new Set(['0', '1']));
    expect(labels).toEqual(
      Array.from(labels ?? [], (_, row) => ((probabilities?.[2 * row + 1] ?? 0) >= 0.6 ? '1' : '0')),
    );
    const regression = await fit({ target: 'MonthlyCharges', task: 'regression' }, RIDGE);
    expect(() => withThreshold(regression, 0.5)).toThrow('a threshold needs a target of two classes');
    expect(predictTable(regression, churn)).toMatchObject({ labels: null, probabilities: null });
  });

  test('is a file that a person can read', async () => {
    const few = takeRows(churn, [0, 1, 2, 3, 4, 5, 6, 7]);
    const ignore = churn.columns.slice(2, 14).map(({ name }) => name);
    const text = renderChain(await fitChain(few, { ...spec, ignore }, fitting(LOGISTIC)));
    expect(text.split('\n').slice(0, 32).join('\n')).toMatchInlineSnapshot(`
      "{
        "format": "repro-model",
        "version": 1,
        "target": {
          "task": "classification",
          "name": "Churn",
          "classes": ["0","1"]
        },
        "threshold": null,
        "columns": [
          {
            "name": "Tenure",
            "kind": "number",
            "integer": true,
            "min": 0,
            "max": 68,
            "missing": 0,
            "fill": 42.5,
            "center": 35.625,
            "scale": 21.79413625267127
          },
          {
            "name": "Contract",
            "kind": "category",
            "levels": ["Month-to-month","One year","Two year"],
            "missing": 0,
            "fill": "Month-to-month",
            "encode": "one_hot"
          },
          {
            "name": "Paperless",
            "kind": "category","
    `);
  });
});

describe('a file that is no chain is refused with the place:', () => {
  const cases: [string, (file: Fields) => void, string][] = [];
  const bad = (place: string, message: string, change: (file: Fields) => void): void => {
    cases.push([place, change, message]);
  };
  bad('format', '`format` is not `repro-model`', (file) => (file.format = 'pickle'));
  bad('a newer version', 'has version 2, this program reads up to 1; update it', (file) => (file.version = 2));
  bad('target', '`target.name` is not text', (file) => (file.target = { task: 'regression' }));
  bad(
    'task',
    '`target.task` is not `regression` or `classification`',
    (file) => (file.target = { name: 'x', task: 'x' }),
  );
  bad('columns', '`columns` is not a list', (file) => (file.columns = {}));
  bad('a column', '`columns[0]` is not an object', (file) => (file.columns = [1]));
  bad(
    'a scale',
    '`columns[0].scale` is not another number than 0',
    (file) => (file.columns = [{ name: 'x', kind: 'number', missing: 0, scale: 0 }]),
  );
  bad(
    'levels',
    '`columns[0].levels` is not text',
    (file) => (file.columns = [{ name: 'x', kind: 'category', missing: 0, levels: [1] }]),
  );
  bad('threshold', '`threshold` is not a finite number', (file) => (file.threshold = 'NaN'));

  test.each(cases)('%s', async (_, change, message) => {
    const file = JSON.parse(renderChain(await fit())) as Fields;
    change(file);
    await expect(parseChain(JSON.stringify(file), modelFromJson)).rejects.toThrow(message);
  });

  test('text that is not JSON', async () => {
    await expect(parseChain('{', modelFromJson)).rejects.toThrow('the model file is not JSON');
    await expect(parseChain('[]', modelFromJson)).rejects.toThrow('`the file` is not an object');
  });
});

describe('rows as a server gets them', () => {
  const row = {
    Tenure: 3,
    Contract: 'One year',
    MonthlyCharges: 70,
    TotalCharges: null,
    InternetService: 'DSL',
    PaymentMethod: 'Credit card',
    Senior: 0,
    Partner: 'No',
    Dependents: 'No',
    MultipleLines: 'No',
    OnlineSecurity: 'No',
    OnlineBackup: 'No',
    TechSupport: 'No',
    StreamingServices: 1,
    Paperless: 'Yes',
  };
  const problemsOf = (chain: Chain, rows: readonly unknown[]): unknown => {
    try {
      readRows(chain, rows);
    } catch (error) {
      if (error instanceof RowError)
        return error.problems.map(({ row, field, message }) => `${row} ${field} ${message}`);
      throw error;
    }
    return [];
  };

  test('are predicted on as rows of a file are', async () => {
    const chain = await fit();
    const { table, warnings } = readRows(chain, [row, { ...row, more: 1 }]);
    expect(warnings).toEqual([]);
    const header = Object.keys(row).join(',');
    const csv = parseCsv(
      `${header}\n${Object.values(row)
        .map((v) => v ?? '')
        .join(',')}\n`,
      { types: columnTypes(chain) },
    );
    expect(predictTable(chain, table).probabilities?.slice(0, 2)).toEqual(predictTable(chain, csv).probabilities);
  });

  test('are refused with every field that is wrong', async () => {
    const { Partner: _, ...without } = row;
    const chain = await fit({ encode: {} }, BOOSTING);
    const bad = { ...without, Tenure: '3', Contract: 7, MonthlyCharges: Number.NaN, Senior: null, Paperless: true };
    expect(problemsOf(chain, [row, bad, 5])).toEqual([
      '1 Tenure must be a finite number, not "3"',
      '1 Contract must be text, not 7',
      '1 MonthlyCharges must be a finite number, not NaN',
      '1 Senior must not be null: it was never missing in training',
      '1 Partner is not there',
      '1 Paperless must be text, not true',
      '2  is not an object of fields',
    ]);
    expect(problemsOf(chain, [JSON.parse('{"__proto__": {"Tenure": 1}}')])).toContain('0 Tenure is not there');
  });

  test('come with a warning where training saw nothing like them', async () => {
    const { warnings } = readRows(await fit(), [{ ...row, Tenure: 500, Contract: 'Weekly', Senior: 0.5 }]);
    expect(warnings.map(({ field, message }) => `${field} ${message}`)).toEqual([
      'Tenure is 500, outside 0 to 72 of training',
      'Contract is "Weekly", which training never saw',
      'Senior is 0.5; training had whole numbers only',
    ]);
  });
});

describe('a target', () => {
  const table = parseCsv('n,t,f,m\n10,b,0.5,1\n9,a,1.5,\n10,b,2,2\n');

  test('has its classes in the order of size or of code units', () => {
    expect(describeTarget(table, 'n', 'classification')).toMatchObject({ classes: ['9', '10'] });
    expect(describeTarget(table, 't', 'classification')).toMatchObject({ classes: ['a', 'b'] });
    const target = readTarget(table, describeTarget(table, 't', 'classification'));
    expect(target).toMatchObject({ codes: Int32Array.of(1, 0, 1), classes: 2, labels: ['a', 'b'] });
  });

  test.each([
    ['t', 'regression', 'regression needs numbers, but the target `t` holds text such as `a`'],
    ['f', 'classification', 'the target `f` holds fractions, which are no classes; is this regression?'],
    ['m', 'classification', 'row 3: the target `m` is missing'],
    ['z', 'regression', 'there is no column `z`; the columns are `n`, `t`, `f`, `m`'],
  ] as const)('%s for %s is refused: %s', (name, task, message) => {
    expect(() => describeTarget(table, name, task)).toThrow(message);
  });

  test('is refused row by row: missing, or a class that training did not have', () => {
    const number = describeTarget(table, 'm', 'regression');
    expect(() => readTarget(table, number)).toThrow('row 3: the target `m` is missing');
    const classes = { task: 'classification', name: 't', classes: ['b'] } as const;
    expect(() => readTarget(table, classes)).toThrow('row 3: the class `a` is not one of `b`');
    const ids = parseCsv(`id\n${Array.from({ length: 300 }, (_, id) => id).join('\n')}\n`);
    expect(() => describeTarget(ids, 'id', 'classification')).toThrow('has 300 classes, more than 256');
  });
});

test('a chain survives its file whatever the cells are', async () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 });
  const cells = fc.array(fc.tuple(fc.double({ noNaN: true, min: -1e100, max: 1e100 }), text, fc.boolean()), {
    minLength: 4,
    maxLength: 12,
  });
  await fc.assert(
    fc.asyncProperty(cells, async (rows) => {
      const table = parseCsvOf(rows);
      const encode = { impute: 'mean', encode: 'one_hot', scale: 'standard' } as const;
      const chain = await fitChain(table, { target: 'y', task: 'regression', encode }, fitting(RIDGE));
      const again = await reload(chain);
      expect(predictTable(again, table)).toEqual(predictTable(chain, table));
      expect(renderChain(again)).toBe(renderChain(chain));
    }),
    { numRuns: 200 },
  );
});

type Fields = Record<string, unknown>;

function parseCsvOf(rows: readonly (readonly [number, string, boolean])[]): Table {
  const quoted = (value: string): string => `"${value.replaceAll('"', '""').replaceAll('\0', '0')}"`;
  const lines = rows.map(([x, c, y]) => `${x},${quoted(`_${c}`)},${Number(y)}`);
  return parseCsv(`x,c,y\n${lines.join('\n')}\n`, { types: { x: 'number', c: 'category' } });
}
