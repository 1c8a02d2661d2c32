// Problems as a terminal shows them: frames, carets under the right columns, odd characters, long lines, colour.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { displayWidth, renderProblem, renderProblems, visible } from '../../src/base/problem-text.ts';
import { problem, warning } from '../../src/base/problem.ts';
import type { Span } from '../../src/base/problem.ts';

function spanOf(text: string, part: string, line = 14): Span {
  return { file: 'pipeline.yaml', line, column: text.indexOf(part) + 1, length: part.length, text };
}

function frame(text: string, part: string, width?: number): string[] {
  const options = width === undefined ? {} : { width };
  return renderProblem(problem('type-wrong', 'wrong', { span: spanOf(text, part) }), options)
    .split('\n')
    .slice(2);
}

test('a problem has its message, place, line, caret, notes and hint', () => {
  const found = problem('dep-missing', '`train` reads `data/train.csv`, which is not there', {
    span: spanOf('      - data/train.csv', 'data/train.csv'),
    notes: [{ message: 'the stage is here', span: spanOf('  train:', 'train', 9) }, { message: 'no stage makes it' }],
    hint: 'did you mean `data/training.csv`?',
    stage: 'train',
  });
  expect(renderProblem(found)).toBe(`error[dep-missing]: \`train\` reads \`data/train.csv\`, which is not there
  --> pipeline.yaml:14:9
14 |       - data/train.csv
   |         ^^^^^^^^^^^^^^
note: the stage is here
  --> pipeline.yaml:9:3
 9 |   train:
   |   ^^^^^
note: no stage makes it
hint: did you mean \`data/training.csv\`?`);
});

test('the stage is named when the message does not name it', () => {
  expect(renderProblem(problem('usage', 'no', { stage: 'a' }))).toBe('error[usage]: no (stage `a`)');
  expect(renderProblem(problem('usage', '`a` no', { stage: 'a' }))).toBe('error[usage]: `a` no');
});

test('errors come before warnings', () => {
  const text = renderProblems([warning('usage', 'w'), problem('usage', 'e')]);
  expect(text).toBe('error[usage]: e\n\nwarning[usage]: w');
});

test('carets stand under wide, combined and control characters', () => {
  expect(frame('a: 日本 x', 'x')).toEqual(['14 | a: 日本 x', '   |         ^']);
  expect(frame('a: 日本 x', '日本')).toEqual(['14 | a: 日本 x', '   |    ^^^^']);
  expect(frame('cafe\u0301 x', 'x')).toEqual(['14 | cafe\u0301 x', '   |      ^']);
  expect(frame('👩‍👩‍👧 x', 'x')).toEqual(['14 | 👩‍👩‍👧 x', '   |    ^']);
  expect(frame('a\tx', 'x')).toEqual(['14 | a    x', '   |      ^']);
  expect(frame('\u001b[31m x', 'x')).toEqual([String.raw`14 | \u001b[31m x`, '   |            ^']);
});

test('nothing in a message can move the cursor, forge a line or turn the text around', () => {
  const evil = 'a\u001b[2J\nerror: b\r\u202e\u0007\u2028';
  const shown = renderProblem(problem('usage', evil, { hint: evil, stage: evil, notes: [{ message: evil }] }));
  // oxlint-disable-next-line no-control-regex
  expect(shown).not.toMatch(/[\u001b\r\u202e\u0007\u2028]/);
  expect(shown.split('\n')).toHaveLength(3);
  expect(visible('a\tb')).toBe(String.raw`a\tb`);
});

test('a caret beyond the end of the line stands right behind it', () => {
  const span: Span = { file: 'f', line: 1, column: 6, length: 1, text: 'a: [b' };
  expect(
    renderProblem(problem('yaml-syntax', 'x', { span }))
      .split('\n')
      .slice(2),
  ).toEqual(['1 | a: [b', '  |      ^']);
});

test('an empty line has a place and no frame', () => {
  const span: Span = { file: 'f', line: 1, column: 1, length: 1, text: '' };
  expect(renderProblem(problem('yaml-syntax', 'x', { span }))).toBe('error[yaml-syntax]: x\n --> f:1:1');
});

test('a long line is cut around the caret', () => {
  const [line = '', caret = ''] = frame(`${'a'.repeat(5000)}XYZ${'b'.repeat(5000)}`, 'XYZ', 60);
  expect(line).toMatch(/^14 \| …a+XYZb+…$/);
  expect(line.length).toBeLessThanOrEqual(62);
  expect(caret.indexOf('^')).toBe(line.indexOf('XYZ'));
  expect(caret.trim()).toBe('|'.concat(' '.repeat(caret.indexOf('^') - 4), '^^^'));
});

test('a line of megabytes takes no longer than a short one', () => {
  const [line = ''] = frame(`${'日'.repeat(3_000_000)}X${'b'.repeat(3_000_000)}`, 'X', 60);
  expect(line).toContain('X');
});

test('colour adds codes and nothing else', () => {
  const found = problem('usage', 'no', { span: spanOf('a: b', 'b'), hint: 'h', stage: 's', notes: [{ message: 'n' }] });
  const coloured = renderProblem(found, { colour: true });
  expect(coloured).toContain('\u001b[1;31merror[usage]\u001b[0m');
  // oxlint-disable-next-line no-control-regex
  expect(coloured.replaceAll(/\u001b\[[\d;]*m/g, '')).toBe(renderProblem(found));
});

test('any text and any place give a caret row that starts under the shown text', () => {
  const arbitrary = fc.record({
    text: fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }),
    column: fc.integer({ min: 1, max: 320 }),
    length: fc.integer({ min: 1, max: 50 }),
    width: fc.integer({ min: 0, max: 120 }),
  });
  fc.assert(
    fc.property(arbitrary, ({ text, column, length, width }) => {
      const span = { file: 'f', line: 1, column, length, text: text.replaceAll('\n', ' ') };
      const lines = renderProblem(problem('usage', 'x', { span }), { width }).split('\n');
      expect(lines).toHaveLength(4);
      const [, , shown = '', carets = ''] = lines;
      expect(carets).toMatch(/^ {2}\| *\^+$/);
      expect(carets.length).toBeLessThanOrEqual(displayWidth(shown) + 1);
    }),
    { numRuns: 800 },
  );
});
