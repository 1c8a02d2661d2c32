// The clock of a file system: what stamp a file gets that is written now, and how far apart stamps of two moments surely
// are. It answers "could a later write carry the same stamp?" without the system clock, which may be another one (network
// mounts) or jump. After git's racy-git rule (Documentation/technical/racy-git), with a margin instead of the index time.
import { closeFd, fileSystemKind, openNew, removeFile, statFd, writeFd } from './fs.ts';
import type { BigIntStats } from './fs.ts';
import { tempPath } from './fs-write.ts';

export interface StampTime {
  readonly nowNs: bigint;
  readonly dev: bigint;
  readonly marginNs: bigint;
}

/** ext2-4, xfs, btrfs, tmpfs, overlayfs: stamps of a local kernel clock, at worst one tick (10 ms) coarse. */
const LOCAL_KINDS: ReadonlySet<number> = new Set([0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630]);
const FINE_NS = 20_000_000n;
const SECONDS_NS = 2_100_000_000n;
const UNKNOWN_NS = 5_000_000_000n;
const FRESH_MS = 5;

export class StampClock {
  readonly #folder: string;
  #fd: number | null | undefined;
  #last: StampTime | null = null;
  #takenMs = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Never later than the true stamp of this instant; null when nothing can be written there. */
  now(): StampTime | null {
    const nowMs = elapsedMs();
    if (this.#last !== null && nowMs - this.#takenMs < FRESH_MS) return this.#last;
    if (this.#fd === undefined) this.#fd = this.#open();
    if (this.#fd === null) return null;
    try {
      writeFd(this.#fd, Buffer.from('.'), 0);
    } catch {
      // A full disk is no reason to fail here: without the time of day nothing is trusted, and all is still right.
      return null;
    }
    const stat = statFd(this.#fd);
    const marginNs = this.#last?.marginNs ?? margin(stat, fileSystemKind(this.#folder)?.type);
    this.#last = { nowNs: stat.mtimeNs, dev: stat.dev, marginNs };
    this.#takenMs = nowMs;
    return this.#last;
  }

  /** A moment, for `at`. */
  mark(): number {
    return elapsedMs();
  }

  /** The time that it was at that moment. */
  at(markMs: number): StampTime | null {
    const time = this.now();
    const passedNs = BigInt(Math.ceil((elapsedMs() - markMs) * 1e6));
    return time === null ? null : { ...time, nowNs: time.nowNs - passedNs };
  }

  close(): void {
    if (typeof this.#fd === 'number') closeFd(this.#fd);
    this.#fd = undefined;
    this.#last = null;
  }

  /** An open file without a name: nothing is left behind, whatever happens to this process. */
  #open(): number | null {
    const path = tempPath(this.#folder);
    try {
      const fd = openNew(path);
      removeFile(path);
      return fd;
    } catch {
      // Read-only, full or absent: then no stamp is trusted, and files are read again next time.
      return null;
    }
  }
}

interface Stamps {
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly dev: bigint;
}

/** Whether a file with this stat, read after `since` was taken, can no longer change behind the same stat. */
export function isSettled(stat: Stamps, since: StampTime | null): boolean {
  if (since === null) return false;
  const latest = stat.mtimeNs > stat.ctimeNs ? stat.mtimeNs : stat.ctimeNs;
  const marginNs = stat.dev === since.dev ? since.marginNs : UNKNOWN_NS;
  return latest + marginNs < since.nowNs;
}

function margin(stat: BigIntStats, kind: number | undefined): bigint {
  if (kind === undefined || !LOCAL_KINDS.has(kind)) return UNKNOWN_NS;
  // 128-byte inodes of ext4 keep whole seconds only.
  return stat.mtimeNs % 1_000_000_000n === 0n ? SECONDS_NS : FINE_NS;
}

/** Milliseconds of a clock that only goes forward. The global `performance` would load a dozen modules of Node first. */
function elapsedMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
