// The log keeps raw bytes, within its limit, without secrets; the lines for people are bounded whatever comes.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { LINE_LIMIT_BYTES, StageLines } from '../../src/run/lines.ts';
import { StageLog } from '../../src/run/log.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'log-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

/** What is in the log after these chunks, written in turn to stdout and stderr. */
function logged(chunks: readonly (string | Buffer)[], limitBytes?: number, secrets: readonly string[] = []): Buffer {
  const file = join(folder(), 'runs/1/stage.log');
  const log = new StageLog(file, { secrets, ...(limitBytes !== undefined && { limitBytes }) });
  for (const [at, chunk] of chunks.entries()) log.write(Buffer.from(chunk), at % 2 === 0 ? 'stdout' : 'stderr');
  log.close(true);
  expect(log.error).toBeUndefined();
  return readFileSync(file);
}

test('bytes are kept as they came, in order, from both streams', () => {
  const bytes = Buffer.from([0, 255, 13, 10, 195, 27, 91, 0]);
  expect(logged(['a\n', bytes, '', 'no newline'])).toEqual(
    Buffer.concat([Buffer.from('a\n'), bytes, Buffer.from('no newline')]),
  );
});

test('a log of exactly its limit is whole', () => {
  expect(logged(['0123456789'], 10).toString()).toBe('0123456789');
  expect(logged(['01234', '56789'], 10).toString()).toBe('0123456789');
});

test.each([
  [['0123456789A'], '01234\n[repro: 1 bytes of output are left out here]\n6789A'],
  [['01234', '5678', '9ABCDEF', 'GHI', 'J'], '01234\n[repro: 10 bytes of output are left out here]\nFGHIJ'],
  [['x'.repeat(1000), '01234'], 'xxxxx\n[repro: 995 bytes of output are left out here]\n01234'],
  ['0123456789ABC'.split(''), '01234\n[repro: 3 bytes of output are left out here]\n89ABC'],
])('a longer log keeps its head and its tail: %j', (chunks, expected) => {
  expect(logged(chunks, 10).toString()).toBe(expected);
});

test('the file does not grow beyond its limit while the output comes', () => {
  const file = join(folder(), 'stage.log');
  const log = new StageLog(file, { secrets: [], limitBytes: 1000 });
  for (let turn = 0; turn < 100; turn++) {
    log.write(Buffer.alloc(333, 65 + (turn % 26)), 'stdout');
    expect(statSync(file).size).toBeLessThanOrEqual(1000);
  }
  log.close(false);
});

test('a secret cut by a chunk border is in neither stream', () => {
  const file = join(folder(), 'stage.log');
  const log = new StageLog(file, { secrets: ['s3cret-value'] });
  log.write(Buffer.from('out s3cret'), 'stdout');
  log.write(Buffer.from('err s3c'), 'stderr');
  log.write(Buffer.from('-value.\n'), 'stdout');
  log.write(Buffer.from('ret-value!\n'), 'stderr');
  log.close(false);
  expect(readFileSync(file, 'utf8')).toBe('out err ***.\n***!\n');
});

test('a stage without output has a log only when it is asked for', () => {
  const place = folder();
  for (const make of [true, false]) {
    const file = join(place, `${make}.log`);
    new StageLog(file, { secrets: [] }).close(make);
    expect(existsSync(file)).toBe(make);
  }
});

test('the log of an earlier attempt of the same name is replaced', () => {
  const file = join(folder(), 'stage.log');
  writeFileSync(file, 'a longer earlier text');
  const log = new StageLog(file, { secrets: [] });
  log.write(Buffer.from('new'), 'stdout');
  log.close(true);
  expect(readFileSync(file, 'utf8')).toBe('new');
});

test('a log that cannot be written is an error that is kept, and the lines still come', () => {
  const place = folder();
  writeFileSync(join(place, 'file'), '');
  const seen: string[] = [];
  const log = new StageLog(join(place, 'file/stage.log'), {
    secrets: [],
    onBytes: (bytes) => seen.push(String(bytes)),
  });
  log.write(Buffer.from('a'), 'stdout');
  log.write(Buffer.from('b'), 'stdout');
  log.close(true);
  expect(log.error).toBe('ENOTDIR');
  expect(seen).toEqual(['a', 'b']);
});

test('a disk that is full for a moment is an error that is kept, and later output is written', () => {
  const file = join(folder(), 'stage.log');
  const program = `
    import { StageLog } from ${JSON.stringify(join(import.meta.dirname, '../../src/run/log.ts'))};
    const log = new StageLog(${JSON.stringify(file)}, { secrets: [] });
    for (const text of ['a', 'b', 'c']) log.write(Buffer.from(text), 'stdout');
    log.close(false);
    console.log(log.error);`;
  const env = { ...process.env, REPRO_FAILPOINT: 'fs.write:2:ENOSPC' };
  const ran = spawnSync(process.execPath, ['--input-type=module', '-e', program], { env, encoding: 'utf8' });
  expect(ran.stdout).toBe('ENOSPC\n');
  expect(readFileSync(file, 'utf8')).toBe('ac');
});

function lines(chunks: readonly (string | Buffer)[], limit = 100): string[] {
  const seen: string[] = [];
  const stage = new StageLines(limit, (line) => seen.push(line));
  for (const chunk of chunks) stage.push(Buffer.from(chunk), 'stdout');
  stage.end();
  expect(stage.tail()).toEqual(seen.slice(-limit));
  return seen;
}

test.each<[string, (string | Buffer)[], string[]]>([
  ['lines', ['a\nb\n'], ['a', 'b']],
  ['a line in pieces', ['a', 'b', '\nc', '\n'], ['ab', 'c']],
  ['an end without newline', ['a\nb'], ['a', 'b']],
  ['empty lines', ['\n\na\n'], ['', '', 'a']],
  ['Windows line ends', ['a\r\nb\r\n'], ['a', 'b']],
  ['a Windows line end that is cut', ['a\r', '\nb'], ['a', 'b']],
  ['a return before a Windows line end', ['a\r\r\nb\r', '\r\n'], ['a', 'b']],
  ['a progress line', ['10%\r20%\r', '100%\n'], ['100%']],
  ['a progress line that is the last', ['10%\r20%\r'], ['20%']],
  ['a progress line in pieces', ['1', '0%', '\r', '2', '0%'], ['20%']],
  ['a character in pieces', [Buffer.from([195]), Buffer.from([188, 10])], ['ü']],
  ['bytes that are no text', [Buffer.from([255, 65, 0, 10])], ['\ufffdA\0']],
])('%s', (_name, chunks, expected) => {
  expect(lines(chunks)).toEqual(expected);
});

test('a very long line is cut, and the next one is whole', () => {
  const [long, next] = lines([...Array.from({ length: 100 }, () => 'x'.repeat(1000)), '\nnext\n']);
  expect(long).toBe(`${'x'.repeat(LINE_LIMIT_BYTES)}…`);
  expect(next).toBe('next');
});

test('a long line is not cut within a character', () => {
  const [line] = lines([`a${'ü'.repeat(LINE_LIMIT_BYTES)}\n`]);
  expect(line).toMatch(/^aü+…$/);
});

test('only so many last lines are kept', () => {
  const stage = new StageLines(3, undefined);
  for (let at = 1; at <= 1000; at++) stage.push(Buffer.from(`${at}\n`), at % 2 === 0 ? 'stdout' : 'stderr');
  stage.end();
  expect(stage.tail()).toEqual(['998', '999', '1000']);
});
