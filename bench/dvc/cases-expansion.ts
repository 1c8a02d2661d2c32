// foreach and matrix: names, order, what item and key are, what is refused.
import { project, repeated } from './case.ts';
import type { ProjectCase } from './case.ts';

const DATA = `l: [a, b]
mixed: [1, 1.5, true, null, "s"]
maps: [{p: 1}, {p: 2}]
m: {x: {v: 1}, y: {v: 2}}
flat: {x: 1, y: true}
t: true
f: 1.0
n: null
s: word
e: []
em: {}
odd: {1: a, two: b, null: c}
at: [a@b]
ll: [[1, 2], [3]]
date: [{d: "x"}]
`;

const over = (name: string, data: string, cmd = 'x ${item}'): ProjectCase =>
  repeated(`foreach ${name}`, `foreach: ${data}\ndo:\n  cmd: ${cmd}\n  outs: ["o-\${item}"]\n`, DATA);
const plain = (name: string, data: string, cmd: string): ProjectCase =>
  repeated(`foreach ${name}`, `foreach: ${data}\ndo:\n  cmd: ${cmd}\n`, DATA);
const matrix = (name: string, axes: string, cmd = 'x ${key}'): ProjectCase =>
  repeated(`matrix ${name}`, `matrix:\n${axes.replaceAll(/^(?=.)/gm, '  ')}\ncmd: ${cmd}\n`, DATA);

