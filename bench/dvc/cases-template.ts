// Templates, their texts and the vars behind them.
import { command, project } from './case.ts';
import type { ProjectCase } from './case.ts';

const BASE = `a: 1
b: {c: two, d: {e: 2.5, f: [x, y, 3]}}
l: [10, 20, 30]
t: true
n: null
s: "it's a \\"word\\""
empty: ""
esc: "\${a}"
`;

const NUMBERS = `i: 12345678901234567890123
e3: 1e3
small: 0.00001
big: 1e16
mid: 123456789012345.0
limit: 9999999999999998.0
neg: -0.0
tiny: 5e-324
max: 1.7976931348623157e308
inf: .inf
ninf: -.inf
nan: .nan
third: 0.333333333333333333
hex: 0xff
oct: 0o17
bin: 0b101
under: 1_000
zero: 017
dot: 1.
frac: .5
exp: 1E5
plus: +3
date: "2020-01-01"
`;

const FLAGS = `m: {lr: 0.1, name: my model, deep: {x: 1, y: {z: [1, "a b", true]}}, yes: true, no: false, none: null, e: {}, el: []}
flat: {a: "x;y", b: "", c: "it's", d: "a=b", e: "ü", f: "~x", g: "$HOME", h: "a b"}
nest: {a: [[1]]}
nestm: {a: [{b: 1}]}
dup: {a.b: 1, a: {b: 2}}
nums: {f: 1.0, i: 1, e: 1e-7, n: [1.5, null, false]}
none: {}
ints: {1: a, b: c, false: d, null: e}
`;

const one = (cmd: string): ProjectCase => command(`template ${cmd}`, cmd, BASE);
const number = (key: string): ProjectCase => command(`number ${key}`, `echo \${${key}} \${${key}}`, NUMBERS);
const flags = (cmd: string): ProjectCase => command(`flags ${cmd}`, cmd, FLAGS);
const settings = (name: string, config: string): ProjectCase =>
  command(`flags with ${name}`, 'p ${m}', FLAGS, { '.dvc/config': config });

export const TEMPLATE_CASES: readonly ProjectCase[] = [
  one('echo ${a}'),
  one('echo ${b.c} ${b.d.e}'),
  one('echo ${b.d.f[0]}${b.d.f[2]}'),
  one('echo ${b.d.f.1}'),
  one('echo ${l[-1]} ${l[+1]} ${l[ 1 ]}'),
  one('echo ${l[3]}'),
  one('echo ${l[-4]}'),
  one('echo ${l[x]}'),
  one('echo ${b[c]} ${b[d][f][1]} ${b.d[e]}'),
  one('echo ${ a } ${ b . c } ${b. d .e}'),
  one('echo ${l[0] }'),
  one('echo ${b.d.f [0]}'),
  one('echo ${b.d[f] [0]}'),
  one('echo ${b.d[f] .0}'),
  one('echo ${a'),
  one('echo ${a} ${b.c'),
  one('echo $a $(a) {a} $${a}'),
  one('echo \\${a} ${a}'),
  one('echo \\${a}'),
  one('\\${a}'),
  one('echo \\\\${a}'),
  one('"echo \\\\${a} \\n ${a}"'),
  one('"echo ${a\\n}"'),
  one("'echo ''${a}'''"),
  one('echo ${}'),
  one('echo ${ }'),
  one('echo ${.a}'),
  one('echo ${a.}'),
  one('echo ${b..c}'),
  one('echo ${l[]}'),
  one('echo ${l[0}'),
  one('echo ${l]}'),
  one('echo ${[0]}'),
  one('echo ${l[0]x}'),
  one('echo ${l[b.c]}'),
  one('echo ${X:-y}'),
  one('echo ${HOME}'),
  one('echo ${b.x}'),
  one('echo ${a.b}'),
  one('echo ${n.b}'),
  one('echo ${t} ${n}'),
  one('echo ${s} [${empty}] ${esc}'),
  one('${s}'),
  one('${esc}'),
  one('${a}'),
  one('${t}'),
  one('${b}'),
  one('${l}'),
  one('echo ${l}'),
  one('["echo ${a}", "${b.c}"]'),
  one('["${b}"]'),
  one('["x ${b}"]'),
  one('|\n      echo ${a}\n      echo ${b.c}\n'),
  one('>\n      echo ${a}\n      echo ${b.c}\n'),
  one('echo ${a ${a}'),
  one('echo ${a}}'),
  one('echo ${${a}}'),
  one('echo ${b.c}${b.c}${b.c}'),
  ...['i', 'e3', 'small', 'big', 'mid', 'limit', 'neg', 'tiny', 'max', 'inf', 'ninf', 'nan', 'third', 'hex', 'oct'].map(
    number,
  ),
  ...['bin', 'under', 'zero', 'dot', 'frac', 'exp', 'plus', 'date'].map(number),
  flags('python x.py ${m}'),
  flags('python x.py ${flat} end'),
  flags('x ${nest}'),
  flags('x ${nestm}'),
  flags('x ${dup}'),
  flags('x ${nums}'),
  flags('x [${none}] ${m.deep}'),
  flags('x ${ints}'),
  flags('x ${ints.1}'),
  settings('booleans', '[parsing]\n    bool = boolean_optional\n'),
  settings('lists', '[parsing]\n    list = append\n'),
  settings('both', '[parsing]\n    list = Append\n    bool = BOOLEAN_OPTIONAL\n'),
  project('a map in deps', 'stages:\n  t:\n    cmd: x\n    deps: ["${m}"]\n', FLAGS),
  project('a map inside a dep', 'stages:\n  t:\n    cmd: x\n    deps: ["a${m}"]\n', FLAGS),
  project('a list in outs', 'stages:\n  t:\n    cmd: x\n    outs: ["${l}"]\n', BASE),
  project(
    'an integer as a dep',
    'stages:\n  t:\n    cmd: x\n    desc: "${a}"\n    meta: {k: "${t}", "${b.c}": ["${l[0]}"]}\n',
    BASE,
  ),
  project(
    'templates everywhere',
    'stages:\n  t:\n    cmd: x ${a}\n    wdir: w${a}\n    deps: [d${b.c}, "${b.c}"]\n    outs:\n      - o/${b.c}:\n          cache: false\n      - "${b.c}/x":\n          persist: true\n    params:\n      - p${a}\n      - f${a}.yaml: ["${b.c}.x"]\n    metrics: ["m${l[1]}.json"]\n    plots:\n      - p.csv:\n          x: "${b.c}"\n    desc: about ${t}\n',
    BASE,
    { 'w1/params.yaml': 'p1: 3\n' },
  ),
  project('two keys that become one', 'stages:\n  t:\n    cmd: x\n    meta: {"${a}x": 1, 1x: 2, "${t}": 3}\n', BASE),
  project('a boolean field from a template', 'stages:\n  t:\n    cmd: x\n    frozen: ${t}\n', BASE),
  project('a list field from a template', 'stages:\n  t:\n    cmd: x\n    deps: ${l}\n', BASE),
];

