// `repro log STAGE`: what a stage printed, in its last run or in a given one; `-f` goes on while it runs.
import { StringDecoder } from 'node:string_decoder';
import { closeFd, existsPath, openForRead, readFdLater } from '../../base/fs.ts';
import { problem, ReproError } from '../../base/problem.ts';
import { terminalText } from '../../base/terminal-text.ts';
import { isDvcFile } from '../../plan/project.ts';
import type { ProjectPlace } from '../../plan/project.ts';
import { History } from '../../store/history.ts';
import type { RunHistory } from '../../store/history.ts';
import { storePlace } from '../../store/place.ts';
import { usage, wholeNumber } from '../arguments.ts';
import { flag, text } from '../command.ts';
import type { Invocation, Terminal } from '../command.ts';
import { projectOf } from '../open.ts';

const POLL_MS = 200;
const BLOCK_BYTES = 1 << 20;

export async function log(invocation: Invocation): Promise<number> {
  const { project, targets } = projectOf(invocation);
  const [target] = targets;
  if (target === undefined || targets.length > 1) throw usage('`repro log` takes one stage', '`repro log train`');
  const stage = await lastingName(project, target);
  const history = new History(storePlace(project.root));
  const attempt = wholeNumber(text(invocation.values, 'attempt'), '--attempt', 1);
  const found = findLog(history, stage, text(invocation.values, 'run'), attempt);
  const printer = new LogPrinter(found.file, invocation.terminal);
  await printer.print();
  if (!flag(invocation.values, 'follow')) return 0;
  const stop = new AbortController();
  const silence = invocation.terminal.interrupt.listen(() => stop.abort());
  while (!stop.signal.aborted && isGoingOn(history, found.run, stage)) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    await printer.print();
  }
  silence();
  await printer.print();
  return 0;
}

/** What a stage is called in the history: in a DVC project the same from every folder. */
export async function lastingName({ file }: ProjectPlace, stage: string): Promise<string> {
  if (!isDvcFile(file)) return stage;
  const { fixedNameOf } = await import('../../plan/dvc-names.ts');
  return fixedNameOf(file, stage);
}

/** Of the newest run that has any; without a wish it is the log of the last attempt. */
export function newestLog(
  history: History,
  stage: string,
  runId?: string,
  attempt?: number,
): { readonly file: string; readonly run: RunHistory } | undefined {
  for (const run of history.list().filter((each) => runId === undefined || each.runId.startsWith(runId))) {
    const asked = attempt === undefined ? undefined : history.logFile(run.runId, stage, attempt);
    const file = asked === undefined ? history.lastLogFile(run.runId, stage) : existsPath(asked) ? asked : undefined;
    if (file !== undefined) return { file, run };
  }
  return undefined;
}

function findLog(
  history: History,
  stage: string,
  runId: string | undefined,
  attempt: number | undefined,
): { readonly file: string; readonly run: RunHistory } {
  const found = newestLog(history, stage, runId, attempt);
  if (found) return found;
  const which = runId === undefined ? '' : ` in run \`${runId}\``;
  throw new ReproError(
    'failed',
    problem('record-missing', `there is no output of \`${stage}\`${which}`, {
      hint: 'a stage that printed nothing, or was restored, has no log; `repro runs` lists the runs',
    }),
  );
}

function isGoingOn(history: History, run: RunHistory, stage: string): boolean {
  const now = history.read(run.runId);
  if (!now || now.endedAtMs !== undefined || now.stages.some((each) => each.stage === stage)) return false;
  try {
    process.kill(now.pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Prints what a log holds, and what was added to it since. As it is to a file or pipe, made safe for a terminal. */
class LogPrinter {
  readonly #file: string;
  readonly #terminal: Terminal;
  readonly #block = Buffer.alloc(BLOCK_BYTES);
  /** A character may be cut in two by the end of what is there yet. */
  readonly #decoder = new StringDecoder('utf8');
  #atByte = 0;

  constructor(file: string, terminal: Terminal) {
    this.#file = file;
    this.#terminal = terminal;
  }

  async print(): Promise<void> {
    if (!existsPath(this.#file)) return;
    const fd = openForRead(this.#file);
    try {
      for (;;) {
        const bytes = await readFdLater(fd, this.#block, this.#atByte);
        if (bytes === 0) return;
        this.#atByte += bytes;
        this.#terminal.out(this.#shown(this.#decoder.write(this.#block.subarray(0, bytes))));
      }
    } finally {
      closeFd(fd);
    }
  }

  #shown(words: string): string {
    if (!Number.isFinite(this.#terminal.outColumns())) return words;
    const colour = this.#terminal.color.out;
    return words
      .split('\n')
      .map((line) => terminalText(line, { colour }))
      .join('\n');
  }
}
