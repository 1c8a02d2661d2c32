// The values that metrics had at the base revision: from git, else through that revision's lock from the store. Which
// revision that is, plan/base-revision says. Touches no file of the workspace. What a commit holds never changes, so it is
// kept between commands.
import { resolveRevision } from '../base/git.ts';
import { ReproError } from '../base/problem.ts';
import type { Problem } from '../base/problem.ts';
import { canonicalText, parseCanonical } from '../base/value.ts';
import type { Dialect } from '../config/stage.ts';
import type { Objects } from '../store/objects.ts';
import { findBase, unreadable } from './base-revision.ts';
import type { BaseCommit, WantedBase } from './base-revision.ts';
import type { BaseContent } from './check.ts';
import { PastFiles } from './past-files.ts';
import { parseValueFile } from './value-files.ts';
import type { KnownValues } from './value-files.ts';

export interface BasePorts {
  readonly root: string;
  readonly dialect: Dialect;
  /** The lock of the pipeline, absolute. */
  readonly lockPath: string;
  readonly objects: Objects;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly known: KnownValues;
}

/** Kept in place of a value, which would be a map: the commit has no such file, and its lock names none. */
const ABSENT = 'absent';

export class BaseValues {
  readonly #ports: BasePorts;
  readonly #wanted: WantedBase | undefined;
  #found: Promise<BaseCommit> | undefined;
  #past: PastFiles | undefined;
  /** Whether `known` holds something new. */
  changed = false;

  /** `wanted`: a revision that was named, on the command line or in the pipeline file. */
  constructor(ports: BasePorts, wanted: WantedBase | undefined) {
    this.#ports = ports;
    this.#wanted = wanted;
  }

  /** What is compared with: a commit, or why there is none. */
  commit(): Promise<BaseCommit> {
    this.#found ??= findBase(this.#ports.root, this.#ports.env, this.#wanted);
    return this.#found;
  }

  /** Throws when it is not available although it should be. */
  async require(): Promise<void> {
    const found = await this.commit();
    if (found.kind === 'none' && found.problem) throw unavailable(found.problem);
  }

  /** Throws when checks need a revision that is not available; `merely-shown` says that none does. */
  async load(paths: readonly string[], use?: 'merely-shown'): Promise<ReadonlyMap<string, BaseContent>> {
    const contents = new Map<string, BaseContent>();
    if (paths.length === 0) return contents;
    const found = await this.commit();
    if (use === undefined) await this.require();
    for (const path of paths) {
      const content: BaseContent =
        found.kind === 'commit' ? await this.#at(found.commit, path) : { kind: 'no-base', why: found.why };
      contents.set(path, content);
    }
    // A look at one of them may have told that there is no base after all.
    if (use === undefined) await this.require();
    return contents;
  }

  async #at(commit: string, path: string): Promise<BaseContent> {
    const key = `${commit}:${path}`;
    const kept = this.#ports.known.get(key);
    if (kept !== undefined && kept !== ABSENT) return { kind: 'value', value: parseCanonical(kept) };
    const absent: BaseContent = { kind: 'no-base', why: `there was no \`${path}\` at ${commit.slice(0, 8)}` };
    if (kept === ABSENT) return absent;
    this.#past ??= new PastFiles(commit, this.#ports);
    const bytes = (await this.#past.read([path])).get(path) ?? null;
    if (bytes === null && (await this.#past.isNamed(path))) {
      // It may come back with a pull, so that this is not kept.
      return { kind: 'no-base', why: `the store does not hold what \`${path}\` was at ${commit.slice(0, 8)}` };
    }
    if (bytes === null && (await resolveRevision(this.#ports.root, commit)) === null) {
      const none = unreadable(this.#ports.env);
      this.#found = Promise.resolve(none);
      return { kind: 'no-base', why: none.why };
    }
    const content = bytes === null ? absent : await parseValueFile(path, bytes, this.#ports.dialect);
    if (content.kind === 'value' || bytes === null) {
      this.#ports.known.set(key, content.kind === 'value' ? canonicalText(content.value) : ABSENT);
      this.changed = true;
    }
    return content;
  }
}

function unavailable(found: Problem): ReproError {
  return new ReproError('config', found);
}
