// What we read is what DVC reads: templates, vars, foreach, matrix, YAML, params. The answers in dvc-answers.jsonl come
// from DVC 3.67.1 itself (bench/dvc). Where we differ, the case stands below, with the reason.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { DvcCase } from '../../bench/dvc/case.ts';
import { DVC_CASES } from '../../bench/dvc/cases.ts';
import { ourAnswer } from './dvc-reading.ts';
import type { Answer } from './dvc-reading.ts';

/** Case -> the code of our problem, where DVC has an answer. */
const REFUSED: Readonly<Record<string, string>> = {
  // DVC loads a command that is a map and crashes when it is run.
  'template ${b}': 'template-type',
  'template ["${b}"]': 'template-type',
  'foreach item alone': 'template-type',
  // Keys that are lists, sets and ordered maps.
  'yaml: ? [x, y]\n: 1\n': 'type-wrong',
  'yaml: a: !!set {x, y}\n': 'dvc-unsupported',
  'yaml: a: !!omap [x: 1]\n': 'dvc-unsupported',
};

/** Keys that we find although DVC's look-up stops at an empty key anywhere in the file. */
const FOUND: ReadonlySet<string> = new Set(['params: an empty key in the file']);

const answers = new Map(
  readFileSync(join(import.meta.dirname, 'dvc-answers.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Answer => JSON.parse(line) as Answer)
    .map((answer) => [answer.name, answer]),
);

function answerTo(question: DvcCase): Answer {
  const answer = answers.get(question.name);
  if (!answer) throw new Error('DVC was not asked: record the answers again (bench/dvc/cases.ts)');
  expect(answer.of, 'the case was changed since DVC was asked').toBe(
    createHash('sha256').update(JSON.stringify(question)).digest('hex').slice(0, 12),
  );
  return answer;
}

/** DVC's schema comes before its templates; ours is not part of what is compared here. */
function refusedBySchema(answer: Answer): boolean {
  return answer.error?.startsWith('YAMLValidationError') ?? false;
}

describe('what DVC reads, we read with the same result; what it refuses, we refuse', () => {
  test('there is an answer for every case, and no name twice', () => {
    expect(new Set(DVC_CASES.map((each) => each.name)).size).toBe(DVC_CASES.length);
    expect([...answers.keys()].sort()).toEqual(DVC_CASES.map((each) => each.name).sort());
  });

  for (const question of DVC_CASES) {
    test(question.name, () => {
      const answer = answerTo(question);
      if (refusedBySchema(answer)) return;
      const ours = ourAnswer(question);
      const refused = REFUSED[question.name];
      if (refused !== undefined) {
        expect(ours.problems.map((found) => found.code)).toEqual([refused]);
      } else if (answer.error !== undefined) {
        expect(ours.problems, `DVC: ${answer.error}`).not.toEqual([]);
        for (const found of ours.problems) expect(found.span?.line ?? 1).toBeGreaterThan(0);
      } else if (answer.values && !FOUND.has(question.name)) {
        expect(ours.values).toEqual(answer.values);
      } else if (!answer.values) {
        expect(ours.problems).toEqual([]);
        expect(ours.value ?? ours.stages).toEqual(answer.value ?? answer.stages);
      }
    });
  }
});

test('in our dialect the sane part of those cases has the same result', () => {
  const differing = DVC_CASES.filter((question) => question.kind === 'project').filter((question) => {
    const answer = answerTo(question);
    if (answer.error !== undefined || !answer.stages) return false;
    const ours = ourAnswer(question, 'repro');
    return ours.problems.length === 0 && JSON.stringify(ours.stages) !== JSON.stringify(answer.stages);
  });
  expect(differing.map((question) => question.name)).toEqual([
    // The core schema of YAML 1.2 has neither.
    'number bin',
    'number under',
    // DVC does not see keys that are not strings.
    'flags x ${ints}',
    'foreach a map whose keys are not strings',
    'matrix of a map whose keys are not strings',
  ]);
});
