// `repro runs [RUN]`: earlier runs of this workspace, newest first; one run stage by stage.
import { durationText } from '../../base/duration-text.ts';
import { problem, ReproError } from '../../base/problem.ts';
import { History } from '../../store/history.ts';
import type { RunHistory } from '../../store/history.ts';
import { storePlace } from '../../store/place.ts';
import { usage, wholeNumber } from '../arguments.ts';
import { flag, text } from '../command.ts';
import type { Invocation } from '../command.ts';
import { fit } from '../fit.ts';
import { formatTime, renderTable, safe, width } from '../format.ts';
import { printJson, projectOf } from '../open.ts';
import { palette } from '../palette.ts';
import { WORST_FIRST } from '../stage-line.ts';
import { renderTimeline } from '../timeline.ts';

const MOST_RUNS = 20;

export async function runs(invocation: Invocation): Promise<number> {
  const { project, targets } = projectOf(invocation);
  const history = new History(storePlace(project.root));
  const most = wholeNumber(text(invocation.values, 'last'), '--last', 1) ?? MOST_RUNS;
  const [id, extra] = targets;
  if (extra !== undefined) throw usage('`repro runs` shows one run', '`repro runs` lists them');
  if (id !== undefined) return Promise.resolve(one(invocation, history, id));
  const list = history.list().slice(0, most);
  if (flag(invocation.values, 'json')) printJson(invocation.terminal, { runs: list });
  else if (list.length === 0) invocation.terminal.out('nothing has run here yet\n');
  else {
    invocation.terminal.out(renderList(list, invocation.terminal));
  }
  return 0;
}

/** Where it would not fit, first the commits are left out, then what is beyond the edge. */
function renderList(list: readonly RunHistory[], { outColumns, color }: Invocation['terminal']): string {
  const { dim, red } = palette(color.out);
  const head = ['RUN', 'STARTED', 'TOOK', 'EXIT', 'COMMIT', 'STAGES'];
  const rows = [head, ...list.map(row)];
  const columns = outColumns();
  const lines = (kept: readonly (readonly string[])[]): string[] => renderTable([], kept).trimEnd().split('\n');
  const whole = lines(rows);
  const fits = whole.every((line) => width(line) <= columns);
  const shown = fits ? whole : lines(rows.map((cells) => cells.toSpliced(4, 1))).map((line) => fit(line, columns));
  return shown
    .map((line, i) => `${i === 0 ? dim(line) : (list[i - 1]?.exitCode ?? 1) === 0 ? line : red(line)}\n`)
    .join('');
}

function row(run: RunHistory): string[] {
  const took = run.endedAtMs === undefined ? '-' : durationText(run.endedAtMs - run.startedAtMs);
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
  const counted = WORST_FIRST.map(
    (kind) => [run.stages.filter((stage) => stage.outcome === kind).length, kind] as const,
  );
  const parts = counted.filter(([n]) => n > 0).map(([n, kind]) => `${n} ${kind}`);
  return parts.join(', ') || '-';
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
    ['took', run.endedAtMs === undefined ? 'killed' : durationText(run.endedAtMs - run.startedAtMs)],
    ['exit code', String(run.exitCode ?? '-')],
    ['command', safe(`repro ${run.argv.join(' ')}`)],
    ['commit', run.commit === undefined ? '-' : `${run.commit}${run.dirty ? ' with changes' : ''}`],
    ['branch', safe(run.branch ?? '-')],
    ['author', safe(run.author ?? '-')],
    ['host', safe(run.host)],
    ['node', run.node],
  ];
  terminal.out(`${renderTable([], facts)}\n${renderTimeline(run, terminal.outColumns(), palette(terminal.color.out))}`);
  return 0;
}
