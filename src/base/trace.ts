// What this process does when, for `--trace`, as those who do it tell it: spans on tracks. Without a trace nothing of this
// is called. Knows no stages and no file.

/** A track of each group is for one thing at a time; as many are used as are needed at once. */
export type TraceGroup = 'repro' | 'jobs' | 'disk' | 'hashing';

export type TraceArguments = Readonly<Record<string, string | number>>;

export interface TraceSpan {
  /** A piece of it, on the same track; pieces come one after the other: a new one ends the last. */
  part(name: string, details?: TraceArguments): TraceSpan;
  /** Also ends what is open inside. */
  end(details?: TraceArguments): void;
}

export interface Trace {
  span(group: TraceGroup, name: string, details?: TraceArguments): TraceSpan;
  /** Something that waits; many may wait at once. */
  wait(name: string): TraceSpan;
}

/** Runs the work as a piece of the span, if there is one. */
export function traced<T>(span: TraceSpan | undefined, name: string, work: () => Promise<T>): Promise<T> {
  if (!span) return work();
  const part = span.part(name);
  return work().finally(() => part.end());
}
