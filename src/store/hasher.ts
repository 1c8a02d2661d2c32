// Digests of paths of the workspace. Each path is looked at once per command and read at most once; a file whose stat the
// index vouches for is not opened. Knows no stages. Invariant: a digest is that of bytes which were all read between two
// equal stats, and it is remembered beyond this command only when no later write can hide behind the same stamps.
import { systemPath, textOf } from '../base/byte-path.ts';
import type { BytePath } from '../base/byte-path.ts';
import { StampClock, isSettled } from '../base/fs-clock.ts';
import type { StampTime } from '../base/fs-clock.ts';
import { explain, explainLater } from '../base/fs-problem.ts';
import { closeFd, hasCode, lstatPath, openForRead, statFd } from '../base/fs.ts';
import type { BigIntStats } from '../base/fs.ts';
import { MIN_PLANNED_FILES, FolderPlans } from './folder-plan.ts';
import { ReproError, problem } from '../base/problem.ts';
import type { Trace } from '../base/trace.ts';
import type { Digest } from './digest.ts';
import { fileDigest, folderDigest, objectHex, sha256Hex } from './digest.ts';
import { hashOpenFile, xxhOpenFile } from './hash-file.ts';
import { HiddenMarks } from './hidden.ts';
import { foundOf, sameToken, tokenOf } from './stat-index.ts';
import type { StatIndex } from './stat-index.ts';
import { Surveyor, filesOf } from './survey.ts';
import type { Hides } from './survey.ts';
import { sameSurvey } from './survey-compare.ts';
import { nodeDigest, signatureOf, targetEntries, treeEntries } from './survey-tree.ts';
import type { FileNode, Node, Survey, SurveyedFolder } from './survey.ts';
import type { TreeEntry } from './tree.ts';
import { treeText } from './tree.ts';

export interface HasherCounters {
  stats: number;
  /** Files opened to be read. A no-op leaves this 0. */
  opened: number;
}

export interface ContentInfo {
  readonly digest: Digest;
  readonly size: number;
  /** Of a folder: how many files. */
  readonly files?: number;
}

/** What was at a path at one moment: who keeps it can ask later whether that still holds. */
export interface Seen {
  /** Null for a large folder that was confirmed to be as it was (store/folder-plan). */
  readonly survey: Survey | null;
  readonly info: ContentInfo | null;
}

/** How often a file that changes while it is read is read again. */
const MAX_TRIES = 3;

export class Hasher {
  readonly counters: HasherCounters = { stats: 0, opened: 0 };
  readonly #index: StatIndex;
  readonly #surveyor: Surveyor;
  readonly #clock: StampClock;
  readonly #plans: FolderPlans;
  readonly #hides: Hides | undefined;
  readonly #hidden: HiddenMarks | undefined;
  /** Links to files inside folders count as the files. */
  readonly followsLinks: boolean;
  readonly #memo = new Map<string, Seen>();
  /** What was remembered below each folder: a stage forgets its outs, and a long list must not be searched each time. */
  readonly #inside = new Map<string, Set<string>>();
  /** Of paths that rest on links: where these lead, relative to the root. Who writes there does not know of them. */
  readonly #led = new Map<string, readonly string[]>();
  readonly #pending = new Map<string, Promise<Seen>>();
  #trace: Trace | undefined;

  /** `tempFolder` must exist and lie on the file system of the project: the stamps of a file there tell the time. */
  constructor(root: string, index: StatIndex, tempFolder: string, hides?: Hides, followsLinks = false) {
    this.#index = index;
    this.#hides = hides;
    this.#hidden = hides && new HiddenMarks(root, index, hides);
    this.followsLinks = followsLinks;
    this.#surveyor = new Surveyor(root, index, this.counters, hides, followsLinks);
    this.#clock = new StampClock(tempFolder);
    this.#plans = new FolderPlans(root, this.counters);
  }

  /** Digest of each path (relative to the root); null where nothing is. */
  async digests(paths: readonly string[]): Promise<Map<string, Digest | null>> {
    const infos = await this.infos(paths);
    return new Map([...infos].map(([path, info]) => [path, info?.digest ?? null]));
  }

