// The journal of a tuning study in a file. Each append is on disk before it returns. Invariant: one writer; a second one
// that was started meanwhile makes this one stop, and the file stays whole.
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Journal } from '../src/ml/tune-journal.ts';

export function openJournalFile(file: string): Journal {
  mkdirSync(dirname(resolve(file)), { recursive: true });
  const isNew = !existsSync(file);
  const fd = openSync(file, 'a');
  if (isNew) syncFolder(dirname(resolve(file)));
  let expectedBytes = fstatSync(fd).size;
  return {
    append: (...lines) => {
      if (fstatSync(fd).size !== expectedBytes) {
        throw new Error(`${file} was written by another process: this one stops, start it again to go on`);
      }
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
      for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
      fsyncSync(fd);
      expectedBytes += bytes.length;
    },
    lines: () => {
      const bytes = readFileSync(file);
      const end = bytes.lastIndexOf('\n') + 1;
      if (end < bytes.length) truncateSync(file, end); // a crash cut the last line short
      expectedBytes = end;
      return bytes.subarray(0, end).toString('utf8').split('\n').slice(0, -1);
    },
  };
}

/** A new file is safe only when its folder's entry is. */
function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  fsyncSync(fd);
  closeSync(fd);
}
