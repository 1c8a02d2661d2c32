// A workspace whose store and lock are damaged, one file at a time, and put right again; after each damage a run has to
// end with the right bytes. Two states of the sources are known to the store, so that outs can be fresh, restored or old.
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Journal } from '../../src/store/journal.ts';
import { storePlace } from '../../src/store/place.ts';
import { run, show } from '../rig/in-process.ts';
import type { Random } from '../rig/random.ts';
import { treeDifferences, treeOf } from '../rig/tree.ts';
import type { Tree } from '../rig/tree.ts';
import { Workspace } from '../rig/workspace.ts';

/** What a file of ours is, by its place. */
export const KINDS = [
  'object',
  'tree',
  'record',
  'index',
  'keep',
  'folder plan',
  'run',
  'durations',
  'lock epoch',
  'journal',
  'tag',
  'pipeline.lock',
] as const;
export type Kind = (typeof KINDS)[number];

export const DAMAGES = ['flip', 'cut', 'empty', 'longer', 'swap', 'mode', 'folder', 'gone'] as const;
export type Damage = (typeof DAMAGES)[number];

/** What the next run finds besides: all in place, the outs gone, or the sources as they were before. */
export const SITUATIONS = ['as it was', 'outs gone', 'old sources'] as const;
export type Situation = (typeof SITUATIONS)[number];

function pipeline(numFiles: number): object {
  const many = `mkdir -p many/sub; i=0; while [ $i -lt ${numFiles} ]; do echo $i > many/$i; i=$((i+1)); done; cat one > many/sub/x`;
  const stages = {
    one: { cmd: 'cat src > one; echo $(cat src) twice > also', deps: ['src'], outs: ['one', 'also'] },
    many: { cmd: many, deps: ['one'], outs: ['many'] },
    score: { cmd: 'echo "{\\"m\\": $(wc -c < one)}" > m.json', deps: ['one'], metrics: ['m.json'] },
    end: { cmd: 'cat many/sub/x many/3 m.json > end', deps: ['many', 'm.json'], outs: ['end'] },
  };
  return { stages };
}
const OUTS = ['one', 'also', 'many', 'm.json', 'end'];
const OURS = ['.repro', 'pipeline.lock'];

export class DamageRig {
  readonly #workspace: Workspace;
  readonly #saved: string;
  #oldTruth: Tree = new Map();
  #truth: Tree = new Map();

  /** Folders of 256 files and more are kept track of in a plan. */
  constructor(numFiles: number) {
    this.#workspace = new Workspace({ 'pipeline.yaml': pipeline(numFiles), src: 'old words\n' });
    this.#saved = join(this.#workspace.outside, 'saved');
  }

