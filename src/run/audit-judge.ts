// From what was seen to findings: what a stage read, wrote and asked for without having declared it, and what is worth a
// note beside. Starts nothing and changes nothing; reads no file but descriptions of packages.
import { readText } from '../base/fs.ts';
import type { Problem } from '../base/problem.ts';
import { byCodeUnit } from '../base/value.ts';
import type { Dep, Stage } from '../config/stage.ts';
import type { StageInputs } from '../plan/inputs.ts';
import { neededEntries, parsePackageLock } from '../plan/package-lock.ts';
import type { AuditCopy, Difference } from './audit-copy.ts';
import { foldersOf, placeOf, versionOf } from './audit-place.ts';
import type { PlaceFolders, TouchedPlace } from './audit-place.ts';
import type { Seen } from './audit-seen.ts';

/** `node`: only what Node processes did was seen. */
export type Observer = 'strace' | 'node';

export interface UsedPackage {
  readonly manager: 'npm' | 'python';
  readonly name: string;
  readonly version: string | null;
  /** Whether another version of it makes the stage run again. */
  readonly isInput: boolean;
}

export interface StageAudit {
  readonly stage: string;
  readonly observer: Observer;
  /** Files of the project that it read and does not declare. */
  readonly reads: readonly string[];
  /** Files of the project, relative to the root, that it made, changed or removed and that are no outs. */
  readonly writes: readonly Difference[];
  /** Files beyond the project, or in it past the copy (absolute), that are neither a program's nor the system's. */
  readonly outside: readonly { readonly path: string; readonly access: 'read' | 'write' }[];
  /** Environment variables that its own JavaScript asked for. */
  readonly env: readonly string[];
  /** Whether it looked into git's data: the commit is no input. */
  readonly git: boolean;
  /** Deps, as written, of which nothing was read. Only told when everything was seen. */
  readonly unread: readonly string[];
  /** Folders of the project whose names were read, none of them above a dep or an out. */
  readonly listed: readonly string[];
  /** Files of the project that were to be opened and are not there. */
  readonly absent: readonly string[];
  readonly packages: readonly UsedPackage[];
  readonly connects: readonly string[];
  /** Files of the system, of interpreters, and settings of the user that were read. */
  readonly system: number;
  readonly settings: readonly string[];
  /** How the command failed: what would have come after is not seen. */
  readonly problem?: Problem;
}

export interface JudgePorts {
  readonly root: string;
  readonly store: string;
  readonly copy: Pick<AuditCopy, 'root' | 'had'>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly observer: Observer;
}

type KnownInputs = StageInputs & { readonly kind: 'known' };

export function findingsOf(audit: StageAudit): number {
  const { reads, writes, outside, env, git } = audit;
  return reads.length + writes.length + outside.length + env.length + (git ? 1 : 0);
}

export function judgeStage(
  stage: Stage,
  inputs: KnownInputs,
  seen: Seen,
  differences: readonly Difference[],
  problem: Problem | undefined,
  ports: JudgePorts,
): StageAudit {
  const { root, store, copy, observer } = ports;
  const folders = foldersOf({ root, store, copy: copy.root }, ports.env, seen.executed);
  const declared = new Declared(stage, inputs);
  const touched = sortTouched(seen, folders);
  const files = new Set([...touched.project.keys()].filter((path) => copy.had(path)));
  const isNotable = (path: string): boolean => !declared.covers(path) && !isIncidental(path, observer);
  return {
    stage: stage.name,
    observer,
    reads: sorted([...files].filter(isNotable)),
    writes: differences.filter(({ path }) => !declared.isOut(path) && !isByteCode(path)),
    outside: touched.outside,
    env: sorted([...seen.env].filter((name) => !isGiven(name, stage))),
    git: touched.git,
    unread: observer === 'strace' && !problem ? unreadDeps(stage.deps, inputs, files, touched.listed) : [],
    listed: sorted(touched.listed.filter((path) => path !== '.' && !declared.covers(path) && !declared.isAbove(path))),
    absent: sorted(touched.absent.filter((path) => !copy.had(path) && isNotable(path))),
    packages: usedPackages(touched.packages, inputs, folders),
    connects: sorted([...seen.connects]),
    system: touched.system,
    settings: sorted(touched.settings),
    ...(problem && { problem }),
  };
}

/** What the stage says of itself, by path. */
class Declared {
  readonly #inputs: ReadonlySet<string>;
  readonly #outs: ReadonlySet<string>;

  constructor(stage: Stage, { manifest, globs }: KnownInputs) {
    const deps = stage.deps.filter((dep) => !dep.glob).map((dep) => dep.path);
    const params = stage.params.map((ref) => ref.file);
    this.#inputs = new Set([...Object.keys(manifest.deps), ...[...globs.values()].flat(), ...deps, ...params]);
    this.#outs = new Set(stage.outs.map((out) => out.path));
  }

