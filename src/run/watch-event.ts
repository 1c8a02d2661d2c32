// What a watch says beside the events of its runs, as one closed union of plain data.
import type { Problem } from '../base/problem.ts';

export type WatchEvent =
  /** Nothing runs; what is watched now. */
  | { readonly kind: 'watch-idle'; readonly files: number; readonly stages: number; readonly atMs: number }
  /** A run begins because of these (relative to the root; only the first few). */
  | {
      readonly kind: 'watch-changed';
      readonly paths: readonly string[];
      readonly count: number;
      readonly atMs: number;
    }
  /** Something changed while a run goes on. `stages`: those of the running ones that read it. */
  | {
      readonly kind: 'watch-queued';
      readonly paths: readonly string[];
      readonly count: number;
      readonly stages: readonly string[];
      /** The run is stopped and begins anew. */
      readonly restarts: boolean;
      readonly atMs: number;
    }
  /** The configuration cannot be used: the last good one is kept, and its files are watched on. */
  | { readonly kind: 'watch-broken'; readonly problems: readonly Problem[]; readonly atMs: number }
  | { readonly kind: 'watch-mended'; readonly atMs: number }
  /** Each run changed what the next one reads: the next one waits. */
  | { readonly kind: 'watch-paused'; readonly delayMs: number; readonly atMs: number }
  | { readonly kind: 'watch-notice'; readonly problem: Problem; readonly atMs: number }
  | { readonly kind: 'watch-ended'; readonly exitCode: number; readonly atMs: number };

export type TellWatch = (event: WatchEvent) => void;

/** More are only counted. */
export const MOST_TOLD_PATHS = 10;
