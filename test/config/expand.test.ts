// Repeated stages: what is refused and where, `include` and `exclude`, and the cost of many. What DVC has too is compared
// with it in dvc-answers.test.ts.
import { describe, expect, test } from 'vitest';
import { readProject, shown } from './shown.ts';

const PARAMS = 'a: 1\nl: [p, q]\ns: w\n';

function stages(text: string, limit?: number): { problems: string[]; resolved: Readonly<Record<string, string>> } {
  const { problems, resolved } = readProject({ 'pipeline.yaml': text, 'params.yaml': PARAMS }, 'repro', limit);
  return { problems: shown(problems), resolved };
}

function matrix(axes: string, limit?: number): string[] {
  const { problems, resolved } = stages(`stages:\n  t:\n    matrix: ${axes}\n    cmd: \${key} \${item}\n`, limit);
  return problems.length > 0 ? problems : Object.entries(resolved).map(([name, fields]) => `${name} ${fields}`);
}

describe('what cannot be repeated is a problem', () => {
  const cases: readonly [string, string][] = [
    ['{}', 'matrix-empty 3:13+2 `matrix` has no axis'],
    ['{x: []}', 'matrix-empty 3:5+6 `t` expands to no stage'],
    ['{x: [1], exclude: [{x: 1}]}', 'matrix-empty 3:5+6 `t` expands to no stage'],
    ['{x: abc}', 'type-wrong 3:17+3 the axis `x` is a list, not a string'],
    ['{x: "${s}"}', 'type-wrong 3:17+6 the axis `x` is a list, not a string'],
    ['[1]', 'type-wrong 3:13+3 `matrix` is a map, not a list'],
    [
      '{x: [1, 1]}',
      'stage-duplicate 3:5+6 two stages are called `t@1` | make the values differ: each stage needs a name of its own',
    ],
    ['{x: ["a@b"]}', 'stage-name-invalid 3:5+6 the stage name `t@a@b` has a second `@`'],
    ['{x: [""]}', 'stage-name-invalid 3:5+6 the stage name `t@` ends in nothing: the value is empty'],
    ['{x: ["a\\nb"]}', 'stage-name-invalid 3:5+6 the stage name `t@a\nb` has a control character'],
    [
      '{x: [1, 2], exclude: [{xx: 1}]}',
      'value-invalid 3:36+2 `exclude` names `xx`, which is not an axis | did you mean `x`?',
    ],
    ['{x: [1], include: [3]}', 'type-wrong 3:32+1 `include` is a list of maps'],
    ['{x: [1], exclude: 3}', 'type-wrong 3:31+1 `exclude` is a list of maps'],
    ['{x: "${nope}"}', 'template-undefined 3:18+7 `nope` is not defined'],
  ];
  for (const [axes, problem] of cases) test(axes, () => expect(matrix(axes)).toEqual([problem]));

  test('vars of a stage cannot take the name of its item, whichever of them would', () => {
    const text = 'stages:\n  t:\n    foreach: [1]\n    do: {vars: [{q: 1}, {item: 2}], cmd: "x ${item}"}\n';
    expect(stages(text).problems).toEqual([
      'template-ambiguous 4:26+4 `item` is the name of what a repeated stage stands for, it cannot be defined here',
    ]);
  });

  test('more stages than the limit are not made', () => {
    expect(matrix('{x: [1, 2, 3], y: [1, 2, 3]}', 8)).toEqual([
      'expansion-limit 3:13+28 `matrix` expands to 9 stages, the limit is 8',
    ]);
    const axis = `[${Array.from({ length: 1000 }, (_, n) => n).join(',')}]`;
    expect(matrix(`{a: ${axis}, b: ${axis}, c: ${axis}, d: ${axis}}`)[0]).toMatch(/expands to 1000000000000 stages/);
    expect(stages('stages:\n  t:\n    foreach: [1, 2, 3]\n    do: {cmd: y}\n', 2).problems).toEqual([
      'expansion-limit 3:14+9 `foreach` expands to 3 stages, the limit is 2',
    ]);
  });

  const written: readonly [string, string[]][] = [
    ['stages:\n  t: x', ['type-wrong 2:6+1 a stage is a map, not a string']],
    [
      'stages:\n  a@b: {cmd: x}\n  "": {cmd: y}',
      [
        'stage-name-invalid 2:3+3 the stage name `a@b` has an `@`, which stands before the key of a repeated stage',
        'stage-name-invalid 3:3+2 the stage name `` is empty',
      ],
    ],
    ['stages:\n  t:\n    foreach: [1]\n', ['key-missing 3:5+7 `foreach` needs a map `do`: the stage to repeat']],
    [
      'stages:\n  t:\n    foreach: [1]\n    do: x\n',
      ['type-wrong 4:9+1 `foreach` needs a map `do`: the stage to repeat'],
    ],
    [
      'stages:\n  t:\n    foreach: x\n    do: {cmd: y}\n',
      ['type-wrong 3:14+1 `foreach` is a list or a map, not a string'],
    ],
    [
      'stages:\n  t:\n    foreach: [1]\n    matrix: {a: [1]}\n    do: {cmd: y}\n',
      ['key-unknown 3:5+7 `matrix` and `foreach` exclude each other'],
    ],
    [
      'stages:\n  t:\n    foreach: [1]\n    do: {cmd: y, vars: [{item: 2}]}\n',
      ['template-ambiguous 4:26+4 `item` is the name of what a repeated stage stands for, it cannot be defined here'],
    ],
  ];
  for (const [text, problems] of written)
    test(JSON.stringify(text), () => expect(stages(text).problems).toEqual(problems));
});

