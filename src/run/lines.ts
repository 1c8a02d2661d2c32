// Cuts bytes into lines for people: bounded in length, the last state of a progress line (`\r`), invalid UTF-8 replaced.
// Keeps the last lines of a stage. Knows no files.
import type { Stream } from '../base/process.ts';

/** A longer line is cut; the log has it whole. */
export const LINE_LIMIT_BYTES = 4_096;
const NEWLINE = 10;
const RETURN = 13;

class LineCutter {
  readonly #emit: (line: string) => void;
  #parts: Buffer[] = [];
  #length = 0;
  #cut = false;
  /** The last byte was a `\r`: alone it starts the line again, before a newline it is part of it. */
  #returned = false;

  constructor(emit: (line: string) => void) {
    this.#emit = emit;
  }

  push(chunk: Buffer): void {
    let from = 0;
    while (from < chunk.length) {
      const newline = chunk.indexOf(NEWLINE, from);
      const end = newline === -1 ? chunk.length : newline;
      this.#add(chunk.subarray(from, end));
      if (newline === -1) return;
      this.#flush();
      from = newline + 1;
    }
  }

  /** The last line, when it has no newline. */
  end(): void {
    if (this.#length > 0) this.#flush();
  }

  #add(piece: Buffer): void {
    if (piece.length === 0) return;
    let end = piece.length;
    while (end > 0 && piece[end - 1] === RETURN) end -= 1;
    const body = piece.subarray(0, end);
    const restart = body.lastIndexOf(RETURN);
    if (restart !== -1 || (this.#returned && body.length > 0)) this.#clear();
    this.#append(body.subarray(restart + 1));
    this.#returned = end < piece.length;
  }

  #append(bytes: Buffer): void {
    const room = LINE_LIMIT_BYTES - this.#length;
    if (bytes.length > room) this.#cut = true;
    if (room <= 0 || bytes.length === 0) return;
    const kept = Buffer.from(bytes.subarray(0, room));
    this.#parts.push(kept);
    this.#length += kept.length;
  }

  #flush(): void {
    const text = Buffer.concat(this.#parts).toString('utf8');
    const line = this.#cut ? `${text.replace(/\ufffd+$/, '')}…` : text;
    this.#clear();
    this.#emit(line);
  }

  #clear(): void {
    this.#parts = [];
    this.#length = 0;
    this.#cut = false;
    this.#returned = false;
  }
}

/** The lines of both streams in the order in which they ended, and the last of them. */
export class StageLines {
  readonly #limit: number;
  readonly #tail: string[] = [];
  readonly #cutters: Readonly<Record<Stream, LineCutter>>;

  constructor(limit: number, onLine: ((line: string, stream: Stream) => void) | undefined) {
    this.#limit = limit;
    const cutter = (stream: Stream): LineCutter =>
      new LineCutter((line) => {
        this.#tail.push(line);
        if (this.#tail.length > 2 * this.#limit) this.#tail.splice(0, this.#tail.length - this.#limit);
        onLine?.(line, stream);
      });
    this.#cutters = { stdout: cutter('stdout'), stderr: cutter('stderr') };
  }

  push(chunk: Buffer, stream: Stream): void {
    this.#cutters[stream].push(chunk);
  }

  end(): void {
    this.#cutters.stdout.end();
    this.#cutters.stderr.end();
  }

  tail(): readonly string[] {
    return this.#tail.slice(-this.#limit);
  }
}
