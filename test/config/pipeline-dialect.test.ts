// A dvc.yaml is read as DVC reads it: what it may say, what it may not, and which of its stages are refused.
import { describe, expect, test } from 'vitest';
import { renderProblems } from '../../src/base/problem-text.ts';
import { commandTexts } from '../../src/config/command-lines.ts';
import { codesOf, load } from './memory.ts';
import type { MemoryFiles } from './memory.ts';

describe('a dvc.yaml', () => {
  const dvc = (text: string, more: MemoryFiles = {}) => load({ 'dvc.yaml': text, ...more });

  test('has literal paths, and its script is cut into lines', () => {
    const { pipeline } = dvc('stages: { a: { cmd: "x\\ny", deps: ["a*.csv"], outs: [o/] } }');
    const [stage] = pipeline?.stages ?? [];
    expect(stage).toMatchObject({
      shell: 'dvc',
      cmd: ['x\ny'],
      deps: [{ path: 'a*.csv', glob: false, imports: false }],
    });
    expect(stage && commandTexts(stage)).toEqual(['x', 'y']);
    expect(pipeline?.dialect).toBe('dvc');
  });

  test('may read and work outside the project, as DVC allows', () => {
    const { pipeline } = dvc('stages: { a: { cmd: x, wdir: ../w, deps: [d] } }');
    expect(pipeline?.stages[0]).toMatchObject({ wdir: '../w', deps: [{ path: '../w/d' }] });
  });

  test.each([
    ['deps: ${list}', 'type-wrong'],
    ['frozen: ${b}', 'type-wrong'],
    ['deps: [{ path: a }]', 'dvc-addition'],
    ['timeout: 3', 'dvc-addition'],
    ['outs: [.dvc/x]', 'path-reserved'],
    ['outs: [{ a: }]', 'type-wrong'],
    ['outs: [a]\n    metrics: [a]', 'out-duplicate'],
    ['matrix: { a: x, b: [y] }', undefined],
    ['params: [{ f.json: a }]', 'type-wrong'],
    ['params: [{ f.json: }]', undefined],
    ['outs: [{ a: { checkpoint: true } }]', undefined],
    ['outs: [a, { b: { x: 1 } }]', 'key-unknown'],
    ['outs: [a, { a: { cache: false } }]', undefined],
    ['dep: [a]', 'key-unknown'],
  ])('with %s gives %s', (field, code) => {
    const { pipeline, problems } = dvc(`stages:\n  a:\n    cmd: x\n    ${field}\n`, {
      'params.yaml': 'list: [a]\nb: true\n',
    });
    expect(codesOf(problems)).toEqual(code === undefined ? [] : [code]);
    expect(pipeline === undefined).toBe(code !== undefined);
  });

  test('an addition of ours is told with the way to have it', () => {
    expect(renderProblems(dvc('stages: { a: { cmd: x, checks: [r2 > 1] } }').problems)).toContain('repro import dvc');
  });

  test('every group that uses an unsupported feature is refused, also where an alias shares its place', () => {
    const { problems } = dvc('stages:\n  a: { cmd: x, deps: &d [s3://x/y] }\n  b: { cmd: y, deps: *d }\n');
    expect(problems.map(({ code, stage }) => [code, stage])).toEqual([
      ['dvc-unsupported', 'a'],
      ['dvc-unsupported', 'b'],
    ]);
  });
});
