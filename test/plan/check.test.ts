// Judging checks and `when`: three answers, missing metrics, the value at the base revision. Pure; files are values here.
import { describe, expect, test } from 'vitest';
import { decideWhen, judge } from '../../src/plan/check.ts';
import type { CheckFiles, FileContent } from '../../src/plan/check.ts';
import type { Value } from '../../src/base/value.ts';
import { loadGood } from '../config/memory.ts';

const map = (entries: Readonly<Record<string, Value>>): Value => new Map(Object.entries(entries));
const METRICS: Readonly<Record<string, FileContent>> = {
  'm.json': { kind: 'value', value: map({ r2: 0.8, n: 10n, nested: map({ auc: 0.9 }), bad: Number.NaN, text: 'x' }) },
  'gone.json': { kind: 'missing', why: 'there is no `gone.json`' },
  'later.json': { kind: 'pending' },
  'params.yaml': { kind: 'value', value: map({ least: 0.5, deploy: false }) },
};
const FILES: CheckFiles = {
  paramsFile: 'params.yaml',
  file: (path) => METRICS[path] ?? { kind: 'missing', why: `there is no \`${path}\`` },
  env: (name) => (name === 'STAGE' ? 'prod' : undefined),
  base: (path) =>
    path === 'm.json' ? { kind: 'value', value: map({ r2: 0.7 }) } : { kind: 'no-base', why: 'not in git' },
};

function verdict(text: string, metrics = ['m.json']): string {
  const [stage] = loadGood(
    `stages: { a: { cmd: x, metrics: [${metrics.join(', ')}], checks: [${JSON.stringify(text)}] } }`,
  ).stages;
  const [check] = stage?.checks ?? [];
  if (!check) throw new Error('there is no check');
  const { passed, note } = judge(check, 'a', metrics, FILES);
  return `${passed ? 'passed' : 'failed'}${note === undefined ? '' : `: ${note}`}`;
}

describe('a check', () => {
  const cases: readonly (readonly [text: string, verdict: string | RegExp])[] = [
    ['r2 > 0.7', 'passed'],
    ['r2 > 80%', 'failed'],
    ['r2 >= 80%', 'passed'],
    ['n == 10', 'passed'],
    ['nested.auc > params.least and r2 > 0.5', 'passed'],
    ['m.json:nested.auc < 0.9', 'failed'],
    ['r2 >= base - 0.01', 'passed'],
    ['r2 <= base(r2)', 'failed'],
    ['absent > 1', /^failed: `absent` is missing/],
    ['bad > 0', /^failed/],
    ['text > 1', /^failed: /],
    ['n >= base', /^passed: /],
  ];
  test.each(cases)('%s', (text, expected) => {
    if (typeof expected === 'string') expect(verdict(text)).toBe(expected);
    else expect(verdict(text)).toMatch(expected);
  });

  test('fails when its metrics file is not there', () => {
    expect(verdict('r2 > 0', ['gone.json'])).toMatch(/^failed: .*there is no `gone.json`/);
  });
});

describe('when', () => {
  const cases: readonly (readonly [text: string, decided: boolean | 'undecided'])[] = [
    ['m.json:r2 > 0.7', true],
    ['params.deploy', false],
    ['params.deploy and later.json:x > 1', false],
    ['not params.deploy or later.json:x > 1', true],
    ['later.json:x > 1', 'undecided'],
    ['gone.json:x > 1', 'undecided'],
    ['env.STAGE == "prod"', true],
  ];
  test.each(cases)('%s is %s', (text, decided) => {
    const [stage] = loadGood(`stages: { a: { cmd: x, when: ${JSON.stringify(text)} } }`).stages;
    if (!stage) throw new Error('there is no stage');
    expect(decideWhen(stage, [], FILES)).toBe(decided);
  });
});