const stage = (vars: string, cmd: string, more = ''): string => `${vars}stages:\n  t:\n    cmd: ${cmd}\n${more}`;

export const VARS_CASES: readonly ProjectCase[] = [
  project('no params.yaml', stage('', 'x'), undefined),
  project('no params.yaml and a template', stage('', 'x ${a}'), undefined),
  project('inline vars', stage('vars:\n  - {a: 1, m: {b: 2}}\n  - {m: {c: 3}}\n', 'x ${a} ${m}')),
  project('a value defined twice', stage('vars:\n  - {a: 1}\n  - {a: 2}\n', 'x ${a}')),
  project('a value defined twice and equal', stage('vars:\n  - {a: 1}\n  - {a: 1}\n', 'x ${a}')),
  project('a map over a scalar', stage('vars:\n  - {a: 1}\n  - {a: {b: 1}}\n', 'x ${a}')),
  project('a nested value defined twice', stage('vars:\n  - {m: {b: 3}}\n', 'x'), 'm: {b: 2}\n'),
  project('params.yaml named again', stage('vars: [params.yaml]\n', 'x ${a}'), 'a: 1\n'),
  project('params.yaml named again in part', stage('vars: ["params.yaml:a"]\n', 'x ${a}'), 'a: 1\n'),
  project('a file', stage('vars: [v.yaml]\n', 'x ${q}'), 'a: 1\n', { 'v.yaml': 'q: 5\n' }),
  project('a JSON file', stage('vars: [v.json]\n', 'x ${q} ${f} ${b}'), undefined, {
    'v.json': '{"q": 5, "f": 1e2, "b": [true, null], "b": "last"}',
  }),
  project('a TOML file', stage('vars: [v.toml]\n', 'x ${q.z} ${q.f} ${l[1]}'), undefined, {
    'v.toml': 'l = [1, 2.0]\n[q]\nz = "a"\nf = 3.0\n',
  }),
  project('keys of a file', stage('vars: ["v.yaml:q,r"]\n', 'x ${q} ${r.s}'), undefined, {
    'v.yaml': 'q: 5\nr: {s: 6}\nz: 7\n',
  }),
  project('another key of that file', stage('vars: ["v.yaml:q"]\n', 'x ${z}'), undefined, { 'v.yaml': 'q: 5\nz: 7\n' }),
  project('a missing key of a file', stage('vars: ["v.yaml:nope"]\n', 'x'), undefined, { 'v.yaml': 'q: 5\n' }),
  project('two parts of a file', stage('vars: ["v.yaml:q", "v.yaml:z"]\n', 'x ${q} ${z}'), undefined, {
    'v.yaml': 'q: 5\nz: 7\n',
  }),
  project('one part twice', stage('vars: ["v.yaml:q", "v.yaml:q"]\n', 'x ${q}'), undefined, { 'v.yaml': 'q: 5\n' }),
  project('a part and then all', stage('vars: ["v.yaml:q", v.yaml]\n', 'x ${q}'), undefined, { 'v.yaml': 'q: 5\n' }),
  project('all and then a part', stage('vars: [v.yaml, "v.yaml:q"]\n', 'x ${q}'), undefined, { 'v.yaml': 'q: 5\n' }),
  project('all twice by two names', stage('vars: [v.yaml, ./v.yaml]\n', 'x ${q}'), undefined, { 'v.yaml': 'q: 5\n' }),
  project('no keys behind the colon', stage('vars: ["v.yaml:"]\n', 'x ${q}'), undefined, { 'v.yaml': 'q: 5\n' }),
  project('only a comma behind the colon', stage('vars: ["v.yaml:,"]\n', 'x ${q}'), undefined, { 'v.yaml': 'q: 5\n' }),
  project('a missing file', stage('vars: [v.yaml]\n', 'x')),
  project('a folder', stage('vars: [v]\n', 'x'), undefined, { 'v/x': '' }),
  project('params.yaml is a list', stage('', 'x'), '- 1\n'),
  project('params.yaml is an empty list', stage('', 'x'), '[]\n'),
  project('params.yaml is empty', stage('', 'x'), ''),
  project('params.yaml is a scalar', stage('', 'x'), 'hello\n'),
  project('params.yaml has a date', stage('', 'x'), 'd: 2020-01-01\n'),
  project('params.yaml has a quoted date', stage('', 'x ${d}'), 'd: "2020-01-01"\n'),
  project('params.yaml has a key twice', stage('', 'x'), 'a: 1\na: 2\n'),
  project('params.yaml is broken', stage('', 'x'), 'a: [1\n'),
  project('a template in vars', stage('vars: ["${a}.yaml"]\n', 'x'), 'a: 1\n'),
  project('a template in inline vars', stage('vars: [{b: "${a}"}]\n', 'x'), 'a: 1\n'),
  project('a template in a key of vars', stage('vars: [{"${a}": 1}]\n', 'x'), 'a: 1\n'),
  project(
    'vars of a stage',
    stage('', 'x ${a} ${b} ${m.p}${m.q}', '    vars: [{b: 2, m: {q: 2}}]\n'),
    'a: 1\nm: {p: 1}\n',
  ),
  project('vars of a stage over global ones', stage('', 'x ${a}', '    vars: [{a: 2}]\n'), 'a: 1\n'),
  project(
    'vars of a stage are its own',
    'stages:\n  t:\n    cmd: x ${b}\n    vars: [{b: 1}]\n  u:\n    cmd: x ${b}\n',
    undefined,
  ),
  project('vars of a stage from its wdir', stage('', 'x ${b}', '    wdir: sub\n    vars: [v.yaml]\n'), undefined, {
    'sub/v.yaml': 'b: 7\n',
    'v.yaml': 'b: 8\n',
  }),
  project(
    'vars of a stage from a templated wdir',
    stage('', 'x ${b}', '    wdir: ${d}\n    vars: [params.yaml]\n'),
    'd: sub\n',
    { 'sub/params.yaml': 'b: 7\n' },
  ),
  project('vars of a stage naming params.yaml', stage('', 'x ${b}', '    vars: [params.yaml]\n'), 'b: 9\n'),
  project('a template in vars of a stage', stage('', 'x', '    vars: ["${b}"]\n'), 'b: 9\n'),
  project(
    'item in the vars of a repeated stage',
    'stages:\n  t:\n    foreach: [1]\n    do:\n      cmd: x ${item}\n      vars: [{item: 3}]\n',
  ),
  project(
    'key in the vars of a stage repeated over a list',
    'stages:\n  t:\n    foreach: [1]\n    do:\n      cmd: x ${item} ${key}\n      vars: [{key: 3}]\n',
  ),
  project(
    'vars of a repeated stage',
    'stages:\n  t:\n    foreach: [1, 2]\n    do:\n      cmd: x ${item} ${z}\n      vars: [{z: 3}]\n',
  ),
  project(
    'item among the global vars',
    'stages:\n  t:\n    foreach: [1, 2]\n    do:\n      cmd: x ${item}\n  u:\n    cmd: x ${item}\n',
    'item: 9\n',
  ),
];
