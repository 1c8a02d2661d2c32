// Text -> Pipeline: every field in its place, what is shared between the stages of a matrix, what the
// result depends on, and that no bytes whatever make the loader throw.
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderProblems } from '../../src/base/problem-text.ts';
import { loadPipeline } from '../../src/config/pipeline.ts';
import type { Stage } from '../../src/config/stage.ts';
import { codesOf, load, loadGood, memoryReading } from './memory.ts';

/** The stage without its places, which have tests of their own. */
function plain(stage: Stage | undefined): Record<string, unknown> {
  const strip = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(strip);
    if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [key, strip(item)]));
    if (typeof value !== 'object' || value === null) return value;
    const kept = Object.entries(value).filter(([key]) => !['span', 'places', 'expression'].includes(key));
    return Object.fromEntries(kept.map(([key, item]) => [key, strip(item)]));
  };
  return strip(stage ?? {}) as Record<string, unknown>;
}

const FULL = `
stages:
  train:
    matrix: { model: [forest, ridge] }
    cmd: node train.ts \${item.model}
    wdir: sub
    deps: [train.ts, "../data/*.csv", { path: ./lib.ts, imports: false }, train.ts]
    params: [seed, "train.\${item.model}", seed, { ../other.json: [a], whole.toml: }, { ../other.json: [b] }]
    outs: ["models/\${item.model}.json", { logs/: { persist: true, push: false, desc: the log } }]
    metrics: [{ m.json: { cache: false } }]
    plots: [{ roc.csv: { x: fpr, y: tpr, cache: false } }]
    checks: ["r2 > 0.7", { expr: "m.json:r2 >= base - 1%", severity: warn }]
    env: [TZ, TZ]
    secrets: [KEY]
    runtime: [node --version]
    shell: bash
    timeout: 1h30m
    retry: { limit: 2, delay: 5s, backoff: 1.5 }
    resources: { gpu: 1, memory_gb: 0.5 }
    when: params.deploy and ../m.json:ok
    after: [prepare]
    always: true
    frozen: true
    always_changed: true
    desc: trains
    meta: { owner: ana }
`;

test('every field of a stage arrives, with paths relative to the root', () => {
  const { stages } = loadGood(FULL);
  expect(stages.map((stage) => [stage.name, stage.group])).toEqual([
    ['train@forest', 'train'],
    ['train@ridge', 'train'],
  ]);
  expect(plain(stages[1])).toEqual({
    name: 'train@ridge',
    group: 'train',
    cmd: ['node train.ts ridge'],
    script: true,
    wdir: 'sub',
    deps: [
      { path: 'sub/train.ts', glob: false, imports: true },
      { path: 'data/*.csv', glob: true, imports: true },
      { path: 'sub/lib.ts', glob: false, imports: false },
    ],
    params: [
      { file: 'sub/params.yaml', keys: ['seed', 'train.ridge'] },
      { file: 'other.json', keys: ['a', 'b'] },
      { file: 'sub/whole.toml', keys: [] },
    ],
    outs: [
      { path: 'sub/models/ridge.json', kind: 'out', cache: true, persist: false, push: true },
      { path: 'sub/logs', kind: 'out', cache: true, persist: true, push: false, desc: 'the log' },
      { path: 'sub/m.json', kind: 'metric', cache: false, persist: false, push: true },
      { path: 'sub/roc.csv', kind: 'plot', cache: false, persist: false, push: true, plot: { x: 'fpr', y: 'tpr' } },
    ],
    env: ['TZ'],
    secrets: ['KEY'],
    runtime: ['node --version'],
    shell: 'bash',
    timeoutMs: 5_400_000,
    retry: { limit: 2, delayMs: 5000, backoff: 1.5 },
    resources: { gpu: 1, memory_gb: 0.5 },
    when: { text: 'params.deploy and ../m.json:ok' },
    after: [{ name: 'prepare' }],
    checks: [
      { text: 'r2 > 0.7', severity: 'error' },
      { text: 'm.json:r2 >= base - 1%', severity: 'warn' },
    ],
    frozen: true,
    alwaysChanged: true,
    always: true,
    desc: 'trains',
    meta: { owner: 'ana' },
  });
});

test('what is not written has the defaults', () => {
  const { stages } = loadGood('stages: { a: { cmd: [x, y] } }');
  expect(plain(stages[0])).toEqual({
    name: 'a',
    group: 'a',
    cmd: ['x', 'y'],
    script: false,
    wdir: '.',
    ...Object.fromEntries(
      ['deps', 'params', 'outs', 'env', 'secrets', 'runtime', 'after', 'checks'].map((name) => [name, []]),
    ),
    shell: 'sh',
    resources: {},
    frozen: false,
    alwaysChanged: false,
    always: false,
  });
});

test('files in expressions are relative to the root, like those of deps', () => {
  const [stage] = loadGood(FULL).stages;
  expect(JSON.stringify(stage?.when?.expression)).toContain('"file":"m.json"');
  expect(JSON.stringify(stage?.checks[1]?.expression)).toContain('"file":"sub/m.json"');
});

