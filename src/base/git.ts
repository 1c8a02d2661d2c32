// What git knows, read only: where HEAD is, what is tracked, a file at a revision. Starts `git` with --no-optional-locks
// and never writes. Every start costs milliseconds, so nothing that a no-op needs is here; headCommit reads the files of
// `.git` itself. Knows no pipelines. Outside a repository everything is absent.
import { existsPath, readText, statPath } from './fs.ts';

export interface GitHead {
  readonly commit: string;
  /** Absent when HEAD is detached. */
  readonly branch?: string;
  readonly author?: string;
  readonly dirty: boolean;
}

export interface GitRef {
  readonly name: string;
  readonly commit: string;
}

const TIMEOUT_MS = 60_000;
/** What git starts to watch the files outlives it, and would be taken for something that a run has left behind. */
const NO_WATCHER = ['-c', 'core.fsmonitor=false'] as const;
const GIT_OPTIONS = ['--no-optional-locks', ...NO_WATCHER, '-c', 'core.quotePath=false'] as const;

/** Null outside a repository, without a commit, or without git. */
export async function gitHead(root: string): Promise<GitHead | null> {
  const status = await git(root, ['status', '--porcelain=v2', '--branch', '--no-ahead-behind', '--untracked-files=no']);
  const lines = status?.split('\n') ?? [];
  const told = (key: string): string | undefined =>
    lines.find((line) => line.startsWith(`# branch.${key} `))?.slice(`# branch.${key} `.length);
  const [commit, branch] = [told('oid'), told('head')];
  if (commit === undefined || !isHash(commit)) return null;
  const author = (
    await git(root, ['-c', 'log.showSignature=false', 'log', '-1', '--format=%an <%ae>', commit])
  )?.trim();
  const dirty = lines.some((line) => line !== '' && !line.startsWith('#'));
  return { commit, ...(branch !== '(detached)' && branch && { branch }), ...(author && { author }), dirty };
}

/** The folder that a checkout gives: the nearest one at or above with `.git`. */
export function topOf(root: string): string | null {
  for (let at = root; ; at = at.slice(0, at.lastIndexOf('/'))) {
    if (existsPath(`${at}/.git`)) return at;
    if (at === '') return null;
  }
}

