// Stages that began with nothing to move aside, as lines of one file: one when a stage begins, one when it has ended. So a
// stage costs no new file of its own. Knows no outs. Not fsynced: after a power cut lines may be missing, which says that
// the stage was not started. Invariant: half a line (a full disk, a kill) spoils no other.
import { parseJson } from './json-text.ts';
import { closeFd, isRefusal, makeFolder, openAppend, readText, removeFile, writeFd } from '../base/fs.ts';

export class Begun {
  readonly #folder: string;
  readonly #file: string;
  readonly #open = new Set<string>();
  #fd: number | undefined;

  constructor(folder: string) {
    this.#folder = folder;
    // No stage has a file name that starts with a dot.
    this.#file = `${folder}/.begun`;
  }

  /** `note` is what is needed to undo it. */
  begin(stage: string, note: object): void {
    this.#append({ stage, note });
    this.#open.add(stage);
  }

  end(stage: string): void {
    this.#open.delete(stage);
    try {
      this.#append({ stage });
    } catch (error) {
      // The disk is full: then a kill makes the next run put outs away that the store gives back.
      if (!isRefusal(error)) throw error;
    }
  }

  /** The notes of what a killed runner had begun and not ended. */
  unfinished(): unknown[] {
    const begun = new Map<string, unknown>();
    for (const line of readText(this.#file)?.split('\n') ?? []) {
      const fact = parseFact(line);
      if (fact === null) continue;
      if (fact.note === undefined) begun.delete(fact.stage);
      else begun.set(fact.stage, fact.note);
    }
    return [...begun.values()];
  }

  /** The file goes when nothing is left to be undone. */
  close(): void {
    if (this.#fd !== undefined) closeFd(this.#fd);
    this.#fd = undefined;
    if (this.#open.size === 0) removeFile(this.#file);
  }

  #append(fact: object): void {
    if (this.#fd === undefined) {
      makeFolder(this.#folder);
      this.#fd = openAppend(this.#file);
    }
    writeFd(this.#fd, Buffer.from(`\n${JSON.stringify(fact)}\n`));
  }
}

function parseFact(line: string): { readonly stage: string; readonly note?: unknown } | null {
  const fact = parseJson(line);
  if (typeof fact !== 'object' || fact === null || !('stage' in fact) || typeof fact.stage !== 'string') return null;
  return { stage: fact.stage, ...('note' in fact && { note: fact.note }) };
}