test('a pipeline file in a folder gives paths relative to the root', () => {
  const { dir, stages, metrics } = loadGood(
    {
      'a/b/pipeline.yaml': 'stages: { s: { cmd: x, deps: [../d, /root/p/e/], outs: [o] } }\nmetrics: [m.json]',
    },
    { root: '/root/p' },
  );
  expect(dir).toBe('a/b');
  expect(stages[0]?.wdir).toBe('a/b');
  expect(stages[0]?.deps.map((dep) => dep.path)).toEqual(['a/d', 'e']);
  expect(stages[0]?.outs.map((out) => out.path)).toEqual(['a/b/o']);
  expect(metrics).toEqual(['a/b/m.json']);
});

test('the top level arrives, templates filled in', () => {
  const pipeline = loadGood({
    'pipeline.yaml': `
base: main
better: { rmse: lower, auc: higher }
params: ["\${name}.yaml"]
metrics: [m/../a.json, a.json]
plots: [p.csv, { roc: { x: fpr, y: { a.csv: tpr } } }, { q.csv: }]
artifacts: { m: { path: models/m, type: model } }
datasets: [{ name: d, type: url }]
checks: ["a.json:r2 > 0.5"]
`,
    'params.yaml': 'name: more\n',
  });
  expect(pipeline).toMatchObject({ file: 'pipeline.yaml', dir: '.', dialect: 'repro', base: 'main', stages: [] });
  expect([...pipeline.better]).toEqual([
    ['rmse', 'lower'],
    ['auc', 'higher'],
  ]);
  expect([pipeline.params, pipeline.metrics]).toEqual([['more.yaml'], ['a.json']]);
  expect(pipeline.plots.map((plot) => plot.id)).toEqual(['p.csv', 'roc', 'q.csv']);
  expect(pipeline.checks.map((check) => check.text)).toEqual(['a.json:r2 > 0.5']);
  expect(pipeline.artifacts).toEqual(
    new Map([
      [
        'm',
        new Map([
          ['path', 'models/m'],
          ['type', 'model'],
        ]),
      ],
    ]),
  );
});

test('exact templates give lists, booleans and numbers where the field takes them', () => {
  const { stages } = loadGood({
    'pipeline.yaml':
      'stages: { a: { cmd: x, deps: "${in}", frozen: "${f}", timeout: "${t}", outs: [{ o: { cache: "${f}" } }] } }',
    'params.yaml': 'in: [p, q]\nf: true\nt: 90\n',
  });
  expect(stages[0]).toMatchObject({ frozen: true, timeoutMs: 90_000, outs: [{ cache: true }] });
  expect(stages[0]?.deps.map((dep) => dep.path)).toEqual(['p', 'q']);
});

describe('places', () => {
  test('each stage, field, dep and out knows where it stands', () => {
    const [stage] = loadGood(FULL).stages;
    const where = (span: { line: number; column: number; length: number; text: string } | undefined): string =>
      span ? span.text.slice(span.column - 1, span.column - 1 + span.length) : '';
    expect(where(stage?.span)).toBe('train');
    expect(where(stage?.places['timeout'])).toBe('1h30m');
    expect(where(stage?.deps[0]?.span)).toBe('train.ts');
    expect(where(stage?.outs[0]?.span)).toBe('"models/${item.model}.json"');
    expect(where(stage?.params[1]?.span)).toBe('../other.json');
    expect(stage?.checks[0]?.span.line).toBe(12);
  });
});

describe('one stage of many', () => {
  const text = `
stages:
  m:
    matrix: { a: [1, 2, 3] }
    cmd: run
    deps: [x, y]
    outs: ["o\${item.a}"]
    metrics: ["m\${item.a}.json"]
    checks: ["r2 > 1"]
`;

  test('shares with the others whatever does not depend on its item', () => {
    const [first, second] = loadGood(text).stages;
    expect(first?.deps).toBe(second?.deps);
    expect(first?.cmd).toBe(second?.cmd);
    expect(first?.checks).toBe(second?.checks);
    expect(first?.places).toBe(second?.places);
    expect(first?.outs[0]?.span).toBe(second?.outs[0]?.span);
    expect(first?.outs[0]?.path).toBe('o1');
  });

  test('has its own paths when its folder is its own', () => {
    const { stages } = loadGood(text.replace('cmd: run', 'cmd: run\n    wdir: "d${item.a}"'));
    expect(stages.map((stage) => [stage.deps[0]?.path, stage.outs[0]?.path])).toEqual([
      ['d1/x', 'd1/o1'],
      ['d2/x', 'd2/o2'],
      ['d3/x', 'd3/o3'],
    ]);
  });

  test('that is wrong in the same way as the others is reported once', () => {
    const { problems } = load(text.replace('[x, y]', '[../x]'));
    expect(codesOf(problems)).toEqual(['path-outside']);
  });
});

