// The field table and what is made from it: the JSON Schema, the reference page, the decoder. The schema is used as an
// editor would, by a validator that knows nothing of ours, and must agree with the loader wherever a schema can tell.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { generatedFiles } from '../../bench/schema.ts';
import { checkShape } from '../../src/config/decode.ts';
import { pipelineJsonSchema } from '../../src/config/json-schema.ts';
import { toValue } from '../../src/config/node.ts';
import { FIELD_GROUPS } from '../../src/config/reference-page.ts';
import { PIPELINE } from '../../src/config/schema.ts';
import type { Field, Shape } from '../../src/config/shape.ts';
import { toPlain } from '../../src/base/value.ts';
import { parseYaml } from '../../src/config/yaml.ts';
import { load } from './memory.ts';

const ROOT = join(import.meta.dirname, '../..');
const ajv = new Ajv({ strictTypes: false, strictRequired: false });
// Keywords of the YAML language servers.
for (const keyword of ['markdownDescription', 'defaultSnippets', 'patternErrorMessage']) ajv.addKeyword(keyword);
const validate = ajv.compile(pipelineJsonSchema());

const GOOD: readonly string[] = [
  '',
  'stages: {}',
  'stages: { a: { cmd: x } }',
  'stages: { a: { cmd: [x, y], wdir: sub } }',
  'stages: { a: { cmd: x, deps: [a, "b/*.csv", { path: c.ts, imports: false }] } }',
  'stages: { a: { cmd: x, deps: "${list}" } }',
  'stages: { a: { cmd: x, params: [a, { f.json: [b] }, { g.toml: }] } }',
  'stages: { a: { cmd: x, outs: [a, { b: { cache: false, persist: true, push: false, remote: r } }, { c: {}, d: {} }] } }',
  'stages: { a: { cmd: x, outs: [{ a: { desc: d, type: t, labels: [l], meta: { m: [1] } } }] } }',
  'stages: { a: { cmd: x, metrics: [m.json, { n.json: { cache: "${c}" } }] } }',
  'stages: { a: { cmd: x, plots: [p.csv, { q.csv: { x: a, y: b, header: false, template: t, title: s } }] } }',
  'stages: { a: { cmd: x, vars: [v.yaml, "w.yaml:a,b", { own: 1 }] } }',
  'stages: { a: { cmd: x, frozen: true, always_changed: false, always: true, desc: d, meta: [1, { b: }] } }',
  'stages: { a: { cmd: x, frozen: "${f}" } }',
  'stages: { a: { cmd: x, metrics: [m.json], checks: ["r2 > 1", { expr: r2 > 0, severity: warn }] } }',
  'stages: { a: { cmd: x, env: [TZ, _A1], secrets: [KEY], runtime: [node --version], shell: bash } }',
  'stages: { a: { cmd: x, timeout: 10m } }',
  'stages: { a: { cmd: x, timeout: 1h30m } }',
  'stages: { a: { cmd: x, timeout: 1.5h } }',
  'stages: { a: { cmd: x, timeout: 90 } }',
  'stages: { a: { cmd: x, timeout: 0.5 } }',
  'stages: { a: { cmd: x, timeout: "${t}m" } }',
  'stages: { a: { cmd: x, retry: 3 } }',
  'stages: { a: { cmd: x, retry: { limit: 2, delay: 5s, backoff: 1.5 } } }',
  'stages: { a: { cmd: x, resources: { gpu: 1, memory_gb: 0.5 } } }',
  'stages: { a: { cmd: x, when: params.deploy } }',
  'stages: { a: { cmd: x, when: true } }',
  'stages: { b: { cmd: x }, a: { cmd: x, after: [b] } }',
  'stages: { a: { foreach: [1, 2], do: { cmd: "x ${item}" } } }',
  'stages: { a: { foreach: { k: { v: 1 } }, do: { cmd: "x ${item.v}" } } }',
  'stages: { a: { foreach: "${list}", do: { cmd: "x ${item}" } } }',
  'stages: { a: { matrix: { m: [a, 1, { b: 2 }], n: "${list}" }, cmd: x } }',
  'stages: { a: { matrix: { include: [{ m: 1 }] }, cmd: x } }',
  'stages: { a: { matrix: { m: [1, 2], exclude: [{ m: 1 }] }, cmd: x } }',
  'vars: [{ a: { b: 1 } }]',
  'params: [p.yaml]\nmetrics: [m.json]',
  'plots: [a.csv, { b.csv: }, { c: { x: t, y: [u, v], title: T } }, { d: { x: { f: t }, y: { f: u, g: [v, w] } } }]',
  'artifacts: { m: { path: models/m, type: model, labels: [a], meta: { x: 1 }, desc: d } }',
  'datasets: [{ name: a, type: b, more: c }]',
  'base: main\nbetter: { rmse: lower, auc: higher }\nchecks: ["m.json:r2 > 1"]',
];

