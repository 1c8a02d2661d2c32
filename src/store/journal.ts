// The journal: what is needed to undo a stage that did not end. Before a stage runs its old outs are moved aside, never
// deleted; they come back when it fails, also when the runner was killed. One folder per stage in `.repro/journal/` holds
// the intent and the old outs under their numbers; where there are none to move, a line says so. Knows no digests.
// Invariant: recovery may be cut off and run again.
import { parseJson } from './json-text.ts';
import { failpoint } from '../base/failpoint.ts';
import { explain } from '../base/fs-problem.ts';
import { existsPath, makeFolder, readFolder, readText, removeTree, renamePath } from '../base/fs.ts';
import { movePath, writeAtomic } from '../base/fs-write.ts';
import { Begun } from './begun.ts';
import { fileNameOf } from './file-name.ts';
import type { StorePlace } from './place.ts';

export interface MovedOut {
  readonly path: string;
  /** Its content is in the store: it may be thrown away when the stage has ended well. */
  readonly kept: boolean;
}

export interface Intent {
  readonly version: 1;
  readonly stage: string;
  readonly runId: string;
  readonly outs: readonly { readonly path: string; readonly kept: boolean; readonly was: boolean }[];
}

export interface Recovered {
  readonly stage: string;
  readonly runId: string;
  /** Where half-made outs of the stage are now, relative to the root. */
  readonly failed?: string;
}

export class Journal {
  readonly #place: StorePlace;
  readonly #folder: string;
  readonly #begun: Begun;

  constructor(place: StorePlace) {
    this.#place = place;
    this.#folder = `${place.local}/journal`;
    this.#begun = new Begun(this.#folder);
  }

