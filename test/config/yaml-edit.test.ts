// Setting values in params files: what is changed, what stays as it was to the byte, and what is refused.
import { describe, expect, test } from 'vitest';
import { setValues } from '../../src/config/yaml-edit.ts';

/** The text after `key=value`, or what is said against it. */
function set(text: string, override: string, file = 'p.yaml'): string {
  const at = override.indexOf('=');
  const result = setValues(file, text, [{ key: override.slice(0, at), value: override.slice(at + 1) }]);
  return result.text ?? result.problems.map(({ code, message }) => `${code}: ${message}`).join('\n');
}

describe('a value that is there is replaced, and nothing else', () => {
  test.each([
    ['a float stays one', 'lr: 0.1 # rate\n', 'lr=1.0', 'lr: 1.0 # rate\n'],
    ['a number is written as typed', 'lr: 0.1\n', 'lr=1.50e-3', 'lr: 1.50e-3\n'],
    [
      'large integers are exact',
      'id: 1\nn: 12345678901234567891\n',
      'id=98765432109876543210',
      'id: 98765432109876543210\nn: 12345678901234567891\n',
    ],
    ['line ends and odd spacing stay', 'a:   1\r\nl:\r\n- {x: 1}\r\n', 'a=2', 'a:   2\r\nl:\r\n- {x: 1}\r\n'],
    ['quotes stay quotes', 'a: "x"\nb: \'y\'\n', "b=it's", "a: \"x\"\nb: 'it''s'\n"],
    ['a text that would end a list gets quotes', 'l: [a, b]\n', 'l.0=x, y', 'l: ["x, y", b]\n'],
    ['an alias alone', 'a: &x 1\nb: *x\n', 'b=5', 'a: &x 1\nb: 5\n'],
    ['a value of several lines', 'a: |\n  x\n  y\nb: 1\n', 'a=z', 'a: z\nb: 1\n'],
    ['nothing', 'a: # why\nb: 1\n', 'a=2', 'a: 2 # why\nb: 1\n'],
    ['a list below its key', 'l: # of it\n- 1\n- 2\nm: {a: 1}\n', 'l=[3, 4]', 'l: [3, 4] # of it\nm: {a: 1}\n'],
    ['by nothing', 'a: 1\n', 'a=', 'a: null\n'],
    ['under a key that is a number', '1: a\n2: b\n', '2=c', '1: a\n2: c\n'],
    ['behind a mark', '\ufeffa: 1\n', 'a=2', '\ufeffa: 2\n'],
  ])('%s', (_, before, override, after) => expect(set(before, override)).toBe(after));
});

describe('a key that is not there is added behind the last of its map', () => {
  test.each([
    ['b:\n  c: 1 # one\n\n# end\n', 'b.d=2', 'b:\n  c: 1 # one\n  d: 2\n\n# end\n'],
    ['a: 1', 'b.c=x', 'a: 1\nb:\n  c: x\n'],
    ['- a: 1\n- c\n', '0.d=3', '- a: 1\n  d: 3\n- c\n'],
    ['m: {a: 1}\n', 'm.b=2', 'm: {a: 1, b: 2}\n'],
    ['# only\n', 'a=1', '# only\na: 1\n'],
    ['train:\nx: 16\n', 'train.lr=1', 'train:\n  lr: 1\nx: 16\n'],
    ['l:\n- 1\nn: 12345678901234567891\n', 'l.1=2', 'l:\n- 1\n- 2\nn: 12345678901234567891\n'],
  ])('%j with %s', (before, override, after) => expect(set(before, override)).toBe(after));
});

test.each([
  ['{"id": 1, "name": "x"}\n', 'name=y', '{"id": 1, "name": "y"}\n'],
  ['{\n  "id": 1\n}\n', 'new.k=[1, a, 2.0]', '{\n  "id": 1,\n  "new": {"k": [1, "a", 2.0]}\n}\n'],
  ['{}', 'a=true', '{"a": true}'],
  ['{"a": [1]}', 'a.1=x', '{"a": [1, "x"]}\n'],
  ['{"a": 1}', 'a=.nan', 'usage: `.nan` is no value of JSON'],
])('JSON stays JSON: %j with %s', (before, override, after) => {
  expect(set(before, override, 'p.json')).toBe(after);
});

test.each([
  ['a: 1\n', 'a.b=2', 'params-key-missing: `a.b` cannot be set in `p.yaml`: a part of it is no map'],
  ['a: &x {k: 1}\nb: *x\n', 'b.k=5', 'params-key-missing: `b.k` cannot be set in `p.yaml`: a part of it is no map'],
  ['- 1\n', 'a=2', 'params-key-missing: `a` cannot be set in `p.yaml`: a part of it is no map'],
  ['5\n', 'a=2', 'params-key-missing: `a` cannot be set in `p.yaml`: a part of it is no map'],
  ['a: [1\n', 'a=2', 'yaml-syntax: `p.yaml` cannot be read: Flow sequence'],
  ['a: 1\n', 'a=[1', 'usage: `[1` is no value: Flow sequence'],
])('what cannot be set is said: %j with %s', (before, override, said) => expect(set(before, override)).toContain(said));

test('several values are set one after the other, and one that cannot be set keeps all of them out', () => {
  const two = [
    { key: 'a', value: '2' },
    { key: 'm.k', value: 'x' },
  ];
  expect(setValues('p.yaml', 'a: 1\n', two).text).toBe('a: 2\nm:\n  k: x\n');
  expect(setValues('p.yaml', 'a: 1\n', [...two, { key: 'a.b', value: '1' }])).toEqual({
    problems: [expect.objectContaining({ code: 'params-key-missing' })],
  });
});
