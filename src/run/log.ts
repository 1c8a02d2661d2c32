// The log of one stage: its raw bytes in the order in which they came, secrets taken out, capped. Beyond the cap the
// first half stays and the second half becomes a ring of the last bytes, put in order at the end: memory is constant and
// the file never grows beyond the cap. A log that cannot be written does not stop the stage; its error is kept.
import {
  closeFd,
  hasCode,
  makeFolder,
  openForRead,
  openNew,
  readFd,
  removeFile,
  truncateFd,
  writeFd,
} from '../base/fs.ts';
import type { Stream } from '../base/process.ts';
import { createRedactor, type Redactor } from './redact.ts';

const LOG_LIMIT_BYTES = 50 * 1024 * 1024;

export interface StageLogOptions {
  readonly secrets: readonly string[];
  readonly limitBytes?: number;
  /** Gets what the log gets, before the cap. */
  readonly onBytes?: (bytes: Buffer, stream: Stream) => void;
}

export class StageLog {
  readonly #file: string;
  readonly #headBytes: number;
  readonly #tailBytes: number;
  readonly #onBytes: ((bytes: Buffer, stream: Stream) => void) | undefined;
  readonly #redactors: Readonly<Record<Stream, Redactor>>;
  #fd: number | undefined;
  #total = 0;
  #error: string | undefined;

  constructor(file: string, options: StageLogOptions) {
    const limitBytes = Math.max(2, options.limitBytes ?? LOG_LIMIT_BYTES);
    this.#file = file;
    this.#headBytes = Math.ceil(limitBytes / 2);
    this.#tailBytes = limitBytes - this.#headBytes;
    this.#onBytes = options.onBytes;
    this.#redactors = { stdout: createRedactor(options.secrets), stderr: createRedactor(options.secrets) };
  }

  /** The system's code of the first failure to write, if there was one. */
  get error(): string | undefined {
    return this.#error;
  }

  write(chunk: Buffer, stream: Stream): void {
    this.#accept(this.#redactors[stream].push(chunk), stream);
  }

  /** Writes what was held back and puts a capped log in order. `make`: the file is to be there even if it is empty. */
  close(make: boolean): void {
    for (const stream of ['stdout', 'stderr'] as const) this.#accept(this.#redactors[stream].end(), stream);
    this.#guard(() => {
      if (make) this.#open();
      if (this.#total > this.#headBytes + this.#tailBytes) this.#straighten();
    });
    if (this.#fd !== undefined) this.#guard(closeFd, this.#fd);
    this.#fd = undefined;
  }

  #accept(bytes: Buffer, stream: Stream): void {
    if (bytes.length === 0) return;
    this.#onBytes?.(bytes, stream);
    this.#guard(() => this.#append(bytes));
  }

  #append(bytes: Buffer): void {
    const fd = this.#open();
    let rest = bytes;
    while (rest.length > 0) {
      const inHead = this.#total < this.#headBytes;
      const within = inHead ? this.#total : (this.#total - this.#headBytes) % this.#tailBytes;
      const room = (inHead ? this.#headBytes : this.#tailBytes) - within;
      const piece = rest.subarray(0, room);
      writeFd(fd, piece, inHead ? within : this.#headBytes + within);
      this.#total += piece.length;
      rest = rest.subarray(piece.length);
    }
  }

  /** The ring starts where the next byte would go: its parts change places, with a line between head and tail. */
  #straighten(): void {
    const split = (this.#total - this.#headBytes) % this.#tailBytes;
    const ring = readRange(this.#file, this.#headBytes, this.#tailBytes);
    const lost = this.#total - this.#headBytes - this.#tailBytes;
    const marker = Buffer.from(`\n[repro: ${lost} bytes of output are left out here]\n`);
    const fd = this.#open();
    let at = this.#headBytes;
    for (const part of [marker, ring.subarray(split), ring.subarray(0, split)]) {
      writeFd(fd, part, at);
      at += part.length;
    }
    truncateFd(fd, at);
  }

  #open(): number {
    if (this.#fd !== undefined) return this.#fd;
    try {
      this.#fd = openNew(this.#file);
    } catch (error) {
      if (hasCode(error, 'ENOENT')) makeFolder(this.#file.slice(0, this.#file.lastIndexOf('/')));
      else if (hasCode(error, 'EEXIST')) removeFile(this.#file);
      else throw error;
      this.#fd = openNew(this.#file);
    }
    return this.#fd;
  }

  #guard<A extends readonly unknown[]>(act: (...args: A) => void, ...args: A): void {
    if (this.#error !== undefined && this.#fd === undefined) return;
    try {
      act(...args);
    } catch (error) {
      // A system error of the disk (full, read-only, broken). Anything else is a fault in here and must be seen.
      if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') throw error;
      this.#error ??= error.code;
    }
  }
}

function readRange(file: string, start: number, length: number): Buffer {
  const fd = openForRead(file);
  try {
    const block = Buffer.allocUnsafe(Math.min(start, 1 << 20));
    for (let left = start; left > 0; left -= Math.min(left, block.length)) {
      readExactly(fd, block.subarray(0, Math.min(left, block.length)));
    }
    const bytes = Buffer.allocUnsafe(length);
    readExactly(fd, bytes);
    return bytes;
  } finally {
    closeFd(fd);
  }
}

/** Zeros stand for what somebody else has cut off the file meanwhile. */
function readExactly(fd: number, target: Buffer): void {
  let got = 0;
  while (got < target.length) {
    const count = readFd(fd, target.subarray(got));
    if (count === 0) break;
    got += count;
  }
  target.fill(0, got);
}
