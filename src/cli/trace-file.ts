// `--trace FILE`: a recording by the clock of this process, and the file it becomes. Whether the file can be written is found
// out before the run, not after it.
import { dirname, relative, resolve } from 'node:path';
import { explain } from '../base/fs-problem.ts';
import { makeFolder, statPath } from '../base/fs.ts';
import { writeAtomic } from '../base/fs-write.ts';
import { TraceRecording } from '../base/trace-recording.ts';
import type { Trace } from '../base/trace.ts';
import { usage } from './arguments.ts';
import { text } from './command.ts';
import type { Invocation } from './command.ts';
import { safe } from './format.ts';

export interface TraceFile {
  readonly trace: Trace;
  write(): void;
}

/** Undefined without `--trace`. */
export function traceFileOf({ values, terminal }: Invocation): TraceFile | undefined {
  const asked = text(values, 'trace');
  if (asked === undefined) return undefined;
  const path = resolve(terminal.cwd, asked);
  if (statPath(path)?.isDirectory() === true) throw usage(`\`--trace ${asked}\` is a folder`, 'name a file');
  explain(`make the folder of ${asked}`, () => makeFolder(dirname(path)));
  // Since the start of the process, in whole microseconds.
  const recording = new TraceRecording(() => Math.floor(process.uptime() * 1e6));
  recording.noteStart('start');
  return {
    trace: recording,
    write: () => {
      explain(`write ${asked}`, () => writeAtomic(path, recording.text(), { durable: false, point: 'trace' }));
      if (values['quiet'] !== true && values['json'] !== true)
        terminal.err(`trace: ${safe(relative(terminal.cwd, path) || asked)} (ui.perfetto.dev, or chrome://tracing)\n`);
    },
  };
}
