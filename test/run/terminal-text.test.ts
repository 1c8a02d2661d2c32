/* oxlint-disable no-control-regex */
// Output of others cannot drive the terminal, hide text or fake its direction; plain text and colours pass.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { terminalText } from '../../src/base/terminal-text.ts';

test.each([
  'plain text',
  'tab\tstays',
  'größer, 日本語, عربي, 👩‍👩‍👧 🇩🇪 e\u0301',
  '\u001b[31mred\u001b[0m',
  '\u001b[1;38;2;1;2;3mtrue colour\u001b[0m',
  '\u001b[4:3mcurly\u001b[0m',
  '\u001b[1;38;5;8;48;2;8;8;8mgrey\u001b[28;58m.\u001b[0m',
])('%j passes', (text) => {
  expect(terminalText(text, { colour: true })).toBe(text);
});

test.each([
  ['\u001b]0;title\u0007after', '^[]0;title^Gafter'],
  ['\u001b]8;;http://x\u001b\\link', '^[]8;;http://x^[\\link'],
  ['\u001b[2Jgone', '^[[2Jgone'],
  ['\u001b[1A\u001b[2Kfake', '^[[1A^[[2Kfake'],
  ['\u001b[?1049h', '^[[?1049h'],
  ['\u001b[6n', '^[[6n'],
  ['\u001bP1$q\u001b\\', '^[P1$q^[\\'],
  ['\u001bc', '^[c'],
  ['\u001b', '^['],
  ['\u001b[', '^[['],
  ['\u009b31m', '<U+009B>31m'],
  ['\u009d0;t\u009c', '<U+009D>0;t<U+009C>'],
  ['a\rb\u0008c', 'a^Mb^Hc'],
  ['a\u0000\u007f', 'a^@^?'],
  ['a\u202eb\u2066', 'a<U+202E>b<U+2066>'],
  ['a\u2028b', 'a<U+2028>b'],
  ['a\u200bb\ufeff', 'a<U+200B>b<U+FEFF>'],
  ['\u{e0041}', '<U+E0041>'],
  ['\ud800', '<U+D800>'],
  [`\u001b[${'1;'.repeat(100)}m`, `^[[${'1;'.repeat(100)}m`],
])('%j becomes visible', (text, expected) => {
  expect(terminalText(text, { colour: true })).toBe(expected);
});

test.each(['\u001b[8m', '\u001b[0;08m', '\u001b[38;5;8;8m', '\u001b[8;1m'])(
  '%j, which hides text, is left out',
  (hiding) => {
    expect(terminalText(`${hiding}text`, { colour: true })).toBe('text');
  },
);

test('a colour that is left on is turned off, and without colours none is shown', () => {
  expect(terminalText('\u001b[31mred', { colour: true })).toBe('\u001b[31mred\u001b[0m');
  expect(terminalText('\u001b[31mred\u001b[0m', { colour: false })).toBe('red');
});

test('whatever comes, only colours are left of control sequences, and a second pass changes nothing', () => {
  const unit = fc.oneof(
    fc.constantFrom('\u001b', '[', ']', 'm', '3', ';', '?', '\u009b', '\u0007', '\\', 'P', '\u202e', '\n', 'a'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  );
  fc.assert(
    fc.property(fc.array(unit), (units) => {
      const safe = terminalText(units.join(''), { colour: true });
      const rest = safe.replaceAll(/\u001b\[[\d;:]{0,40}m/g, '');
      expect(rest).not.toMatch(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
      expect(terminalText(safe, { colour: false })).toBe(rest);
    }),
    { numRuns: 500 },
  );
});