describe('include and exclude mean what they mean in a GitHub Actions matrix', () => {
  test('exclude takes away what it matches in part, include adds or extends', () => {
    const axes = '{x: [1, 2], y: [a, b], exclude: [{x: 1, y: b}], include: [{x: 2, z: 5}, {x: 3, y: c}, {w: 9}]}';
    expect(matrix(axes)).toEqual([
      't@1-a {"cmd":"1-a --x 1 --y a --w 9"}',
      't@2-a {"cmd":"2-a --x 2 --y a --z 5 --w 9"}',
      't@2-b {"cmd":"2-b --x 2 --y b --z 5 --w 9"}',
      't@3-c {"cmd":"3-c --x 3 --y c"}',
    ]);
  });

  test('the example of its manual gives the six combinations of its manual', () => {
    const axes =
      '{fruit: [apple, pear], animal: [cat, dog], include: [{color: green}, {color: pink, animal: cat}, {fruit: apple, shape: circle}, {fruit: banana}, {fruit: banana, animal: cat}]}';
    expect(matrix(axes)).toEqual([
      't@apple-cat {"cmd":"apple-cat --fruit apple --animal cat --color pink --shape circle"}',
      't@apple-dog {"cmd":"apple-dog --fruit apple --animal dog --color green --shape circle"}',
      't@pear-cat {"cmd":"pear-cat --fruit pear --animal cat --color pink"}',
      't@pear-dog {"cmd":"pear-dog --fruit pear --animal dog --color green"}',
      't@banana {"cmd":"banana --fruit banana"}',
      't@banana-cat {"cmd":"banana-cat --fruit banana --animal cat"}',
    ]);
  });

  test('include alone is a list of combinations, named by as many first values as tell them apart', () => {
    expect(matrix('{include: [{model: rf, r2: 0.7}, {model: gb, r2: 0.7}]}')).toEqual([
      't@rf {"cmd":"rf --model rf --r2 0.7"}',
      't@gb {"cmd":"gb --model gb --r2 0.7"}',
    ]);
    expect(
      matrix('{include: [{data: h, model: rf, k: 1}, {data: h, model: gb, k: 1}]}').map((line) => line.split(' ')[0]),
    ).toEqual(['t@h-rf', 't@h-gb']);
    expect(matrix('{include: [{model: rf}, {model: rf}]}')[0]).toMatch(/^stage-duplicate/);
  });

  test('include from params, and values that are maps', () => {
    const text = 'stages:\n  t:\n    matrix: {x: "${l}", include: [{x: p, o: {lr: 0.1}}]}\n    cmd: ${key} ${item}\n';
    expect(stages(text).resolved).toEqual({
      't@p': '{"cmd":"p --x p --o.lr 0.1"}',
      't@q': '{"cmd":"q --x q"}',
    });
  });
});

test('the stages of a group share their template, and fields without templates', () => {
  const text = 'stages:\n  t:\n    foreach: [1, 2]\n    do: {cmd: "x ${item}", deps: [a, b]}\n';
  const { stages: expanded } = readProject({ 'pipeline.yaml': text });
  expect(expanded[0]?.template).toBe(expanded[1]?.template);
  expect(expanded.map((stage) => stage.group)).toEqual(['t', 't']);
});

test('100,000 stages come from one matrix', () => {
  const axis = (name: string, length: number): string =>
    `${name}: [${Array.from({ length }, (_, n) => `${name}${n}`).join(', ')}]`;
  const text = `stages:\n  t:\n    matrix: {${axis('a', 100)}, ${axis('b', 100)}, ${axis('c', 10)}}\n    cmd: x \${item.a}\n`;
  const { stages: expanded, problems } = readProject({ 'pipeline.yaml': text });
  expect(problems).toEqual([]);
  expect(expanded.length).toBe(100_000);
  expect(expanded.at(-1)?.name).toBe('t@a99-b99-c9');
});
