// Secrets never pass, however the stream is cut and however a program spells them; everything else passes unchanged.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRedactor } from '../../src/run/redact.ts';

const SECRET = 'hunter2 "x/ü\\';

function redactText(text: string, secrets: readonly string[]): string {
  const redactor = createRedactor(secrets);
  return redactor.push(Buffer.from(text)).toString() + redactor.end().toString();
}

function inPieces(text: Buffer, sizes: readonly number[], secrets: readonly string[]): string {
  const redactor = createRedactor(secrets);
  const shown: Buffer[] = [];
  let at = 0;
  for (let turn = 0; at < text.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    // A copy that is overwritten afterwards, as the memory of a stream may be.
    const chunk = Buffer.from(text.subarray(at, at + size));
    shown.push(Buffer.from(redactor.push(chunk)));
    chunk.fill(0);
    at += size;
  }
  shown.push(redactor.end());
  return Buffer.concat(shown).toString('latin1');
}

test.each<[string, string]>([
  ['as it is', SECRET],
  ['in JSON', JSON.stringify({ key: SECRET })],
  ['in JSON with escaped slashes', JSON.stringify({ key: SECRET }).replaceAll('/', '\\/')],
  ['in ASCII JSON', JSON.stringify({ key: SECRET }).replaceAll('ü', '\\u00fc')],
  ['in a URL', `https://example.org/?key=${encodeURIComponent(SECRET)}&x=1`],
  [
    'in a URL with small hex digits',
    `key=${encodeURIComponent(SECRET).replaceAll(/%[0-9A-F]{2}/g, (x) => x.toLowerCase())}`,
  ],
  ['in a form', new URLSearchParams({ key: SECRET }).toString()],
  ['in base64', Buffer.from(SECRET).toString('base64')],
  ['in base64 behind one byte', Buffer.from(`u${SECRET}`).toString('base64')],
  ['in base64 behind two bytes', Buffer.from(`u:${SECRET}`).toString('base64')],
  ['in base64 behind a user name', Buffer.from(`user:${SECRET} and more`).toString('base64')],
  ['in base64 for URLs', Buffer.from(SECRET).toString('base64url')],
])('a secret %s is masked', (_name, text) => {
  const shown = redactText(text, [SECRET]);
  expect(shown).toContain('***');
  const leaks = [SECRET, SECRET.slice(0, 7), Buffer.from(SECRET).toString('base64').slice(4, -4)];
  for (const leak of leaks) expect(shown).not.toContain(leak);
});

test('the text around a secret stays', () => {
  expect(redactText('key=abcdef, next', ['abcdef'])).toBe('key=***, next');
  expect(redactText('abcdef abcdef', ['abcdef'])).toBe('*** ***');
});

test('each line of a secret of many lines is a secret', () => {
  const key = '-----BEGIN KEY-----\nMIIEvQIBADAN\nBgkqhkiG9w0B\n-----END KEY-----\n';
  expect(redactText('  MIIEvQIBADAN\r\n> BgkqhkiG9w0B', [key])).toBe('  ***\r\n> ***');
  expect(redactText(`[${key}]`, [key])).toBe('[***]');
});

test('very short and empty values are left alone', () => {
  expect(redactText('a 1 yes', ['', '1', 'yes'])).toBe('a 1 yes');
});

test('a secret that begins another, overlaps itself or another, leaves nothing of either', () => {
  expect(redactText('x abcdefgh y', ['abcd', 'abcdefgh'])).toBe('x *** y');
  expect(redactText('x abababab y', ['abab'])).toBe('x *** y');
  expect(redactText('x abcdefgh y', ['abcde', 'defgh'])).toBe('x *** y');
});

test('a possible beginning is held back, and shown when it comes to nothing', () => {
  const redactor = createRedactor(['secret']);
  expect(redactor.push(Buffer.from('a sec')).toString()).toBe('a ');
  expect(redactor.push(Buffer.from('ond')).toString()).toBe('second');
  expect(redactor.push(Buffer.from(' se')).toString()).toBe(' ');
  expect(redactor.end().toString()).toBe('se');
});

test('however the stream is cut, the bytes shown are the same, and no secret is among them', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '=', '\n'), minLength: 4, maxLength: 8 });
  const text = fc.array(fc.oneof(letters, fc.constantFrom('abab', 'aabb', 'x')), { maxLength: 40 });
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 9 });
  fc.assert(
    fc.property(text, fc.array(letters, { minLength: 1, maxLength: 3 }), sizes, (words, secrets, cuts) => {
      const bytes = Buffer.from(words.join(''));
      const whole = inPieces(bytes, [bytes.length + 1], secrets);
      expect(inPieces(bytes, cuts, secrets)).toBe(whole);
      for (const secret of secrets) if (secret.trim().length >= 4) expect(whole).not.toContain(secret);
      // Nothing but secrets is lost: what is shown between masks stands in the text in this order.
      let at = 0;
      for (const part of whole.split('***')) {
        const found = bytes.toString('latin1').indexOf(part, at);
        expect(found).toBeGreaterThanOrEqual(at);
        at = found + part.length;
      }
    }),
    { numRuns: 400 },
  );
});

test('bytes that are no text pass unchanged', () => {
  const bytes = Buffer.from([0, 255, 254, 10, 128, 0, 195]);
  expect(inPieces(bytes, [1], ['secret'])).toBe(bytes.toString('latin1'));
});
