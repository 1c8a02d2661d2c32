// A trace as it is taken, and the text that viewers of "trace events" open (Chrome, Perfetto). One clock that only goes
// forward. Invariant: the spans of a track lie inside each other or beside each other. Knows no stages.
import type { Trace, TraceArguments, TraceGroup, TraceSpan } from './trace.ts';

/** One entry of the "Trace Event Format". Times are in microseconds. */
export interface TraceEvent {
  readonly ph: 'X' | 'b' | 'e' | 'M';
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly cat?: string;
  readonly id?: number;
  readonly args?: Readonly<Record<string, string | number>>;
}

const GROUPS: readonly (TraceGroup | 'waiting')[] = ['repro', 'jobs', 'disk', 'waiting', 'hashing'];
const GROUP_NAMES = {
  repro: 'repro itself',
  jobs: 'job slots',
  disk: 'results on their way to the disk',
  waiting: 'ready, waiting for a slot or a resource',
  hashing: 'files that are hashed',
} as const;

/** A piece of what has ended: there is no place for it. */
const NOTHING: TraceSpan = { part: () => NOTHING, end: () => undefined };

export class TraceRecording implements Trace {
  readonly #nowUs: () => number;
  readonly #events: TraceEvent[] = [];
  /** The tracks of a group: whether something is on them. */
  readonly #tracks = new Map<TraceGroup, boolean[]>();
  readonly #open = new Set<TraceSpan>();
  #waits = 0;

  constructor(nowUs: () => number) {
    this.#nowUs = nowUs;
  }

  span(group: TraceGroup, name: string, details?: TraceArguments): TraceSpan {
    const tracks = this.#tracks.get(group) ?? [];
    this.#tracks.set(group, tracks);
    const free = tracks.indexOf(false);
    const track = free === -1 ? tracks.length : free;
    tracks[track] = true;
    return this.#begin(pidOf(group), track + 1, name, details, () => (tracks[track] = false));
  }

  wait(name: string): TraceSpan {
    const common = { name, cat: 'waiting', id: ++this.#waits, pid: pidOf('waiting'), tid: 1 };
    this.#events.push({ ph: 'b', ...common, ts: this.#nowUs() });
    const span: TraceSpan = {
      part: () => span,
      end: (details) => {
        if (!this.#open.delete(span)) return;
        this.#events.push({ ph: 'e', ...common, ts: this.#nowUs(), ...(details && { args: details }) });
      },
    };
    this.#open.add(span);
    return span;
  }

  /** What happened before this recording began: from the start of the process. */
  noteStart(name: string): void {
    this.#events.push({ ph: 'X', name, pid: pidOf('repro'), tid: 1, ts: 0, dur: this.#nowUs() });
  }

  /** Everything until now, as a file for a viewer. */
  text(): string {
    for (const span of this.#open) span.end();
    const names = GROUPS.flatMap((group, at) => [
      meta('process_name', at + 1, 0, { name: GROUP_NAMES[group] }),
      meta('process_sort_index', at + 1, 0, { sort_index: at }),
      ...(group === 'waiting' ? [] : (this.#tracks.get(group) ?? [])).map((_, track) =>
        meta('thread_name', at + 1, track + 1, { name: group === 'jobs' ? `slot ${track + 1}` : group }),
      ),
    ]);
    const events = this.#events.toSorted((a, b) => (a.ts ?? 0) - (b.ts ?? 0) || (b.dur ?? 0) - (a.dur ?? 0));
    const lines = [...names, ...events].map((event) => JSON.stringify(event));
    return `{"displayTimeUnit":"ms","traceEvents":[\n${lines.join(',\n')}\n]}\n`;
  }

  #begin(
    pid: number,
    tid: number,
    name: string,
    details: TraceArguments | undefined,
    onEnd: () => void,
    above?: Set<TraceSpan>,
  ): TraceSpan {
    const ts = this.#nowUs();
    const inside = new Set<TraceSpan>();
    const span: TraceSpan = {
      part: (part, partDetails) => {
        if (!this.#open.has(span)) return NOTHING;
        for (const other of inside) other.end();
        return this.#begin(pid, tid, part, partDetails, () => undefined, inside);
      },
      end: (endDetails) => {
        if (!this.#open.delete(span)) return;
        for (const part of inside) part.end();
        above?.delete(span);
        const args = { ...details, ...endDetails };
        const event = { ph: 'X', name, pid, tid, ts, dur: this.#nowUs() - ts } as const;
        this.#events.push(Object.keys(args).length > 0 ? { ...event, args } : event);
        onEnd();
      },
    };
    above?.add(span);
    this.#open.add(span);
    return span;
  }
}

function pidOf(group: TraceGroup | 'waiting'): number {
  return GROUPS.indexOf(group) + 1;
}

function meta(name: string, pid: number, tid: number, args: TraceArguments): TraceEvent {
  return { ph: 'M', name, pid, tid, args };
}