test('all problems of all stages come at once, in the order of the file', () => {
  const { pipeline, problems } = load(`
basе: main
stages:
  a:
    cmd: node \${nope}
    dep: [x]
    deps: [../x, 3]
    checks: ["r2 >"]
    timeout: soon
  b: { outs: [.git/x] }
  c: { foreach: [1], do: { cmd: "\${item.x}", outs: [/etc/x] } }
`);
  expect(pipeline).toBeUndefined();
  expect(problems.map((each) => `${each.span?.line}: ${each.code}`)).toEqual([
    '2: key-unknown',
    '5: template-undefined',
    '6: key-unknown',
    '7: path-outside',
    '7: type-wrong',
    '8: expression-syntax',
    '9: duration-invalid',
    '10: key-missing',
    '10: path-reserved',
    '11: template-undefined',
    '11: path-outside',
  ]);
});

test('vars that cannot be loaded do not make a matrix too large', () => {
  const text = 'vars: [none.yaml]\nstages:\n  a: { matrix: { x: [1, 2] }, cmd: "x ${item.x} ${y}", timeout: soon }\n';
  expect(codesOf(load(text).problems)).toEqual(['file-missing', 'duration-invalid']);
});

test.each(['{1..100}{1..101}', '{a..z}{a..z}{a..z}', '{z..a}{0..999}'])(
  'a dep of too many patterns is refused: %s',
  (glob) => {
    expect(codesOf(load(`stages: { a: { cmd: x, deps: ["${glob}"] } }`).problems)).toEqual(['glob-invalid']);
  },
);

test('the result names every file that it depends on, absent ones too', () => {
  const files = { 'pipeline.yaml': 'vars: [v.yaml]\nstages: {}', 'v.yaml': 'a: 1\n' };
  const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
  expect(loadGood(files).sources).toEqual([
    { path: 'pipeline.yaml', digest: digest(files['pipeline.yaml']) },
    { path: 'params.yaml', digest: null },
    { path: 'v.yaml', digest: digest(files['v.yaml']) },
  ]);
});

const SEEDS: readonly string[] = [
  FULL,
  'vars: [v.yaml, { a: 1 }]\nstages:\n  a: { foreach: "${l}", do: { cmd: "x ${item}", outs: ["o${item}"] } }\n',
  'plots: [a, { b: { x: c } }]\nbase: x\nchecks: ["m.json:a > base"]\nartifacts: { a: { path: b } }\n',
];
const VALUES = 'seed: 1\ndeploy: true\nl: [1, 2]\ntrain: { ridge: 1 }\n';

test('2,000 damaged files give problems or a pipeline, never a throw', () => {
  const piece = fc.constantFrom(
    '${',
    '}',
    '[',
    '{',
    ':',
    '\n',
    '\t',
    '&a ',
    '*a',
    '<<: ',
    '- ',
    '"',
    "'",
    '\0',
    '\ud800',
    '!!',
    '|',
    '>',
    '../',
    '@',
    '\\',
    '%',
    'é',
    '0x',
    '.inf',
    '~',
    'null',
  );
  const damage = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), cut: fc.nat({ max: 12 }), piece });
  const file = fc
    .tuple(fc.constantFrom(...SEEDS), fc.array(damage, { minLength: 1, maxLength: 4 }))
    .map(([seed, all]) =>
      all.reduce((text, { at, cut, piece: put }) => {
        const place = Math.floor(at * text.length);
        return text.slice(0, place) + put + text.slice(place + cut);
      }, seed),
    );
  const bytes = fc.oneof(
    { weight: 9, arbitrary: file.map((text) => Buffer.from(text, 'utf8')) },
    { weight: 1, arbitrary: fc.uint8Array() },
  );
  fc.assert(
    fc.property(bytes, fc.constantFrom('pipeline.yaml', 'dvc.yaml'), (content, name) => {
      const reading = memoryReading({ [name]: content, 'params.yaml': VALUES, 'v.yaml': 'v: 1\n' });
      const { pipeline, problems } = loadPipeline(name, reading);
      expect(pipeline === undefined).toBe(problems.some((each) => each.severity === 'error'));
      renderProblems(problems);
    }),
    { numRuns: 2000 },
  );
});

test('a hundred thousand stages cost a hundred thousand small objects, not a hundred thousand readings', () => {
  const axis = JSON.stringify(Array.from({ length: 100 }, (_, i) => i));
  const { stages } = loadGood(`
stages:
  m:
    matrix: { a: ${axis}, b: ${axis}, c: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] }
    cmd: run
    deps: [a, b, c]
    outs: ["\${item.a}/\${item.b}-\${item.c}"]
    timeout: 10m
`);
  expect(stages.length).toBe(100_000);
  for (const field of ['deps', 'cmd', 'params', 'checks', 'resources', 'places'] as const) {
    expect(new Set(stages.map((stage) => stage[field])).size).toBe(1);
  }
  expect(new Set(stages.map((stage) => stage.outs[0]?.span)).size).toBe(1);
});
