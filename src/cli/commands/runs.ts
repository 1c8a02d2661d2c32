// `repro runs [RUN]`: earlier runs of this workspace, newest first; one run stage by stage.
import { problem, ReproError } from '../../base/problem.ts';
import { History } from '../../store/history.ts';
import type { RunHistory } from '../../store/history.ts';
import { storePlace } from '../../store/place.ts';
import { wholeNumber } from '../arguments.ts';
import { flag, text } from '../command.ts';
import type { Invocation } from '../command.ts';
import { formatDuration, formatTime, renderTable, safe } from '../format.ts';
import { printJson, projectOf } from '../open.ts';
import { palette } from '../palette.ts';

const MOST_RUNS = 20;

export async function runs(invocation: Invocation): Promise<number> {
  const { project, targets } = projectOf(invocation);
  const history = new History(storePlace(project.root));
  const most = wholeNumber(text(invocation.values, 'last'), '--last', 1) ?? MOST_RUNS;
  const [id] = targets;
  if (id !== undefined) return Promise.resolve(one(invocation, history, id));
  const list = history.list().slice(0, most);
  if (flag(invocation.values, 'json')) printJson(invocation.terminal, { runs: list });
  else if (list.length === 0) invocation.terminal.out('nothing has run here yet\n');
  else {
    const { dim } = palette(invocation.terminal.color.out);
    invocation.terminal.out(
      renderTable(['RUN', 'STARTED', 'TOOK', 'EXIT', 'COMMIT', 'STAGES'].map(dim), list.map(row)),
    );
  }
  return 0;
}

function row(run: RunHistory): string[] {
  const took = run.endedAtMs === undefined ? '-' : formatDuration(run.endedAtMs - run.startedAtMs);
  return [
    run.runId,
    formatTime(run.startedAtMs),
    took,
    run.exitCode === undefined ? 'killed' : String(run.exitCode),
    `${run.commit?.slice(0, 8) ?? '-'}${run.dirty ? '+' : ''}`,
    outcomes(run),
  ];
}

function outcomes(run: RunHistory): string {
  const counts = new Map<string, number>();
  for (const { outcome } of run.stages) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  return [...counts].map(([outcome, n]) => `${n} ${outcome}`).join(', ') || '-';
}

function one(invocation: Invocation, history: History, id: string): number {
  const run = history.read(id) ?? history.list().find((each) => each.runId.startsWith(id));
  if (!run)
    throw new ReproError(
      'usage',
      problem('target-unknown', `there is no run \`${id}\``, { hint: '`repro runs` lists them' }),
    );
  const { terminal } = invocation;
  if (flag(invocation.values, 'json')) {
    printJson(terminal, { run });
    return 0;
  }
  const facts = [
    ['run', run.runId],
    ['started', formatTime(run.startedAtMs)],
    ['took', run.endedAtMs === undefined ? 'killed' : formatDuration(run.endedAtMs - run.startedAtMs)],
    ['exit code', String(run.exitCode ?? '-')],
    ['command', safe(`repro ${run.argv.join(' ')}`)],
    ['commit', run.commit === undefined ? '-' : `${run.commit}${run.dirty ? ' with changes' : ''}`],
    ['branch', run.branch ?? '-'],
    ['author', run.author ?? '-'],
    ['host', run.host],
    ['node', run.node],
  ];
  terminal.out(
    `${renderTable([], facts)}\n${renderTable(
      [],
      run.stages.map((stage) => [
        stage.outcome,
        safe(stage.stage),
        formatDuration(stage.durationMs),
        safe(stage.message ?? ''),
      ]),
    )}`,
  );
  return 0;
}