export const EXPANSION_CASES: readonly ProjectCase[] = [
  over('strings', '[a, b c, "d/e"]'),
  over('scalars of all types', '[1, 1.5, true, false, null, 1e-7, "x"]', 'x ${item} y'),
  over('a list from params', '${l}'),
  over('scalars of all types from params', '${mixed}', 'x ${item} y'),
  over('templates in a list', '["${t}", "${f}", "${n}", "${s}x"]', 'x ${item} y'),
  over('a template that is null', '["${n}"]'),
  over('equal names', '[a, a, "1", 1]'),
  over('an empty name', '[""]'),
  over('an empty list', '[]'),
  over('an empty map', '{}'),
  over('an empty list from params', '${e}'),
  over('an empty map from params', '${em}'),
  over('an at sign', '${at}'),
  over('a word', 'word'),
  over('a scalar from params', '${s}'),
  over('an undefined name', '${nope}'),
  over('a broken template', '${l[}'),
  plain('maps', '[{p: 1, q: z}, {p: 2, q: y}]', 'x ${item.p} ${item.q}'),
  plain('maps from params', '${maps}', 'x ${item.p}'),
  plain('a map after a scalar', '[{p: 1}, two]', 'x ${item}'),
  plain('lists', '${ll}', 'x ${item[0]}'),
  plain('lists in place', '[[1, 2], [3]]', 'x ${item[-1]}'),
  plain('a map of maps', '{u: {v: 1}, w: {v: 2}}', 'x ${key} ${item.v}'),
  plain('a map of scalars', '{u: 1, w: null, 3: z, true: q, null: r, 1.5: p}', 'x ${key} ${item} y'),
  plain('a map from params', '${m}', 'x ${key} ${item.v} ${item}'),
  plain('a flat map from params', '${flat}', 'x ${key} ${item} y'),
  plain('a map whose keys are not strings', '${odd}', 'x ${key} ${item}'),
  plain('a map with templates in keys', '{"${s}-1": 1, "k${t}": 2}', 'x ${key} ${item}'),
  plain('a map with a template as key', '{"${s}": 1}', 'x ${key} ${item}'),
  plain('a map with a template in values', '{a: "${s}", b: {c: "${t}"}}', 'x ${key} ${item}'),
  plain('a list and key', '[a]', 'x ${key}'),
  plain('nested key', '{a: {1: x, y: z}}', 'x ${item.y} ${item.1}'),
  plain('flags', '[{lr: 0.1, on: true}]', 'x ${item}'),
  plain('item alone', '[{lr: 0.1, on: true}]', '${item}'),
  plain('an escaped template', '["\\\\${s}"]', 'x ${item}'),
  repeated(
    'foreach with wdir and deps',
    'foreach: [p, q]\ndo:\n  cmd: x\n  wdir: ${item}\n  deps: [a.txt]\n  outs: [b.txt]\n',
    DATA,
  ),
  repeated('foreach with a matrix in do', 'foreach: [p]\ndo:\n  cmd: x ${item}\n  matrix: {a: [1, 2]}\n', DATA),
  repeated('foreach and a syntax error in do', 'foreach: [p]\ndo:\n  cmd: x ${item.}\n', DATA),
  repeated('foreach and an undefined name in do', 'foreach: [p]\ndo:\n  cmd: x ${item.z}\n', DATA),
  repeated('foreach over nothing and an undefined name in do', 'foreach: []\ndo:\n  cmd: x ${nope}\n', DATA),
  matrix('of strings', 'a: [x, y]\nb: [1, 2]', 'x ${item.a} ${item.b} ${key}'),
  matrix('of one axis', 'a: [x, y, x]'),
  matrix('of all types', 'a: [1, 1.5, true, null, "s"]\nb: [0.1]', 'x ${item.a} ${item.b}'),
  matrix('from params', 'a: ${l}\nb: ${mixed}', 'x ${item.a} ${item.b} y'),
  matrix('with templates in a list', 'a: ["${t}", "${f}", "n${s}"]', 'x ${item.a} y'),
  matrix('of maps', 'a: [{p: 1}, {p: 2}]\nb: [u, [1, 2]]', 'x ${item.a.p}'),
  matrix('of maps from params', 'a: ${maps}\nb: [u]', 'x ${item.a} ${key}'),
  matrix('of lists', 'a: ${ll}', 'x ${item.a[0]} ${key}'),
  matrix('of a word', 'a: abc', 'x ${item.a}'),
  matrix('of a word with a template', 'a: z${t}', 'x ${item.a}'),
  matrix('of a scalar from params', 'a: ${s}'),
  matrix('of a map from params', 'a: ${m}', 'x ${item.a}'),
  matrix('of a map whose keys are not strings', 'a: ${odd}', 'x ${item.a}'),
  matrix('of an empty axis', 'a: []\nb: [1]'),
  matrix('of an empty axis from params', 'a: ${e}'),
  matrix('of an empty word', 'a: ""'),
  matrix('with equal names', 'a: [x, "x-y"]\nb: ["y-z", z]', 'x ${item.a} ${item.b}'),
  matrix('with equal names of two types', 'a: [1, "1"]', 'x ${item.a}'),
  matrix('with an at sign', 'a: [p@q]'),
  matrix('with an undefined name', 'a: ${nope}'),
  matrix('with an undefined name in the command', 'a: [1]', 'x ${item.b}'),
  matrix('with item whole', 'a: [1]\nb: [true]', 'x ${item}'),
  matrix('with an axis called include', 'include: [1, 2]\nexclude: [3]', 'x ${item.include} ${item.exclude}'),
  matrix('of three axes', 'c: [1, 2]\na: [x]\nb: [q, r]'),
  project('an empty matrix', 'stages:\n  r:\n    matrix: {}\n    cmd: x\n'),
  project('an at sign in a stage name', 'stages:\n  a@b:\n    cmd: x\n'),
  project('odd stage names', 'stages:\n  "a b/c.d:e#f":\n    cmd: x\n  "ü":\n    cmd: y\n'),
  project('a template in a stage name', 'stages:\n  "${s}":\n    cmd: x\n', DATA),
  project(
    'several groups',
    'stages:\n  a:\n    foreach: [1]\n    do: {cmd: "x ${item}"}\n  b:\n    cmd: y\n  c:\n    matrix: {k: [2]}\n    cmd: z ${item.k}\n',
    DATA,
  ),
];
