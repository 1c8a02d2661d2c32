// What commits hold, kept from one command to the next: a commit never changes, so the second comparison with it asks git
// nothing. One small file per commit in `.repro/commits/`, advisory: delete it and all still works. Knows no git.
import { existsPath, hasCode, isRefusal, makeFolder, readBytes, readFolder, removeFile, statPath } from '../base/fs.ts';
import { writeAtomic } from '../base/fs-write.ts';
import { canonicalText } from '../base/value.ts';
import type { Value } from '../base/value.ts';
import { sealed, unsealed } from '../store/sealed.ts';

interface CommitFile {
  readonly version: typeof VERSION;
  /** The repro that wrote it: another one may read metrics in another way. */
  readonly tool: string;
  /** `~1`, `^2~3` -> the commit that this leads to. */
  readonly steps: Readonly<Record<string, string>>;
  /** Pipeline file -> metrics file -> canonical text of what it holds. */
  readonly metrics: Readonly<Record<string, readonly (readonly [path: string, text: string])[]>>;
}

const VERSION = 1;
/** The oldest go when there are more. */
const MOST_FILES = 500;

export class KeptCommits {
  readonly #store: string;
  readonly #tool: string;

  /** `store`: the `.repro` of the project. */
  constructor(store: string, tool: string) {
    this.#store = store;
    this.#tool = tool;
  }

  /** All metrics files of a commit with the canonical texts of their values, or undefined when they are not known. */
  metrics(commit: string, pipeline: string): ReadonlyMap<string, string> | undefined {
    const texts = this.#read(commit)?.metrics[pipeline];
    return texts && new Map(texts);
  }

  keepMetrics(commit: string, pipeline: string, files: ReadonlyMap<string, Value>): void {
    const texts = [...files].map(([path, value]) => [path, canonicalText(value)] as const);
    this.#change(commit, (file) => ({ ...file, metrics: { ...file.metrics, [pipeline]: texts } }));
  }

  step(commit: string, step: string): string | undefined {
    return this.#read(commit)?.steps[step];
  }

  keepStep(commit: string, step: string, target: string): void {
    this.#change(commit, (file) => ({ ...file, steps: { ...file.steps, [step]: target } }));
  }

  get #folder(): string {
    return `${this.#store}/commits`;
  }

  #read(commit: string): CommitFile | undefined {
    const bytes = readBytes(`${this.#folder}/${commit}`);
    const text = bytes === null ? null : unsealed(bytes);
    if (text === null) return undefined;
    const file = JSON.parse(text) as CommitFile;
    return file.version === VERSION && file.tool === this.#tool ? file : undefined;
  }

  /** A project without a store is only looked at; a place that cannot be written is no reason to fail. */
  #change(commit: string, change: (file: CommitFile) => CommitFile): void {
    if (!existsPath(this.#store)) return;
    const file = change(this.#read(commit) ?? { version: VERSION, tool: this.#tool, steps: {}, metrics: {} });
    try {
      makeFolder(this.#folder);
      writeAtomic(`${this.#folder}/${commit}`, sealed(JSON.stringify(file)), { durable: false, point: 'commit-kept' });
      this.#prune();
    } catch (error) {
      // EEXIST: a file stands where the folder belongs.
      if (!isRefusal(error) && !hasCode(error, 'EEXIST', 'ENOTDIR')) throw error;
    }
  }

  #prune(): void {
    const names = readFolder(this.#folder).map(({ name }) => name);
    if (names.length <= MOST_FILES) return;
    const aged = names.map((name) => ({ name, at: statPath(`${this.#folder}/${name}`)?.mtimeNs ?? 0n }));
    aged.sort((a, b) => (a.at < b.at ? -1 : 1));
    for (const { name } of aged.slice(0, names.length - MOST_FILES)) removeFile(`${this.#folder}/${name}`);
  }
}