  covers(path: string): boolean {
    return isIn(path, this.#inputs) || this.isOut(path);
  }

  isOut(path: string): boolean {
    return isIn(path, this.#outs);
  }

  /** To get at what is declared one has to go through its folders. */
  isAbove(folder: string): boolean {
    return [...this.#inputs, ...this.#outs].some((path) => path.startsWith(`${folder}/`));
  }
}

function isIn(path: string, set: ReadonlySet<string>): boolean {
  for (let at = path.length; at > 0; at = path.lastIndexOf('/', at - 1)) if (set.has(path.slice(0, at))) return true;
  return set.has('.');
}

interface Touched {
  /** Files of the project that were opened to be read. */
  readonly project: Map<string, 'read'>;
  readonly outside: { path: string; access: 'read' | 'write' }[];
  readonly packages: Map<string, TouchedPlace & { kind: 'package' }>;
  readonly listed: string[];
  readonly absent: string[];
  readonly settings: string[];
  git: boolean;
  system: number;
}

function sortTouched(seen: Seen, folders: PlaceFolders): Touched {
  const touched: Touched = {
    project: new Map(),
    outside: [],
    packages: new Map(),
    listed: [],
    absent: [],
    settings: [],
    git: false,
    system: 0,
  };
  for (const path of sorted([...seen.reads])) noteRead(path, placeOf(path, folders), seen, touched);
  for (const path of sorted([...seen.writes])) {
    const place = placeOf(path, folders);
    if (place.kind === 'elsewhere' || (place.kind === 'project' && place.direct))
      touched.outside.push({ path, access: 'write' });
  }
  for (const path of seen.listed) {
    const place = placeOf(path, folders);
    if (place.kind === 'project') touched.listed.push(place.path);
  }
  for (const path of seen.absent) {
    const place = placeOf(path, folders);
    if (place.kind === 'project') touched.absent.push(place.path);
  }
  return touched;
}

function noteRead(path: string, place: TouchedPlace, seen: Seen, into: Touched): void {
  if (place.kind === 'project') into.project.set(place.path, 'read');
  else if (place.kind === 'git') into.git = true;
  else if (place.kind === 'system') into.system += 1;
  else if (place.kind === 'settings') into.settings.push(path);
  else if (place.kind === 'package') {
    // To look for a package is not to use it.
    if (!path.endsWith('/package.json')) into.packages.set(place.folder + place.name, place);
  } else if (place.kind !== 'own' && !seen.writes.has(path)) into.outside.push({ path, access: 'read' });
}

/** Of Node's rules of modules and Python's byte code; not of the stage. */
function isIncidental(path: string, observer: Observer): boolean {
  const isScope = observer === 'strace' && /(?:^|\/)package\.json$/.test(path);
  return isScope || isByteCode(path);
}

function isByteCode(path: string): boolean {
  return /(?:^|\/)__pycache__(?:\/|$)/.test(path) || path.endsWith('.pyc');
}

function isGiven(name: string, { env, secrets }: Stage): boolean {
  return /^(?:REPRO_|DVC_|NODE_OPTIONS$)/.test(name) || env.includes(name) || secrets.includes(name);
}

function unreadDeps(
  deps: readonly Dep[],
  { globs }: KnownInputs,
  read: ReadonlySet<string>,
  listed: readonly string[],
): string[] {
  const used = [...read, ...listed];
  const isUsed = (path: string): boolean => used.some((each) => each === path || each.startsWith(`${path}/`));
  return deps
    .filter((dep) => !(dep.glob ? (globs.get(dep.path) ?? []) : [dep.path]).some(isUsed))
    .map((dep) => dep.path);
}

function usedPackages(
  used: ReadonlyMap<string, TouchedPlace & { kind: 'package' }>,
  { manifest }: KnownInputs,
  { root }: PlaceFolders,
): UsedPackage[] {
  const declared = Object.keys(manifest.packages);
  const lock = parsePackageLock(readText(`${root}/package-lock.json`) ?? '');
  const needed = lock
    ? neededEntries(
        lock,
        declared.map((name) => `node_modules/${name}`),
      )
    : new Set<string>();
  const packages = [...used.values()].map((place): UsedPackage => {
    const { manager, name, folder } = place;
    const entry = folder.slice(folder.indexOf('/node_modules/') + 1);
    const isInput = manager === 'npm' && (needed.has(entry) || declared.includes(name));
    return { manager, name, version: versionOf(place), isInput };
  });
  return packages.sort((a, b) => byCodeUnit(a.name, b.name));
}

function sorted(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort(byCodeUnit);
}
