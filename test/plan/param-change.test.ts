import { expect, test } from 'vitest';
import { paramLeaves } from '../../src/plan/param-change.ts';

const change = (before: string | null, after: string | null, key = 'a'): Parameters<typeof paramLeaves>[0] => ({
  file: 'p.yaml',
  key,
  before,
  after,
});

test('a section that differs is taken apart into the values that differ', () => {
  const before = '{"keep":1,"lr":0.1,"net":{"depth":2,"gone":true}}';
  const after = '{"keep":1,"lr":0.2,"net":{"depth":3},"with space":1}';
  expect(paramLeaves(change(before, after))).toEqual([
    change('0.1', '0.2', 'a.lr'),
    change('2', '3', 'a.net.depth'),
    change('true', null, 'a.net.gone'),
    change(null, '1', 'a["with space"]'),
  ]);
});

test('lists, plain values and a section that takes the place of a value stay whole', () => {
  for (const [before, after] of [
    ['[1,2]', '[1,3]'],
    ['1', '1.0'],
    ['1', '{"b":1}'],
    [null, '2'],
  ] as const)
    expect(paramLeaves(change(before, after))).toEqual([change(before, after)]);
});

test('a new section names each of its values', () => {
  expect(paramLeaves(change(null, '{"b":1,"c":{"d":2}}')).map((leaf) => leaf.key)).toEqual(['a.b', 'a.c.d']);
});
