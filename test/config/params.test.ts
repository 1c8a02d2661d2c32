// Params files are read by their ending; keys find one value or say why not. The patterns themselves are compared with
// DVC's in dvc-answers.test.ts.
import { expect, test } from 'vitest';
import { lookUpParam, paramValues, readParams } from '../../src/config/params.ts';
import { shown } from './shown.ts';

const TEXT = 'train: {lr: 0.1, layers: [64, 32]}\nseed: 42\n"1": a\n2: b\n';

function values(keys: readonly string[]): ReturnType<typeof paramValues> {
  const { node } = readParams('params.yaml', TEXT, 'repro');
  if (!node) throw new Error('the params file cannot be read');
  return paramValues(node, keys, { file: 'params.yaml', dialect: 'repro' });
}

test('keys give typed values', () => {
  const found = values(['train.lr', 'seed', 'train.layers.1', 'train.l*s', 'train.layers', '1', '2']);
  expect(found.problems).toEqual([]);
  expect([...found.values.values()]).toEqual([0.1, 42n, 32n, [64n, 32n], [64n, 32n], 'a', 'b']);
});

test('a key that names nothing is a problem with the nearest key', () => {
  expect(shown(values(['train.lrr', 'layers.0']).problems)).toEqual([
    'params-key-missing `params.yaml` has no value `train.lrr` | did you mean `train.lr`?',
    'params-key-missing `params.yaml` has no value `layers.0`',
  ]);
});

test('a pattern that names several values is a problem that names them', () => {
  expect(shown(values(['train.*']).problems)).toEqual([
    'params-key-ambiguous `train.*` matches more than one value of `params.yaml`: `train.lr`, `train.layers`',
  ]);
});

test('Python params are refused with a way out', () => {
  expect(shown(readParams('params.py', 'a = 1', 'dvc').problems)).toEqual([
    'dvc-unsupported `params.py` is Python: params cannot be read from it | move the values into a YAML, JSON or TOML file',
  ]);
});

test('a hostile pattern takes no exponential time', () => {
  const { node } = readParams('p.json', `{"${'a'.repeat(5000)}": 1}`, 'dvc');
  if (!node) throw new Error('unread');
  expect(lookUpParam(node, `${'*a'.repeat(500)}b`, 'dvc').kind).toBe('missing');
});

test('a pattern of many `**` looks at each place once', () => {
  const { node } = readParams('p.yaml', `${'{a: '.repeat(90)}1${'}'.repeat(90)}`, 'repro');
  if (!node) throw new Error('the params file cannot be read');
  const many = '**.a.'.repeat(20);
  expect(lookUpParam(node, `${many}none`, 'repro')).toEqual({ kind: 'missing' });
  expect(lookUpParam(node, `${many}**`, 'repro').kind).toBe('ambiguous');
});