const BAD: readonly string[] = [
  '[]',
  'text',
  'stages: []',
  'stages:',
  'stagez: {}',
  'stages: { a: }',
  'stages: { a: text }',
  'stages: { a: {} }',
  'stages: { a: { deps: [b] } }',
  'stages: { a: { cmd: } }',
  'stages: { a: { cmd: "" } }',
  'stages: { a: { cmd: 3 } }',
  'stages: { a: { cmd: { x: y } } }',
  'stages: { a: { cmd: [x, 3] } }',
  'stages: { a: { cmd: x, wdir: [] } }',
  'stages: { a: { cmd: x, wdir: } }',
  'stages: { a: { cmd: x, dep: [a] } }',
  'stages: { a: { cmd: x, deps: a } }',
  'stages: { a: { cmd: x, deps: [1] } }',
  'stages: { a: { cmd: x, deps: [{ imports: true }] } }',
  'stages: { a: { cmd: x, deps: [{ path: a, import: true }] } }',
  'stages: { a: { cmd: x, params: { f.json: [a] } } }',
  'stages: { a: { cmd: x, params: [{ f.json: a }] } }',
  'stages: { a: { cmd: x, params: [1] } }',
  'stages: { a: { cmd: x, outs: [{ b: }] } }',
  'stages: { a: { cmd: x, outs: [{ b: { cache: "no" } }] } }',
  'stages: { a: { cmd: x, outs: [{ b: { cach: true } }] } }',
  'stages: { a: { cmd: x, outs: [{ b: { checkpoint: true } }] } }',
  'stages: { a: { cmd: x, outs: [{ b: { x: a } }] } }',
  'stages: { a: { cmd: x, plots: [{ b: [{ x: a }] }] } }',
  'stages: { a: { cmd: x, vars: { a: 1 } } }',
  'stages: { a: { cmd: x, vars: [1] } }',
  'stages: { a: { cmd: x, frozen: "yes" } }',
  'stages: { a: { cmd: x, frozen: 1 } }',
  'stages: { a: { cmd: x, desc: 1 } }',
  'stages: { a: { cmd: x, checks: "r2 > 1" } }',
  'stages: { a: { cmd: x, checks: [{ severity: warn }] } }',
  'stages: { a: { cmd: x, checks: [{ expr: r2 > 1, severity: fatal }] } }',
  'stages: { a: { cmd: x, env: [TZ=UTC] } }',
  'stages: { a: { cmd: x, env: [1A] } }',
  'stages: { a: { cmd: x, secrets: KEY } }',
  'stages: { a: { cmd: x, shell: zsh } }',
  'stages: { a: { cmd: x, timeout: soon } }',
  'stages: { a: { cmd: x, timeout: -1 } }',
  'stages: { a: { cmd: x, timeout: true } }',
  'stages: { a: { cmd: x, retry: -1 } }',
  'stages: { a: { cmd: x, retry: 1.5 } }',
  'stages: { a: { cmd: x, retry: { delay: 1s } } }',
  'stages: { a: { cmd: x, retry: { limit: 1, backoff: 0 } } }',
  'stages: { a: { cmd: x, resources: { gpu: some } } }',
  'stages: { a: { cmd: x, resources: { gpu: -1 } } }',
  'stages: { a: { cmd: x, when: 1 } }',
  'stages: { a: { cmd: x, after: b } }',
  'stages: { a: { foreach: [1] } }',
  'stages: { a: { do: { cmd: x } } }',
  'stages: { a: { foreach: [1], do: { cmd: x }, deps: [b] } }',
  'stages: { a: { foreach: [1], do: { cmd: x, matrix: { m: [1] } } } }',
  'stages: { a: { foreach: 3, do: { cmd: x } } }',
  'stages: { a: { matrix: [1], cmd: x } }',
  'stages: { a: { matrix: { m: abc }, cmd: x } }',
  'stages: { a: { matrix: { m: { b: 1 } }, cmd: x } }',
  'stages: { a: { matrix: { include: [1] }, cmd: x } }',
  'vars: a.yaml',
  'params: p.yaml',
  'metrics: [1]',
  'plots: { a: { x: b } }',
  'plots: [{ a: { z: b } }]',
  'artifacts: { m: { type: model } }',
  'artifacts: [m]',
  'checks: { a: b }',
  'base: 1',
  'better: { rmse: smaller }',
];