  /** Before the stage runs. Afterwards none of the outs exists in the workspace. */
  moveAside(stage: string, runId: string, outs: readonly MovedOut[]): StageJournal {
    return explain('move the old outs aside', () => {
      const folder = `${this.#folder}/${fileNameOf(stage)}`;
      const listed = outs.map((out) => ({ ...out, was: existsPath(this.#at(out.path)) }));
      const intent: Intent = { version: 1, stage, runId, outs: listed };
      if (!hasMoves(intent)) {
        this.#begun.begin(stage, intent);
        return this.#withoutMoves(intent);
      }
      const journal = this.#withMoves(folder, intent);
      makeFolder(folder);
      // It must be on the disk before something is moved.
      const text = `${JSON.stringify(intent)}\n`;
      writeAtomic(`${folder}/intent.json`, text, { durable: true, point: 'journal.intent' });
      try {
        journal.moveOld();
      } catch (error) {
        journal.putBack();
        throw error;
      }
      return journal;
    });
  }

  /** At the start of each command that holds the workspace lock: undoes what a killed runner left behind. */
  recover(): Recovered[] {
    return explain('put the outs of an interrupted run back', () => {
      const recovered: Recovered[] = [];
      const undo = (journal: StageJournal): void => {
        const failed = journal.putBack();
        const { stage, runId } = journal.intent;
        recovered.push({ stage, runId, ...(failed !== null && { failed }) });
      };
      for (const intent of this.#begun.unfinished()) if (isIntent(intent)) undo(this.#withoutMoves(intent));
      this.close();
      for (const { name } of readFolder(this.#folder)) {
        const folder = `${this.#folder}/${name}`;
        const journal = this.#open(folder);
        if (journal === null) {
          // Killed before the first move, or damaged: whatever was moved is kept where it can be found.
          saveLeftovers(this.#place, folder, name);
          continue;
        }
        if (journal.isCommitted()) journal.finish();
        else undo(journal);
      }
      return recovered;
    });
  }

  /** At the end of a run. */
  close(): void {
    explain('end the journal', () => this.#begun.close());
  }

  #open(folder: string): StageJournal | null {
    const text = readText(`${folder}/intent.json`) ?? readText(`${folder}/done.json`);
    const intent = text === null ? null : parseIntent(text);
    return intent === null ? null : this.#withMoves(folder, intent);
  }

  #withMoves(folder: string, intent: Intent): StageJournal {
    return new StageJournal(this.#place, folder, intent, () => removeTree(folder));
  }

  #withoutMoves(intent: Intent): StageJournal {
    const folder = `${this.#folder}/${fileNameOf(intent.stage)}`;
    return new StageJournal(this.#place, folder, intent, () => this.#begun.end(intent.stage));
  }

  #at(path: string): string {
    return `${this.#place.root}/${path}`;
  }
}

export class StageJournal {
  readonly intent: Intent;
  readonly #place: StorePlace;
  readonly #folder: string;
  readonly #forget: () => void;

  /** `forget`: nothing of it has to be undone any more. */
  constructor(place: StorePlace, folder: string, intent: Intent, forget: () => void) {
    this.#place = place;
    this.#folder = folder;
    this.intent = intent;
    this.#forget = forget;
  }

  moveOld(): void {
    this.intent.outs.forEach((out, n) => {
      if (!out.was) return;
      failpoint('journal.before-aside');
      movePath(`${this.#place.root}/${out.path}`, this.#aside(n));
    });
    failpoint('journal.after-aside');
  }

  /** The stage failed: what it made goes to `.repro/failed/<stage>/`, the old outs come back. Gives that folder. */
  putBack(): string | null {
    return explain('put the old outs back', () => {
      let failed: string | null = null;
      this.intent.outs.forEach((out, n) => {
        const at = `${this.#place.root}/${out.path}`;
        const isAside = existsPath(this.#aside(n));
        // Not aside although it was there: it was not moved yet, or is back already. What lies there is the old one.
        if (out.was && !isAside) return;
        if (existsPath(at)) failed = this.#moveToFailed(out.path, failed === null);
        failpoint('journal.before-back');
        if (isAside) movePath(this.#aside(n), at);
      });
      failpoint('journal.after-back');
      this.#forget();
      return failed;
    });
  }

  /** The stage's result is recorded. From here on a crash must not bring the old outs back. */
  commit(): void {
    explain('finish a stage', () => {
      failpoint('journal.before-commit');
      // Without old outs there is nothing left to do, so nothing need be remembered.
      if (hasMoves(this.intent)) renamePath(`${this.#folder}/intent.json`, `${this.#folder}/done.json`);
      else this.#forget();
      failpoint('journal.after-commit');
    });
  }

  isCommitted(): boolean {
    return !existsPath(`${this.#folder}/intent.json`) && existsPath(`${this.#folder}/done.json`);
  }

  /** Throws the old outs away; those whose content is nowhere else go to `.repro/saved/<run>/`. Gives their new places. */
  finish(): { readonly path: string; readonly savedAs: string }[] {
    return explain('finish a stage', () => {
      const saved: { path: string; savedAs: string }[] = [];
      this.intent.outs.forEach((out, n) => {
        if (!out.was || out.kept || !existsPath(this.#aside(n))) return;
        const savedAs = freePath(this.#place, `saved/${this.intent.runId}`, out.path);
        movePath(this.#aside(n), `${this.#place.root}/${savedAs}`);
        saved.push({ path: out.path, savedAs });
      });
      failpoint('journal.before-remove');
      if (hasMoves(this.intent)) this.#forget();
      return saved;
    });
  }

  #moveToFailed(path: string, isFirst: boolean): string {
    const folder = `.repro/failed/${fileNameOf(this.intent.stage)}`;
    // Only the last failure of a stage is kept. A second look during recovery finds the first half there already.
    const target = `${this.#place.root}/${folder}/${path}`;
    if (isFirst && existsPath(target)) removeTree(`${this.#place.root}/${folder}`);
    else removeTree(target);
    movePath(`${this.#place.root}/${path}`, target);
    return folder;
  }

  #aside(n: number): string {
    return `${this.#folder}/${n}`;
  }
}

function hasMoves(intent: Intent): boolean {
  return intent.outs.some((out) => out.was);
}

function saveLeftovers(place: StorePlace, folder: string, name: string): void {
  const old = readFolder(folder).filter((entry) => /^\d+$/.test(entry.name));
  for (const entry of old) {
    movePath(`${folder}/${entry.name}`, `${place.root}/${freePath(place, `saved/${name}`, entry.name)}`);
  }
  removeTree(folder);
}

/** A name below `.repro/` that is not taken, relative to the root. */
function freePath(place: StorePlace, folder: string, path: string): string {
  for (let n = 0; ; n++) {
    const name = `.repro/${folder}/${path}${n === 0 ? '' : `.${n}`}`;
    if (!existsPath(`${place.root}/${name}`)) return name;
  }
}

function parseIntent(text: string): Intent | null {
  const intent = parseJson(text);
  return isIntent(intent) ? intent : null;
}

/** Written by this program, so what is not damaged is whole. */
function isIntent(value: unknown): value is Intent {
  return (
    typeof value === 'object' &&
    value !== null &&
    'version' in value &&
    value.version === 1 &&
    'outs' in value &&
    Array.isArray(value.outs)
  );
}
