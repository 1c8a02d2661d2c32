// Texts become nodes with places, or Problems; the three formats, their limits, and what each mistake looks like.
import { describe, expect, test } from 'vitest';
import { toValue } from '../../src/config/node.ts';
import type { MapNode, Node } from '../../src/config/node.ts';
import { readParams } from '../../src/config/params.ts';
import { CONFIG_LIMITS, parseYaml } from '../../src/config/yaml.ts';
import { canon } from './dvc-reading.ts';
import { pointed, shown } from './shown.ts';

function read(text: string | Uint8Array, dialect: 'repro' | 'dvc' = 'repro'): string[] {
  return shown(parseYaml('f.yaml', text, { dialect }).problems);
}

function mapOf(node: Node | undefined): MapNode {
  if (node?.kind !== 'map') throw new Error('not a map');
  return node;
}

describe('a syntax error names its place', () => {
  const cases: readonly [string, string][] = [
    [
      'a: [1\nb: 2\n',
      'yaml-syntax 2:1+1 flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    ['a: "x\n', 'yaml-syntax 1:5+1 missing closing "quote'],
    ['a: b: c', 'yaml-syntax 1:4+1 nested mappings are not allowed in compact mappings'],
    ['a:\n\tb: 1', 'yaml-syntax 2:1+1 tabs are not allowed as indentation'],
    ['  a: 1\n b: 2\n', 'yaml-syntax 2:2+1 unexpected scalar at node end'],
    ['a: 1\n---\nb: 2\n', 'yaml-syntax 2:1+3 a second YAML document starts here, one is expected'],
    ['a: *x', 'yaml-syntax 1:4+2 no anchor `&x` stands before this alias'],
    ['a: &x [*x]', 'yaml-syntax 1:8+2 the alias `*x` is a part of itself'],
    ['a: !py x', 'yaml-syntax 1:8+1 the tag `!py` is not supported'],
    ['a: \u0001', 'yaml-syntax 1:4+1 the character U+0001 is not allowed in YAML'],
    ['<<: 3', 'type-wrong 1:5+1 `<<` merges a map or a list of maps'],
    ['? [a]\n: 1', 'type-wrong 1:3+3 a key is a scalar, not a list'],
  ];
  for (const [text, problem] of cases) test(JSON.stringify(text), () => expect(read(text)).toEqual([problem]));

  test('the conflict markers of a merge are called by their name, once', () => {
    expect(read('a: 0\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> other\n')).toEqual([
      'yaml-syntax 2:1+12 the file holds the conflict markers of a merge | resolve the conflict first',
    ]);
  });
});

describe('keys', () => {
  test('a key that stands twice is a problem at the second', () => {
    expect(read('a: 1\nb: {x: 1, x: 2}\na: 2\n')).toEqual([
      'key-duplicate 2:11+1 the key `x` stands twice in this map',
      'key-duplicate 3:1+1 the key `a` stands twice in this map',
    ]);
  });

  test('keys that would reach the prototype of an object are refused, and read as they are for DVC', () => {
    for (const key of ['__proto__', 'constructor', 'prototype']) {
      const problem = `key-forbidden 1:5+${key.length} the key \`${key}\` is not allowed | give it another name`;
      expect(read(`x: {${key}: 1}`)).toEqual([problem]);
      expect(canon(mapOf(parseYaml('f', `x: {${key}: 1}`, { dialect: 'dvc' }).node))).toBe(`{"x":{"${key}":1}}`);
    }
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  test('merged keys come first and give way to the own ones', () => {
    const text = 'd: &d {a: 1, b: 2}\ne: {<<: *d, b: 3, c: 4}\n';
    expect(canon(mapOf(parseYaml('f', text, { dialect: 'repro' }).node))).toBe(
      '{"d":{"a":1,"b":2},"e":{"a":1,"b":3,"c":4}}',
    );
  });
});

describe('scalars of our dialect follow the core schema of YAML 1.2', () => {
  const cases: readonly [string, string][] = [
    ['yes', '"yes"'],
    ['on', '"on"'],
    ['True', 'true'],
    ['~', 'null'],
    ['', 'null'],
    ['Null', 'null'],
    ['017', '17'],
    ['0o17', '15'],
    ['0xFF', '255'],
    ['0b11', '"0b11"'],
    ['1_000', '"1_000"'],
    ['1e3', 'f1000.0'],
    ['1.', 'f1.0'],
    ['.5', 'f0.5'],
    ['-.inf', 'f-inf'],
    ['.NaN', 'fnan'],
    ['2020-01-01', '"2020-01-01"'],
    ['"1"', '"1"'],
    ['12345678901234567890123', '12345678901234567890123'],
    ['!!str 1', '"1"'],
    ['!!int "1"', '1'],
    ['! 1', '"1"'],
    ['1', '1'],
    ['1.0', 'f1.0'],
    ['-0', '0'],
    ['-0.0', 'f-0.0'],
  ];
  for (const [text, value] of cases) {
    test(`${text} is ${value}`, () => {
      const { node, problems } = parseYaml('f', `v: ${text}\n`, { dialect: 'repro' });
      expect(problems).toEqual([]);
      expect(canon(mapOf(node).get('v') ?? mapOf(node))).toBe(value);
    });
  }
});

describe('what DVC can make nothing of has a place', () => {
  const cases: readonly [string, string][] = [
    ['a: 0b_', 'yaml-syntax 1:4+3 `0b_` is not an integer'],
    ['a: ._', 'yaml-syntax 1:4+2 `._` is not a float'],
    ['v: 2020-13-01', 'yaml-syntax 1:4+10 `2020-13-01` is not a date'],
    ['v: =', 'yaml-syntax 1:4+1 a plain `=` has no meaning as a value'],
    ['v: !py x', 'dvc-unsupported 1:8+1 the tag `!py` is not supported'],
  ];
  for (const [text, problem] of cases) test(text, () => expect(read(text, 'dvc')).toEqual([problem]));
});

describe('limits', () => {
  test('a file that is too large is not read', () => {
    const limits = { ...CONFIG_LIMITS, sizeBytes: 10 };
    const { problems } = parseYaml('f.yaml', 'a: 12345678', { dialect: 'repro', limits });
    expect(shown(problems)).toEqual(['file-too-large `f.yaml` has 11 bytes, the limit is 10']);
  });

  test('depth is bounded, for texts far beyond what the stack carries too', () => {
    expect(read(`${'['.repeat(101)}${']'.repeat(101)}`)).toEqual([
      'yaml-limit 1:101+2 the YAML is nested more than 100 levels deep',
    ]);
    for (const text of [
      '['.repeat(20_000),
      '- '.repeat(10_000),
      '{a: '.repeat(10_000),
      '? '.repeat(10_000),
      '"\n'.repeat(10_000),
    ]) {
      expect(parseYaml('f', text, { dialect: 'dvc' }).problems[0]?.code).toMatch(/^yaml-/);
    }
  });

  test('aliases count as what they repeat', () => {
    const lines = ['a: &a [x,x,x,x,x,x,x,x,x,x]'];
    for (const [from, to] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg', 'gh']) {
      lines.push(`${to}: &${to} [${Array.from({ length: 10 }, () => `*${from}`).join(',')}]`);
    }
    expect(read(lines.join('\n'))).toEqual([
      'yaml-limit 6:29+2 the YAML has more than 1000000 values, counted with what its aliases repeat',
    ]);
  });

  test('aliases of aliases are as deep as what they stand for', () => {
    const lines = [
      'a0: &a0 [1]',
      ...[1, 2, 3].map((n) => `a${n}: &a${n} ${'['.repeat(40)}*a${n - 1}${']'.repeat(40)}`),
    ];
    expect(read(lines.join('\n'))).toEqual(['yaml-limit 4:49+3 the YAML is nested more than 100 levels deep']);
    expect(read(lines.slice(0, 3).join('\n'))).toEqual([]);
  });

  test('merges count too', () => {
    const wide = Array.from({ length: 2000 }, (_, n) => `k${n}: 1`).join(', ');
    const text = `a: &a {${wide}}\n${Array.from({ length: 1000 }, (_, n) => `m${n}: {<<: *a}\n`).join('')}`;
    expect(parseYaml('f', text, { dialect: 'repro' }).problems[0]?.code).toBe('yaml-limit');
  });

  test.each(['"\n', "'\n", '*a\n', '&a ', '!a\n', '?\n', ':\n', ']\n', '%\n', '---\n'])(
    'a large text that is nothing but %j is refused before anything is built of it',
    (unit) => {
      const text = unit.repeat(Math.ceil((1 << 20) / unit.length));
      const limits = { ...CONFIG_LIMITS, nodes: 10_000 };
      expect(parseYaml('f', text, { dialect: 'dvc', limits }).problems[0]?.code).toBe('yaml-limit');
    },
  );

  test('an integer of thousands of digits is refused', () => {
    expect(read(`a: ${'9'.repeat(5000)}`)).toEqual(['yaml-limit 1:4+5000 an integer has more than 4300 digits']);
  });

  test('a text of very many values is stopped before it becomes a tree', () => {
    const { problems } = parseYaml('f', `[${'a,'.repeat(600_000)}]`, {
      dialect: 'repro',
      limits: { ...CONFIG_LIMITS, nodes: 100_000 },
    });
    expect(problems[0]?.code).toBe('yaml-limit');
  });
});

describe('encoding', () => {
  test('bytes that are not UTF-8 have a place', () => {
    expect(read(Buffer.from([0x61, 0x3a, 0x20, 0xc3, 0x28]))).toEqual([
      'encoding-invalid 1:4+1 `f.yaml` is not UTF-8: it has the byte 0x28 | save the file as UTF-8',
    ]);
    expect(read(Buffer.from([0x61, 0x0a, 0xe2, 0x82]))).toEqual([
      'encoding-invalid 2:1+1 `f.yaml` is not UTF-8: it ends in the middle of a character | save the file as UTF-8',
    ]);
    expect(read(Buffer.from('\ufeffa: 1\n', 'utf16le'))[0]).toMatch(/^encoding-invalid/);
  });

  test('a byte order mark and the line ends of Windows change nothing', () => {
    const { node } = parseYaml('f', Buffer.from('\ufeffa: |\r\n  x\r\n  y\r\nb: 1\r\n'), { dialect: 'repro' });
    expect(canon(mapOf(node))).toBe('{"a":"x\\ny\\n","b":1}');
    expect(mapOf(node).entry('b')?.keySpan).toEqual({ file: 'f', line: 4, column: 1, length: 1, text: 'b: 1' });
  });
});

describe('places', () => {
  const text = 'stages:\n  träin:\n    cmd: "a  b"   # why\n    deps: [x, "y z"]\n';
  const root = mapOf(parseYaml('p.yaml', text, { dialect: 'repro' }).node);
  const stage = mapOf(root.get('stages')).entry('träin');

  test('keys and values have their line and column', () => {
    expect(stage?.keySpan).toEqual({ file: 'p.yaml', line: 2, column: 3, length: 5, text: '  träin:' });
    const fields = mapOf(stage?.value);
    expect(fields.get('cmd')?.span).toMatchObject({ line: 3, column: 10, length: 6 });
    const deps = fields.get('deps');
    expect(deps?.kind === 'list' && deps.items.map((item) => item.span.column)).toEqual([12, 15]);
  });

  test('a value over several lines is shown by its first', () => {
    expect(mapOf(stage?.value).span).toMatchObject({ line: 3, column: 5, text: '    cmd: "a  b"   # why' });
  });

  test('lines that DVC takes although they are not indented keep their places', () => {
    const { node } = parseYaml('f', 's:\n  d: [a,\n  b,\n"c\nd"]\n  e: 1\n', { dialect: 'dvc' });
    const list = mapOf(mapOf(node).get('s')).get('d');
    expect(list?.kind === 'list' && list.items.map((item) => [item.span.line, item.span.column])).toEqual([
      [2, 7],
      [3, 3],
      [4, 1],
    ]);
    expect(mapOf(mapOf(node).get('s')).entry('e')?.keySpan.line).toBe(6);
  });
});

test('an empty file is an empty map', () => {
  for (const text of ['', '# nothing\n', '---\n', '~\n']) {
    expect(toValue(mapOf(parseYaml('f', text, { dialect: 'repro' }).node))).toEqual(new Map());
  }
});

test('10,000 stages are read with a number of nodes that grows as the text does', () => {
  const stages = Array.from(
    { length: 10_000 },
    (_, n) => `  s${n}:\n    cmd: echo ${n} > out${n}\n    deps: [a${n}, b]\n    outs: [out${n}]\n`,
  );
  const { node, problems } = parseYaml('f', `stages:\n${stages.join('')}`, { dialect: 'repro' });
  expect(problems).toEqual([]);
  expect(mapOf(mapOf(node).get('stages')).entries.length).toBe(10_000);
  expect(mapOf(mapOf(node).get('stages')).entry('s9999')?.keySpan.line).toBe(4 * 9999 + 2);
});

describe('JSON and TOML', () => {
  const cases: readonly [string, string, string][] = [
    ['p.json', '{"a": 1,}', 'json-syntax 1:9+1 a key in double quotes is expected'],
    ['p.json', '{"a" 1}', 'json-syntax 1:6+1 a `:` is expected after the key'],
    ['p.json', '', 'json-syntax 1:1+1 the JSON ends where a value is expected'],
    ['p.json', '[1, 2', 'json-syntax 1:6+1 a `,` or `]` is expected'],
    ['p.json', '{"a": "x\ny"}', 'json-syntax 1:9+1 a string is not closed on its line'],
    ['p.json', '{"a": 01}', 'json-syntax 1:8+1 a `,` or `}` is expected'],
    ['p.json', '{"a": "\\x"}', 'json-syntax 1:8+1 this escape is not known in JSON'],
    ['p.json', '1 2', 'json-syntax 1:3+1 something stands after the end of the JSON value'],
    ['p.json', '{"a": 1, "a": 2}', 'key-duplicate 1:10+3 the key `a` stands twice in this map'],
    ['p.json', '{"__proto__": 1}', 'key-forbidden 1:2+11 the key `__proto__` is not allowed | give it another name'],
    ['p.json', '['.repeat(101), 'yaml-limit 1:101+1 the JSON is nested more than 100 levels deep'],
    ['p.toml', 'a = \n', 'toml-syntax 1:5+1 invalid value'],
    ['p.toml', 'a = 1\na = 2\n', 'toml-syntax 2:1+1 trying to redefine an already defined table or value'],
    [
      'p.toml',
      '[t]\nconstructor = 1\n',
      'key-forbidden 2:1+11 the key `constructor` is not allowed | give it another name',
    ],
  ];
  for (const [file, text, problem] of cases) {
    test(`${file} ${JSON.stringify(text.slice(0, 20))}`, () => {
      expect(shown(readParams(file, text, 'repro').problems)).toEqual([problem]);
    });
  }

  test('JSON keeps integers and floats apart and has places', () => {
    const { node } = readParams('p.json', '{\n  "a": [1, 1.0, 1e2, -0, NaN],\n  "b": "\\u00e9\\n"\n}', 'repro');
    expect(canon(mapOf(node))).toBe('{"a":[1,f1.0,f100.0,0,fnan],"b":"é\\n"}');
    expect(
      pointed({
        code: 'internal',
        severity: 'error',
        message: '',
        span: mapOf(node).entry('b')?.keySpan ?? mapOf(node).span,
      }),
    ).toBe('"b"');
  });

  test('TOML has the depth of the other formats, by dotted keys too', () => {
    const deep = (levels: number): string[] =>
      shown(readParams('p.toml', `${Array.from({ length: levels }, () => 'a').join('.')} = 1\n`, 'repro').problems);
    expect(deep(99)).toEqual([]);
    expect(deep(20_000)).toEqual(['yaml-limit 1:1+1 the TOML is nested more than 100 levels deep']);
  });

  test('TOML keeps integers and floats apart, and its keys have the order and places of the file', () => {
    const { node } = readParams('p.toml', 'b = 1\n2 = 1.0\n1 = "x"\n[t.u]\nx = [1, 2]\n[[r]]\ny = true\n', 'repro');
    expect(canon(mapOf(node))).toBe('{"b":1,"2":f1.0,"1":"x","t":{"u":{"x":[1,2]}},"r":[{"y":true}]}');
    const u = mapOf(mapOf(mapOf(node).get('t')).get('u'));
    expect(u.entry('x')?.keySpan).toMatchObject({ line: 5, column: 1 });
  });
});