  async prepare(): Promise<void> {
    await run(this.#workspace);
    this.#oldTruth = treeOf(this.#workspace.root, OURS);
    this.#workspace.write({ src: 'new\n' });
    await run(this.#workspace);
    // A later look makes a plan of the large folder.
    await run(this.#workspace);
    this.#truth = treeOf(this.#workspace.root, OURS);
    mkdirSync(this.#saved);
    for (const name of OURS) copy(this.#workspace.path(name), join(this.#saved, name));
  }

  dispose(): Promise<void> {
    return this.#workspace.dispose();
  }

  /** Paths of this kind, relative to the root. */
  files(kind: Kind): string[] {
    if (kind === 'journal') this.#interrupt();
    const names = readdirSync(this.#workspace.path('.repro'), { recursive: true, encoding: 'utf8' })
      .filter((name) => statSync(this.#workspace.path(`.repro/${name}`)).isFile())
      .map((name) => `.repro/${name}`);
    const all = kind === 'pipeline.lock' ? ['pipeline.lock'] : names.filter((name) => this.#isOf(name, kind));
    if (kind === 'journal') this.#reset();
    return all.sort();
  }

  /** What is wrong afterwards; empty when all is right. */
  async check(kind: Kind, file: string, damage: Damage, situation: Situation, random: Random): Promise<string[]> {
    if (kind === 'journal') this.#interrupt();
    this.#damage(file, damage, random, kind);
    if (situation === 'outs gone') this.#workspace.remove(...OUTS);
    if (situation === 'old sources') this.#workspace.write({ src: 'old words\n' });
    const truth = situation === 'old sources' ? this.#oldTruth : this.#truth;
    const wrong: string[] = [];
    try {
      await run(this.#workspace);
      wrong.push(...treeDifferences(treeOf(this.#workspace.root, OURS), truth));
      if (wrong.length === 0) await this.#lookAround();
    } catch (error) {
      // A folder where a file belongs may be somebody's: to be told so is enough.
      const isTold = damage === 'folder' && String(error).includes('a folder lies where a file belongs');
      if (!isTold) wrong.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
    this.#reset();
    return wrong;
  }

  /** The commands that read: they may find fault, and must not break. */
  async #lookAround(): Promise<void> {
    await show(this.#workspace, ['status']);
    await show(this.#workspace, ['runs']);
    const { code } = await show(this.#workspace, ['fsck'], { code: 0 }).catch(() =>
      show(this.#workspace, ['fsck'], { code: 1 }),
    );
    if (code === 1) await show(this.#workspace, ['fsck', '--repair']);
    await run(this.#workspace);
  }

  #damage(file: string, damage: Damage, random: Random, kind: Kind): void {
    const path = this.#workspace.path(file);
    const bytes = readFileSync(path);
    // As root writes it: objects are read-only.
    const put = (content: Buffer): void => {
      const { mode } = statSync(path);
      chmodSync(path, 0o600);
      writeFileSync(path, content);
      chmodSync(path, mode);
    };
    switch (damage) {
      case 'flip': {
        const at = random.below(Math.max(1, bytes.length));
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
        return put(bytes);
      }
      case 'cut':
        return put(bytes.subarray(0, random.below(Math.max(1, bytes.length))));
      case 'empty':
        return put(Buffer.alloc(0));
      case 'longer':
        return put(Buffer.concat([bytes, bytes.subarray(0, 1 + random.below(40))]));
      case 'swap':
        return this.#swap(
          file,
          this.files(kind).filter((name) => name !== file && existsSync(this.#workspace.path(name))),
          random,
        );
      case 'mode':
        return chmodSync(path, random.below(2) === 0 ? 0o000 : 0o777);
      case 'folder':
        rmSync(path);
        mkdirSync(path);
        return writeFileSync(join(path, 'x'), 'x');
      case 'gone':
        return rmSync(path);
    }
  }

  #swap(file: string, others: readonly string[], random: Random): void {
    const other = others[random.below(Math.max(1, others.length))];
    const [a, aside] = [this.#workspace.path(file), this.#workspace.path('.repro/aside')];
    if (other === undefined) return;
    const b = this.#workspace.path(other);
    renameSync(a, aside);
    renameSync(b, a);
    renameSync(aside, b);
  }

  /** As if the runner had been killed while `one` ran. */
  #interrupt(): void {
    const { root } = this.#workspace;
    if (!existsSync(join(root, 'one'))) return;
    const outs = ['one', 'also'].map((path) => ({ path, kept: true }));
    new Journal(storePlace(root)).moveAside('one', 'killed', outs);
  }

  #reset(): void {
    for (const name of OURS) {
      this.#workspace.remove(name);
      copy(join(this.#saved, name), this.#workspace.path(name));
    }
    this.#workspace.write({ src: 'new\n' });
    const now = treeOf(this.#workspace.root, OURS);
    const stale = OUTS.filter((out) =>
      [...this.#truth].some(([path, text]) => isAt(path, out) && now.get(path) !== text),
    );
    for (const out of stale) this.#workspace.remove(out);
    for (const [path, text] of this.#truth) {
      if (!stale.some((out) => isAt(path, out))) continue;
      if (text === '/') mkdirSync(this.#workspace.path(path), { recursive: true });
      else this.#workspace.write({ [path]: text });
    }
  }

  #isOf(name: string, kind: Kind): boolean {
    switch (kind) {
      case 'tree':
      case 'object':
        return name.startsWith('.repro/objects/') && this.#isTree(name) === (kind === 'tree');
      case 'record':
        return name.startsWith('.repro/records/');
      case 'folder plan':
        return name.startsWith('.repro/folders/');
      case 'run':
        return name.endsWith('/run.json');
      case 'durations':
        return name.endsWith('durations.json');
      case 'lock epoch':
        return name.startsWith('.repro/lock/');
      case 'journal':
        return name.startsWith('.repro/journal/');
      case 'tag':
        return name === '.repro/CACHEDIR.TAG' || name === '.repro/.gitignore';
      default:
        return name === `.repro/${kind}`;
    }
  }

  #isTree(name: string): boolean {
    return readFileSync(this.#workspace.path(name), 'latin1')
      .split('\n')
      .some((line) => /[0-9a-f]{64}/.test(line));
  }
}

function isAt(path: string, out: string): boolean {
  return path === out || path.startsWith(`${out}/`);
}

function copy(from: string, to: string): void {
  cpSync(from, to, { recursive: lstatSync(from).isDirectory(), preserveTimestamps: true });
}
