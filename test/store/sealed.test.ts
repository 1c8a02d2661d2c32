// What guards the small files that one command leaves for the next: every small damage, wherever it is, must show.
import { expect, test } from 'vitest';
import { checksum, sealed, unsealed } from '../../src/store/sealed.ts';

const TEXTS = ['', 'a', 'four', 'seventeen letters', 'ü'.repeat(40), JSON.stringify({ stages: ['a', 'b'], n: 1 })];

test.each(TEXTS)('what is sealed comes back: %j', (text) => {
  expect(unsealed(sealed(text))).toBe(text);
});

test.each(TEXTS)('each flipped bit shows: %j', (text) => {
  const whole = sealed(text);
  for (let bit = 0; bit < whole.length * 8; bit++) {
    const bytes = Buffer.from(whole);
    bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    expect(unsealed(bytes)).toBeNull();
  }
});

test('each byte that is missing, added, zeroed or exchanged with the next shows', () => {
  const whole = sealed(TEXTS.at(-1) ?? '');
  for (let at = 0; at < whole.length; at++) {
    const [before, after] = [whole.subarray(0, at), whole.subarray(at + 1)];
    expect(unsealed(Buffer.from(before))).toBeNull();
    expect(unsealed(Buffer.concat([before, after]))).toBeNull();
    expect(unsealed(Buffer.concat([before, Buffer.alloc(1), whole.subarray(at)]))).toBeNull();
    expect(unsealed(Buffer.concat([before, Buffer.alloc(1), after]))).toBeNull();
    const swapped = Buffer.concat([before, after.subarray(0, 1), whole.subarray(at, at + 1), after.subarray(1)]);
    if (!swapped.equals(whole)) expect(unsealed(swapped)).toBeNull();
  }
});

test('the sum does not depend on where the bytes lie in memory', () => {
  const bytes = Buffer.from('text that does not end where a word does');
  const sums = [0, 1, 2, 3].map((offset) => checksum(Buffer.concat([Buffer.alloc(offset), bytes]), offset));
  expect(new Set(sums).size).toBe(1);
});