  async infos(paths: readonly string[]): Promise<Map<string, ContentInfo | null>> {
    const seen = await this.seen(paths);
    return new Map(paths.map((path) => [path, seen.get(path)?.info ?? null]));
  }

  /** What is at each path, to be kept by whoever builds on it: what this hasher remembers is forgotten for others, too. */
  async seen(paths: Iterable<string>): Promise<Map<string, Seen>> {
    const seen = new Map<string, Seen>();
    const waiting = new Map<string, Promise<Seen>>();
    for (const path of new Set(paths)) {
      const known =
        this.#memo.get(path) ?? this.#pending.get(path) ?? explain('look at a file', () => this.#start(path), true);
      if (known instanceof Promise) waiting.set(path, known);
      else seen.set(path, known);
    }
    for (const [path, pending] of waiting) seen.set(path, await pending);
    return seen;
  }

  /** The same for one path, without waiting: undefined when it was not looked at yet, or is being read. */
  peek(path: string): Seen | undefined {
    return this.#memo.get(path);
  }

  /** Entries of a folder as it was hashed; null when it was not, or is none. */
  tree(path: string): TreeEntry[] | null {
    const hashed = this.#memo.get(path);
    const survey = hashed?.survey === null ? this.#surveyor.survey(path) : hashed?.survey;
    const isRead = survey?.kind === 'folder' && [...filesOf(survey)].every((node) => node.found !== null);
    return isRead ? treeEntries(survey.nodes) : null;
  }

  /** These paths, what lies inside them, the folders around them and what leads to them are looked at again. */
  forget(paths: readonly string[]): void {
    for (const path of paths) {
      this.#forgetLinks(path);
      this.#memo.delete(path);
      this.#memo.delete('.');
      for (const folder of foldersAbove(path)) this.#memo.delete(folder);
      for (const known of this.#inside.get(path) ?? []) this.#memo.delete(known);
      this.#inside.delete(path);
      // What is being read now may be what was there before.
      for (const known of this.#pending.keys()) {
        if (isRelated(known, path)) this.#pending.delete(known);
      }
    }
  }

  #forgetLinks(path: string): void {
    for (const [known, led] of this.#led) {
      if (!led.some((at) => isRelated(at, path))) continue;
      this.#led.delete(known);
      this.#pending.delete(known);
      this.#memo.delete(known);
      for (const folder of foldersAbove(known)) this.#memo.delete(folder);
    }
  }

  /**
   * Which of these changed since they were seen. Another stat is a change even when the bytes are the same again:
   * in between they may have been others, and a stage may have read those.
   */
  async recheck(seen: ReadonlyMap<string, Seen>): Promise<string[]> {
    const changed: string[] = [];
    for (const [path, before] of seen) {
      const isSame = before.survey === null ? this.#isConfirmed(path, before) : await this.#isSame(path, before);
      if (!isSame) changed.push(path);
    }
    return changed;
  }

  /** The entry for what a link inside a folder leads to, when that counts (store/tree, kind `t`). */
  async linkTarget(folder: string, path: BytePath): Promise<TreeEntry | null> {
    const node = this.#surveyor.link(folder, path);
    if (node.kind !== 'link' || node.target === null) return null;
    await this.#read([...filesOf(node.target)].filter((file) => file.found === null));
    return targetEntries(path, node.target)[0] ?? null;
  }

  /** Says what a path holds that was just written or read by other means (commit, restore). */
  note(key: BytePath, stat: BigIntStats, content: { sha: string; xxh: bigint }, since: StampTime | null): void {
    this.#index.set(key, { ...tokenOf(stat), ...content, clean: isSettled(stat, since) });
  }

  /** To be taken before reading what is then told to `note`. */
  now(): StampTime | null {
    return this.#clock.now();
  }

  /** From now on this path counts as a file with these bytes; for commands that only plan. */
  pretend(path: string, bytes: Uint8Array): void {
    this.#memo.set(path, { survey: null, info: { digest: fileDigest(sha256Hex(bytes), false), size: bytes.length } });
  }