/** The branch that others start from: the one that the remote names, else the current one. */
export async function branchOf(root: string): Promise<string | null> {
  const remote = (await git(root, ['symbolic-ref', '--quiet', '--short', 'refs/remotes/origin/HEAD']))?.trim();
  if (remote) return remote.replace(/^origin\//, '');
  return (await git(root, ['symbolic-ref', '--quiet', '--short', 'HEAD']))?.trim() || null;
}

/** The commit of HEAD from the files of `.git`, without starting git; null when it is not that simple. */
export function headCommit(root: string): string | null {
  const folder = gitFolder(root);
  const head = folder === null ? null : readText(`${folder}/HEAD`)?.trim();
  if (folder === null || !head) return null;
  if (isHash(head)) return head;
  const ref = /^ref: (.+)$/.exec(head)?.[1];
  if (ref === undefined) return null;
  const common = commonFolder(folder);
  const loose = readText(`${common}/${ref}`)?.trim();
  if (loose !== undefined && isHash(loose)) return loose;
  const packed = readText(`${common}/packed-refs`)?.split('\n') ?? [];
  const commit = packed.find((text) => text.endsWith(` ${ref}`))?.slice(0, -ref.length - 1);
  return commit !== undefined && isHash(commit) ? commit : null;
}

/** The files that say which commit HEAD is (absolute; some may be absent); none outside a repository. */
export function headFiles(root: string): string[] {
  const folder = gitFolder(root);
  if (folder === null) return [];
  const head = readText(`${folder}/HEAD`)?.trim() ?? '';
  const ref = /^ref: (.+)$/.exec(head)?.[1];
  const common = commonFolder(folder);
  return [`${folder}/HEAD`, ...(ref === undefined ? [] : [`${common}/${ref}`, `${common}/packed-refs`])];
}

/** Those of the paths (files, or folders with tracked files below) that git tracks. */
export async function trackedPaths(root: string, paths: readonly string[]): Promise<Set<string>> {
  const tracked = new Set<string>();
  const wanted = new Set(paths);
  for (const names of batches(paths)) {
    const listed = (await git(root, ['ls-files', '-z', '--', ...names.map((path) => `:(literal)${path}`)])) ?? '';
    for (const file of listed.split('\0')) {
      for (let at = file; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
        if (wanted.has(at)) tracked.add(at);
      }
    }
  }
  return tracked;
}

/** The system takes two megabytes of arguments and environment, and refuses to start a program with more. */
const MOST_ARGUMENT_CHARACTERS = 200_000;

function batches(paths: readonly string[]): string[][] {
  const found: string[][] = [];
  let left = 0;
  for (const path of paths) {
    left -= path.length + 20;
    if (left < 0) {
      found.push([]);
      left = MOST_ARGUMENT_CHARACTERS;
    }
    found.at(-1)?.push(path);
  }
  return found;
}

/** The text of a file (relative to the root) at a revision; null when either does not exist. */
export async function textAt(root: string, revision: string, path: string): Promise<string | null> {
  if (revision.startsWith('-')) return null;
  return git(root, ['cat-file', 'blob', `${revision}:./${path}`]);
}

/** The content of files (relative to the root) at a commit; those that are not there are left out. */
export async function blobsAt(root: string, commit: string, paths: readonly string[]): Promise<Map<string, Buffer>> {
  if (!isHash(commit)) return new Map();
  const found = await blobsOf(
    root,
    paths.map((path) => ({ revision: commit, path })),
  );
  return new Map(paths.flatMap((path, i) => (found[i] ? [[path, found[i]] as const] : [])));
}

export interface PastFile {
  /** A full hash, or one with `^`. */
  readonly revision: string;
  /** Relative to the root. */
  readonly path: string;
}

/** The content of files at any commits, by one process; null where there is none. */
export async function blobsOf(root: string, files: readonly PastFile[]): Promise<(Buffer | null)[]> {
  const found: (Buffer | null)[] = files.map(() => null);
  // The protocol is one name a line.
  const asked = [...files.entries()].filter(([, { path }]) => !path.includes('\n'));
  if (asked.length === 0 || gitFolder(root) === null) return found;
  const { captureBytes } = await import('./process.ts');
  const input = asked.map(([, { revision, path }]) => `${revision}:./${path}\n`).join('');
  const { code, stdout } = await captureBytes('git', [...GIT_OPTIONS, 'cat-file', '--batch'], {
    cwd: root,
    timeoutMs: TIMEOUT_MS,
    input,
  });
  if (code !== 0) return found;
  let at = 0;
  for (const [i] of asked) {
    const end = stdout.indexOf(0x0a, at);
    if (end < 0) break;
    const [, kind, size] = /^[0-9a-f]{40,64} (\w+) (\d+)$/.exec(stdout.toString('latin1', at, end)) ?? [];
    at = end + 1;
    if (kind === undefined) continue;
    const length = Number(size);
    if (kind === 'blob') found[i] = stdout.subarray(at, at + length);
    at += length + 1;
  }
  return found;
}

export interface GitCommit {
  readonly commit: string;
  readonly author: string;
  readonly atMs: number;
  readonly subject: string;
  /** Those asked for that it touched, relative to the root. */
  readonly files: readonly string[];
}

/** The commits after `base`, up to HEAD, that touched these files or what lies below them; the newest first. */
export async function commitsSince(root: string, base: string, paths: readonly string[]): Promise<GitCommit[]> {
  if (!isHash(base) || paths.length === 0) return [];
  const format = '--format=%x01%H%x00%an%x00%at%x00%s';
  const names = paths.map((path) => `:(literal)${path}`);
  const args = ['log', format, '--name-only', '--relative', '-z', `${base}..HEAD`, '--', ...names];
  const text = (await git(root, args)) ?? '';
  return text
    .split('\u0001')
    .slice(1)
    .flatMap((block) => {
      const [commit = '', author = '', seconds = '', subject = '', ...files] = block.split('\0');
      const touched = files.map((name) => name.replace(/^\n/, '')).filter((name) => name !== '');
      return isHash(commit) ? [{ commit, author, atMs: Number(seconds) * 1000, subject, files: touched }] : [];
    });
}

/** Those of the tracked files, or of what lies below them, whose content is not that of a commit. */
export async function differingFrom(root: string, commit: string, paths: readonly string[]): Promise<string[]> {
  if (paths.length === 0 || commit.startsWith('-')) return [];
  const names = paths.map((path) => `:(literal)${path}`);
  const text = (await git(root, ['diff', '--name-only', '--relative', '-z', commit, '--', ...names])) ?? '';
  return text.split('\0').filter((name) => name !== '');
}

/** The files below a folder (or the file itself) at a commit; all relative to the root. */
export async function listAt(root: string, commit: string, folder: string): Promise<string[]> {
  if (!isHash(commit)) return [];
  const text = (await git(root, ['ls-tree', '-r', '-z', '--name-only', commit, '--', `./${folder}`])) ?? '';
  return text.split('\0').filter((name) => name !== '');
}

/** The commit that a revision names; null when there is none. */
export async function resolveRevision(root: string, revision: string): Promise<string | null> {
  if (revision.startsWith('-')) return null;
  const text = await git(root, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`]);
  const commit = text?.trim() ?? '';
  return isHash(commit) ? commit : null;
}

export async function mergeBase(root: string, a: string, b: string): Promise<string | null> {
  if (a.startsWith('-') || b.startsWith('-')) return null;
  const commit = (await git(root, ['merge-base', a, b]))?.trim() ?? '';
  return isHash(commit) ? commit : null;
}

/** All local branches and tags that lead to a commit, with that commit; null when git does not say. */
export async function localRefs(root: string): Promise<GitRef[] | null> {
  const format = '--format=%(objecttype):%(objectname) %(*objecttype):%(*objectname) %(refname)';
  const text = await git(root, ['for-each-ref', format, 'refs/heads', 'refs/tags']);
  if (text === null) return null;
  return text.split('\n').flatMap((line) => {
    const [, commit, name] = /(?:^| )commit:([0-9a-f]{40,64}) (?:: )?(refs\/.+)$/.exec(line) ?? [];
    return commit === undefined || name === undefined ? [] : [{ name, commit }];
  });
}

/** Every commit that a branch, a tag or HEAD leads to, newest first. */
export async function allCommits(root: string): Promise<string[]> {
  const text = (await git(root, ['rev-list', '--all', 'HEAD'])) ?? '';
  return text.split('\n').filter(isHash);
}

/** All files below the root at a revision, relative to the root; null when git does not say. */
export async function filesAt(root: string, revision: string): Promise<string[] | null> {
  if (revision.startsWith('-')) return null;
  const text = await git(root, ['ls-tree', '-r', '-z', '--name-only', revision]);
  return text?.split('\0').filter((name) => name !== '') ?? null;
}

/** Whether older commits were left out when it was cloned. */
export function isShallow(root: string): boolean {
  const folder = gitFolder(root);
  return folder !== null && statPath(`${commonFolder(folder)}/shallow`) !== null;
}

async function git(root: string, args: readonly string[]): Promise<string | null> {
  if (gitFolder(root) === null) return null;
  // Loaded only when git is really asked: a check against a base that is known needs no process.
  const { capture } = await import('./process.ts');
  const result = await capture('git', [...GIT_OPTIONS, ...args], {
    cwd: root,
    timeoutMs: TIMEOUT_MS,
  });
  return result.code === 0 ? result.stdout : null;
}

/** `.git` at the root or above it; a file there names the real folder (work trees, submodules). */
function gitFolder(root: string): string | null {
  for (let at = root; ; at = at.slice(0, at.lastIndexOf('/'))) {
    const path = `${at}/.git`;
    const stat = statPath(path);
    if (stat?.isDirectory()) return path;
    if (stat?.isFile()) {
      const target = /^gitdir: (.+)$/m.exec(readText(path) ?? '')?.[1];
      return target === undefined ? null : target.startsWith('/') ? target : `${at}/${target}`;
    }
    if (at === '') return null;
  }
}

function commonFolder(folder: string): string {
  const common = readText(`${folder}/commondir`)?.trim();
  if (!common) return folder;
  return common.startsWith('/') ? common : `${folder}/${common}`;
}

function isHash(text: string): boolean {
  return /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(text);
}
