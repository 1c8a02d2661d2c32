// `repro log STAGE`: what a stage printed, in its last run or in a given one; `-f` goes on while it runs.
import { existsPath, readBytes, statPath } from '../../base/fs.ts';
import { problem, ReproError } from '../../base/problem.ts';
import { terminalText } from '../../base/terminal-text.ts';
import type { ProjectPlace } from '../../plan/project.ts';
import { History } from '../../store/history.ts';
import type { RunHistory } from '../../store/history.ts';
import { storePlace } from '../../store/place.ts';
import { usage, wholeNumber } from '../arguments.ts';
import { flag, text } from '../command.ts';
import type { Invocation } from '../command.ts';
import { projectOf } from '../open.ts';

const POLL_MS = 200;

export async function log(invocation: Invocation): Promise<number> {
  const { project, targets } = projectOf(invocation);
  const [target] = targets;
  if (target === undefined || targets.length > 1) throw usage('`repro log` takes one stage', '`repro log train`');
  const stage = await lastingName(project, target);
  const history = new History(storePlace(project.root));
  const attempt = wholeNumber(text(invocation.values, 'attempt'), '--attempt', 1);
  const found = findLog(history, stage, text(invocation.values, 'run'), attempt);
  let shown = print(invocation, found.file, 0);
  if (!flag(invocation.values, 'follow')) return 0;
  const stop = new AbortController();
  const silence = invocation.terminal.interrupt.listen(() => stop.abort());
  while (!stop.signal.aborted && isGoingOn(history, found.run, stage)) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    shown = print(invocation, found.file, shown);
  }
  silence();
  print(invocation, found.file, shown);
  return 0;
}

/** What a stage is called in the history: in a DVC project the same from every folder. */
export async function lastingName({ file }: ProjectPlace, stage: string): Promise<string> {
  if (!/(?:^|\/)dvc\.yaml$/.test(file)) return stage;
  const { fixedNameOf } = await import('../../plan/dvc-names.ts');
  return fixedNameOf(file, stage);
}

/** Attempts after the first have logs of their own; without a wish it is the last one of the newest run that has any. */
export function newestLog(
  history: History,
  stage: string,
  runId?: string,
  attempt?: number,
): { readonly file: string; readonly run: RunHistory } | undefined {
  const runs = history.list().filter((run) => runId === undefined || run.runId.startsWith(runId));
  for (const run of runs) {
    const attempts = attempt === undefined ? [10, 9, 8, 7, 6, 5, 4, 3, 2, 1] : [attempt];
    const file = attempts.map((n) => history.logFile(run.runId, stage, n)).find((path) => existsPath(path));
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

/** Raw to a file or pipe, made safe for a terminal. Gives how many bytes were shown. */
function print(invocation: Invocation, file: string, from: number): number {
  const size = Number(statPath(file)?.size ?? 0n);
  if (size <= from) return from;
  const bytes = readBytes(file)?.subarray(from) ?? Buffer.alloc(0);
  const words = bytes.toString('utf8');
  const { terminal } = invocation;
  terminal.out(
    process.stdout.isTTY
      ? words
          .split('\n')
          .map((line) => terminalText(line, { colour: terminal.color.out }))
          .join('\n')
      : words,
  );
  return from + bytes.length;
}
