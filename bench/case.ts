// What a suite hands to the harness: two sides to be measured beside each other, what ours is divided by, and the goal. Knows
// neither how it is measured nor how it is shown.

export interface Side {
  /** Program and arguments. */
  readonly command: readonly string[];
  readonly cwd: string;
  /** Beside the clean environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Before each round, not measured. */
  readonly before?: () => void;
}

interface Line {
  readonly suite: string;
  readonly name: string;
  /** What ours is divided by, in words. */
  readonly over: string;
  /** The ratio that must not be exceeded. None: the ratio is only told, because the other side does less. */
  readonly goal?: number;
  readonly rounds: number;
}

/** Two whole processes: the harness takes their time and memory. */
export interface CommandCase extends Line {
  readonly kind: 'commands';
  readonly ours: Side;
  readonly theirs: Side;
}

/** What only the case itself can measure: a latency, an amount of memory, a time that excludes the start of a program. */
export interface SampledCase extends Line {
  readonly kind: 'sampled';
  readonly unit: Unit;
  readonly pair: (round: number) => Pair | Promise<Pair>;
  /** Runs our side once more with these options for Node. */
  readonly profile?: (nodeOptions: readonly string[]) => void | Promise<void>;
}

/** A comparison that cannot be made here, and what would make it possible. */
export interface MissingCase {
  readonly kind: 'missing';
  readonly suite: string;
  readonly name: string;
  readonly over: string;
  readonly why: string;
}

export type Case = CommandCase | SampledCase | MissingCase;
export type Unit = 'ms' | 'MiB';

export interface Pair {
  readonly ours: number;
  readonly theirs: number;
}