function schemaAccepts(text: string): boolean {
  const { node } = parseYaml('pipeline.yaml', text, { dialect: 'repro' });
  return node !== undefined && validate(toPlain(toValue(node)));
}

const PARAMS = {
  'params.yaml': 'list: [d]\nf: true\nc: false\nt: 3\n',
  'v.yaml': 'v: 1\n',
  'w.yaml': '{ a: 1, b: 1 }\n',
};

test.each(GOOD)('the schema and the loader take: %s', (text) => {
  expect([schemaAccepts(text), validate.errors ?? []]).toEqual([true, []]);
  expect(load({ 'pipeline.yaml': text, ...PARAMS }).problems.map((each) => each.message)).toEqual([]);
});

test.each(BAD)('the schema and the loader refuse: %s', (text) => {
  expect(schemaAccepts(text)).toBe(false);
  const { pipeline, problems } = load({ 'pipeline.yaml': text, ...PARAMS });
  expect(pipeline).toBeUndefined();
  for (const found of problems) expect(found.span?.file).toBe('pipeline.yaml');
});

/** Every value that is wrong in kind, put at every place of a file in turn. */
function* mutants(value: unknown): Generator {
  const odd: readonly unknown[] = [null, true, -1, 'text', '', [], {}, [1], { odd: 1 }];
  yield* odd;
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) for (const other of mutants(item)) yield value.with(i, other);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      for (const other of mutants(item)) yield { ...value, [key]: other };
      yield Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
      yield { ...value, [`${key}x`]: item };
    }
  }
}

test('the schema and the decoder agree on each good file with any one value replaced, removed or renamed', () => {
  const disagreements: string[] = [];
  let count = 0;
  for (const text of GOOD) {
    const { node } = parseYaml('pipeline.yaml', text, { dialect: 'repro' });
    for (const mutant of mutants(node && toPlain(toValue(node)))) {
      const json = JSON.stringify(mutant);
      const parsed = parseYaml('pipeline.yaml', json, { dialect: 'repro' }).node;
      const decoded = parsed && checkShape(parsed, PIPELINE, '', { dialect: 'repro', templates: true, problems: [] });
      count++;
      // An empty file and `null` are an empty map to the reader before anything is decoded.
      if (mutant !== null && (decoded ?? false) !== validate(mutant)) disagreements.push(json);
    }
  }
  expect(disagreements).toEqual([]);
  expect(count).toBeGreaterThan(2000);
});

test('the schema in the repository is that of the table', () => {
  for (const [path, content] of generatedFiles()) expect(readFileSync(join(ROOT, path), 'utf8')).toBe(content);
});

describe('the table', () => {
  test('is shown on the reference page, whole', () => {
    const page = readFileSync(join(ROOT, 'docs/pipeline.md'), 'utf8');
    for (const group of FIELD_GROUPS) expect(page).toContain(`<!-- fields: ${group} -->`);
    for (const name of fieldNames(PIPELINE, new Set())) expect(page).toContain(`**\`${name}\`**`);
  });

  test('describes every field in sentences', () => {
    for (const field of allFields(PIPELINE, new Set())) expect(field.description).toMatch(/^[A-Z].*\.$/);
  });

  test('has an example for each field, which is YAML and passes', () => {
    for (const field of allFields(PIPELINE, new Set())) {
      const { node } = parseYaml('example.yaml', field.example ?? '', { dialect: 'repro' });
      const value = node?.kind === 'map' ? node.get(field.name) : undefined;
      const problems: never[] = [];
      expect([
        field.example,
        value && checkShape(value, field.shape, '', { dialect: 'repro', templates: true, problems }),
      ]).toEqual([field.example, true]);
    }
  });
});

function* allFields(shape: Shape, seen: Set<Shape>): Generator<Field> {
  if (seen.has(shape)) return;
  seen.add(shape);
  if (shape.kind === 'record') {
    for (const field of shape.fields) {
      if (field.only !== 'dvc') yield field;
      yield* allFields(field.shape, seen);
    }
  }
  const parts = shape.kind === 'either' ? shape.of : shape.kind === 'keyed' ? [shape.present, shape.absent] : [];
  for (const part of parts) yield* allFields(part, seen);
  if (shape.kind === 'list' || shape.kind === 'dict') yield* allFields(shape.of, seen);
}

function fieldNames(shape: Shape, seen: Set<Shape>): Set<string> {
  return new Set([...allFields(shape, seen)].map((field) => field.name));
}
