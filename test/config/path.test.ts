// Paths as users write them, and durations: what they mean, and what is refused.
import fc from 'fast-check';
import { posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { MAX_DURATION_MS, parseDuration } from '../../src/config/duration.ts';
import { DVC_RESERVED, REPRO_RESERVED, isInside, joinPath, normalisePath, twinKey } from '../../src/config/path.ts';
import { isGlob } from '../../src/config/stage-paths.ts';

function normal(written: string, base = '.', options: { root?: string; mayLeaveRoot?: boolean } = {}): string {
  const result = normalisePath(written, { base, reserved: REPRO_RESERVED, ...options });
  return result.kind === 'path' ? result.path : result.code;
}

describe('a path', () => {
  test.each([
    ['a/b', '.', 'a/b'],
    ['./a//b/.', '.', 'a/b'],
    ['a/b/', 'x', 'x/a/b'],
    ['../a', 'x/y', 'x/a'],
    ['../../a', 'x/y', 'a'],
    ['.', '.', '.'],
    ['..', 'x', '.'],
    ['a/..', '.', '.'],
    ['...', '.', '...'],
    ['-a b\n', '.', '-a b\n'],
    ['.gitignore', '.', '.gitignore'],
    ['a/.git/b', '.', 'a/.git/b'],
    ['..', '.', 'path-outside'],
    ['a/../../b', '.', 'path-outside'],
    ['a/../../x/b', 'x', 'x/b'],
    ['/a', '.', 'path-outside'],
    ['.git', '.', 'path-reserved'],
    ['../.repro/objects', 'x', 'path-reserved'],
    ['.Git/hooks', '.', 'path-reserved'],
    ['', '.', 'path-invalid'],
    ['a\0b', '.', 'path-invalid'],
    ['\ud800', '.', 'path-invalid'],
    ['é'.repeat(128), '.', 'path-invalid'],
    ['a/'.repeat(2100), '.', 'path-invalid'],
  ])('%j in %j is %j', (written, base, expected) => {
    expect(normal(written, base)).toBe(expected);
  });

  test('written in full is taken as relative when it lies below the root', () => {
    expect(normal('/p/a', 'x', { root: '/p' })).toBe('a');
    expect(normal('//p//a/', 'x', { root: '/p' })).toBe('a');
    expect(normal('/p', '.', { root: '/p' })).toBe('.');
    expect(normal('/pa', '.', { root: '/p' })).toBe('path-outside');
    expect(normal('/p/../a', '.', { root: '/p' })).toBe('path-outside');
    expect(normal('/a', '.', { root: '/' })).toBe('a');
    expect(normal('/q/a', '.', { root: '/p', mayLeaveRoot: true })).toBe('../q/a');
  });

  test('may leave the root where DVC lets it', () => {
    expect(normal('../../a', 'x', { mayLeaveRoot: true })).toBe('../a');
    expect(normalisePath('.dvc/x', { base: '.', reserved: DVC_RESERVED })).toMatchObject({ code: 'path-reserved' });
  });

  test('never resolves outside the root, and is stable', () => {
    const part = fc.oneof(fc.constantFrom('..', '.', '', '.git', 'a', '.repro', '/'), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), fc.constantFrom('.', 'x', 'x/y'), (parts, base) => {
        const result = normalisePath(parts.join('/'), { base, root: '/p', reserved: REPRO_RESERVED });
        if (result.kind !== 'path') return;
        expect(posix.resolve('/p', result.path).startsWith('/p')).toBe(true);
        expect(posix.normalize(result.path)).toBe(result.path);
        expect(result.path.split('/')[0]?.toLowerCase()).not.toMatch(/^\.(?:git|repro)$/);
        expect(normalisePath(result.path, { base: '.', reserved: REPRO_RESERVED })).toEqual(result);
      }),
      { numRuns: 1000 },
    );
  });

  test('has twins where only case or Unicode form differ', () => {
    for (const [a, b] of [
      ['A/b', 'a/B'],
      ['caf\u00e9', 'cafe\u0301'],
      ['stra\u00dfe', 'STRASSE'],
      ['\u212b', '\u00e5'],
    ] as const) {
      expect(twinKey(a)).toBe(twinKey(b));
    }
    expect(twinKey('a')).not.toBe(twinKey('b'));
  });

  test('joins and lies inside as one expects', () => {
    expect([joinPath('.', 'a'), joinPath('a', '.'), joinPath('a', 'b')]).toEqual(['a', 'a', 'a/b']);
    expect([isInside('a/b', 'a'), isInside('a', 'a'), isInside('ab', 'a'), isInside('a', '.')]).toEqual([
      true,
      true,
      false,
      true,
    ]);
  });
});

test.each([
  ['a*.csv', true],
  ['a?', true],
  ['a[01]', true],
  ['{a,b}', true],
  ['f{1..3}', true],
  ['a{b}', false],
  ['a[', false],
  [String.raw`a\*`, false],
  [String.raw`a\[1]`, false],
  ['plain/a-b (1).csv', false],
])('%s is a pattern: %s', (path, expected) => {
  expect(isGlob(path)).toBe(expected);
});

describe('a duration', () => {
  test.each([
    ['10m', 600_000],
    ['1h30m', 5_400_000],
    ['1h 30m', 5_400_000],
    ['90s', 90_000],
    ['250ms', 250],
    ['1.5h', 5_400_000],
    ['2d', 172_800_000],
    ['90', 90_000],
    [90n, 90_000],
    [0.5, 500],
    ['0s', 0],
    ['', undefined],
    ['m', undefined],
    ['-1s', undefined],
    ['1m1h', undefined],
    ['1m1m', undefined],
    ['1 minute', undefined],
    ['1e3s', undefined],
    ['9999d', undefined],
    [-1, undefined],
    [Number.NaN, undefined],
    [Number.POSITIVE_INFINITY, undefined],
    [10n ** 30n, undefined],
    [MAX_DURATION_MS / 1000, MAX_DURATION_MS],
  ])('%s is %s ms', (value, expected) => {
    expect(parseDuration(value)).toBe(expected);
  });

  test('of any text is finite or nothing', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const ms = parseDuration(text);
        expect(ms === undefined || (ms >= 0 && ms <= MAX_DURATION_MS)).toBe(true);
      }),
    );
  });
});