  /** Whether rules hide an entry of a folder: it is neither counted nor kept. */
  isHidden(key: BytePath, isFolder: boolean): boolean {
    return this.#hides?.(textOf(key), isFolder) === true;
  }

  /** Whether a folder holds something that no digest of it counts and that its stage did not leave there. */
  hidesInside(path: string): boolean {
    return this.#hidden?.isForeign(path) === true;
  }

  noteHidden(path: string): void {
    this.#hidden?.note(path);
  }

  /** From now on this absent path counts as holding what a cache would bring; for commands that only plan. */
  pretendInfo(path: string, info: ContentInfo): void {
    this.#memo.set(path, { survey: null, info });
  }

  /** From now on what is read is written down. */
  traceReads(trace: Trace): void {
    this.#trace = trace;
  }

  close(): void {
    this.#clock.close();
  }

  /** Only what must be read makes a promise. */
  #start(path: string): Promise<Seen> | Seen {
    // A plan holds what was counted under other rules.
    const confirmed = this.#hides ? null : this.#plans.confirm(path);
    if (confirmed !== null) {
      const { sha, size, files } = confirmed;
      return this.#remember(path, { survey: null, info: { digest: folderDigest(sha), size, files } });
    }
    const markMs = this.#clock.mark();
    const survey = this.#surveyor.survey(path);
    const led = this.#surveyor.ledFrom(path, survey);
    if (led.length > 0) this.#led.set(path, led);
    const unread = [...filesOf(survey)].filter((node) => node.found === null);
    if (unread.length === 0) return this.#remember(path, this.#hashed(path, survey, markMs));
    const pending = this.#readAll(path, unread, () => this.#hashed(path, survey, markMs));
    // Who waits for it is told. When another path fails first nobody does, and then a failure here is nobody's.
    pending.seen.catch(() => undefined);
    this.#pending.set(path, pending.seen);
    return pending.seen;
  }

  #remember(path: string, seen: Seen): Seen {
    this.#memo.set(path, seen);
    for (const folder of foldersAbove(path)) {
      const inside = this.#inside.get(folder);
      if (inside) inside.add(path);
      else this.#inside.set(folder, new Set([path]));
    }
    return seen;
  }

  /** Remembered only if the path was not forgotten meanwhile. */
  #readAll(path: string, unread: readonly FileNode[], hashed: () => Seen): { readonly seen: Promise<Seen> } {
    const isCurrent = (): boolean => this.#pending.get(path) === pending.seen;
    const pending = {
      seen: this.#read(unread)
        .then(() => (isCurrent() ? this.#remember(path, hashed()) : hashed()))
        .finally(() => isCurrent() && this.#pending.delete(path)),
    };
    return pending;
  }

  #hashed(path: string, survey: Survey, markMs: number): Seen {
    this.#hidden?.keep(path);
    const info = this.#infoOf(survey);
    if (survey.kind === 'folder' && info?.files !== undefined && info.files >= MIN_PLANNED_FILES && !this.#hides) {
      this.#planFolder(path, survey, info, this.#clock.at(markMs));
    }
    return { survey, info };
  }

  /** Only when no later change can hide: every file read when it was old, every folder old when it was listed. */
  #planFolder(path: string, survey: SurveyedFolder, info: ContentInfo, since: StampTime | null): void {
    const isFolderSettled = survey.folders.every(({ token, dev }) => isSettled({ ...token, dev }, since));
    if (!isFolderSettled) return;
    const files: FileNode[] = [];
    for (const node of survey.nodes) {
      if (node.kind === 'link' || (node.kind === 'file' && node.found?.entry().clean !== true)) return;
      if (node.kind === 'file') files.push(node);
    }
    const content = { sha: objectHex(info.digest), size: info.size, files: files.length };
    this.#plans.write(path, survey.folders, files, content);
  }

  #infoOf(survey: Survey): ContentInfo | null {
    if (survey.kind === 'absent') return null;
    if (survey.kind === 'file') return { digest: nodeDigest(survey.node), size: Number(survey.node.token.size) };
    let size = 0;
    let files = 0;
    for (const node of survey.nodes) {
      if (node.kind !== 'file') continue;
      size += Number(node.token.size);
      files += 1;
    }
    return { digest: folderDigest(this.#treeSha(survey.key, survey.nodes)), size, files };
  }

  /** The SHA-256 of the tree text, or the remembered one when the signature of the entries is the remembered one. */
  #treeSha(key: BytePath, nodes: readonly Node[]): string {
    const name = `${key}/`;
    const signature = signatureOf(nodes);
    const known = signature === null ? null : this.#index.get(name);
    if (known !== null && known.ino === signature && known.size === BigInt(nodes.length)) return known.sha;
    const sha = sha256Hex(treeText(treeEntries(nodes)));
    if (signature !== null) {
      const stamps = { mtimeNs: 0n, ctimeNs: 0n, exec: false, clean: true, xxh: 0n };
      this.#index.set(name, { ino: signature, size: BigInt(nodes.length), sha, ...stamps });
    }
    return sha;
  }

  #isConfirmed(path: string, before: Seen): boolean {
    const confirmed = this.#plans.confirm(path);
    return confirmed !== null && folderDigest(confirmed.sha) === before.info?.digest;
  }

  async #isSame(path: string, before: Seen): Promise<boolean> {
    const after = explain('look at a file', () => this.#surveyor.survey(path), true);
    if (before.survey === null || !sameSurvey(before.survey, after)) return false;
    await this.#read([...filesOf(after)].filter((node) => node.found === null));
    return this.#infoOf(after)?.digest === before.info?.digest;
  }

  async #read(nodes: readonly FileNode[]): Promise<void> {
    const [first] = nodes;
    const span = first && this.#trace?.span('hashing', textOf(first.key), { files: nodes.length });
    for (const node of nodes) await explainLater('read a file', () => this.#readNode(node), true);
    span?.end();
  }

  async #readNode(node: FileNode): Promise<void> {
    for (let attempt = 1; attempt <= MAX_TRIES; attempt++) {
      if (await this.#readOnce(node)) return;
    }
    const name = Buffer.from(node.key, 'latin1').toString('utf8');
    const hint = 'run again when the program that writes it has ended';
    throw new ReproError('failed', problem('inputs-changed', `\`${name}\` keeps changing while it is read`, { hint }));
  }

  /** False when the file was another one, or changed, between the survey and the end of reading. */
  async #readOnce(node: FileNode): Promise<boolean> {
    const since = this.#clock.now();
    const path = systemPath(node.at);
    const fd = openForReadOrNull(path);
    if (fd === null) return false;
    this.counters.opened += 1;
    try {
      const first = statFd(fd);
      const content = await this.#content(node, fd, first);
      const last = statFd(fd);
      const isWhole = content.bytes === Number(first.size) && sameToken(tokenOf(first), last);
      const isSame = lstatPath(path)?.ino === first.ino;
      if (!isWhole || !isSame) return false;
      const entry = { ...tokenOf(last), sha: content.sha, xxh: content.xxh, clean: isSettled(last, since) };
      this.#index.set(node.key, entry);
      node.found = foundOf(node.key, entry);
      // The digest must belong to the stat that the survey kept, or a re-check would compare with something else.
      node.token = tokenOf(last);
      return true;
    } finally {
      closeFd(fd);
    }
  }

  /** A large file of the same size that was hashed before is checked with XXH64, which is far faster. */
  async #content(node: FileNode, fd: number, stat: BigIntStats): Promise<{ sha: string; xxh: bigint; bytes: number }> {
    const known = this.#index.get(node.key);
    if (known !== null && known.xxh !== 0n && known.size === stat.size) {
      const check = await xxhOpenFile(fd);
      if (check.xxh === known.xxh) return { sha: known.sha, ...check };
    }
    return hashOpenFile(fd, Number(stat.size));
  }
}

function* foldersAbove(path: string): Generator<string> {
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) yield path.slice(0, at);
}

/** The same path, or one inside the other. */
function isRelated(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`) || a === '.';
}

function openForReadOrNull(path: string | Buffer): number | null {
  try {
    return openForRead(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return null;
    throw error;
  }
}
