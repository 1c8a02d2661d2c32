// Why a stage runs, is skipped or is blocked, as data. Made by plan/decide only; turned into words by cli/reason-text.
// Carries names, paths and digests, never stages.

/** One difference between two manifests; `null` means that the side does not have it. */
export type Change =
  | { readonly kind: 'cmd'; readonly before: readonly string[]; readonly after: readonly string[] }
  | { readonly kind: 'shell' | 'wdir'; readonly before: string; readonly after: string }
  | {
      readonly kind: 'dep' | 'env' | 'runtime' | 'package';
      readonly name: string;
      readonly before: string | null;
      readonly after: string | null;
    }
  | {
      readonly kind: 'param';
      readonly file: string;
      readonly key: string;
      readonly before: string | null;
      readonly after: string | null;
    }
  | { readonly kind: 'out'; readonly name: string; readonly before: string | null; readonly after: string | null };

export type Reason =
  /** Neither the lock nor the store knows a result. */
  | { readonly kind: 'first-run' }
  | { readonly kind: 'changed'; readonly change: Change }
  | { readonly kind: 'out-absent' | 'out-modified'; readonly path: string }
  | { readonly kind: 'object-absent'; readonly path: string }
  | { readonly kind: 'forced' | 'always-changed' | 'callback' | 'always' | 'frozen' }
  /** The store has a record for these inputs. */
  | { readonly kind: 'known-result'; readonly runId: string; readonly durationMs: number }
  /** What an input will be is known only after this stage ran. */
  | { readonly kind: 'awaits'; readonly stage: string }
  | { readonly kind: 'input-absent'; readonly path: string }
  | { readonly kind: 'upstream-failed' | 'upstream-skipped' | 'upstream-blocked'; readonly stage: string }
  | { readonly kind: 'check-failed'; readonly stage: string; readonly check: string }
  | { readonly kind: 'when-false' | 'when-undecided'; readonly text: string }
  | { readonly kind: 'stopped' }
  /** Watch only: it failed with the very same inputs. */
  | { readonly kind: 'failed-before' };

/** What is to be done with a stage. */
export type DecisionKind = 'fresh' | 'restore' | 'run' | 'maybe' | 'skip' | 'blocked';

/** How it ended. */
export type OutcomeKind = 'ran' | 'restored' | 'fresh' | 'skipped' | 'blocked' | 'failed' | 'cancelled';

/** In the order in which they are counted: at the end what went wrong. */
export const OUTCOME_KINDS: readonly OutcomeKind[] = [
  'ran',
  'restored',
  'fresh',
  'skipped',
  'blocked',
  'cancelled',
  'failed',
];
