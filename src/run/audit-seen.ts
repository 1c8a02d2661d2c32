// What an observer has seen the processes of a stage do: plain sets of absolute paths and names. Judges nothing.

export interface Seen {
  /** Files that were opened to be read, or run. */
  readonly reads: Set<string>;
  /** Files that were opened to be written. */
  readonly writes: Set<string>;
  /** Folders whose names were read. */
  readonly listed: Set<string>;
  /** Files that were to be opened and are not there. */
  readonly absent: Set<string>;
  /** Programs. */
  readonly executed: Set<string>;
  /** Where connections went, as `inet 127.0.0.1:80`. */
  readonly connects: Set<string>;
  /** Environment variables that the project's own JavaScript asked for. */
  readonly env: Set<string>;
  /** How many processes told about themselves: Node's only. */
  nodeProcesses: number;
}

export function nothingSeen(): Seen {
  return {
    reads: new Set(),
    writes: new Set(),
    listed: new Set(),
    absent: new Set(),
    executed: new Set(),
    connects: new Set(),
    env: new Set(),
    nodeProcesses: 0,
  };
}
