// `repro report`: one page about the pipeline, its last run, its checks and its metrics. Reads everything, runs nothing; the
// page is the only thing that it writes.
import type { ReportFacts } from '../../report/facts.ts';
import { gatherFacts, gatherFactsBetween } from '../../report/gather-facts.ts';
import type { FactsPorts } from '../../report/gather-facts.ts';
import { usage } from '../arguments.ts';
import { flag, text, texts } from '../command.ts';
import type { Invocation } from '../command.ts';
import { openWorkspace, printJson, projectOf, selectionOf } from '../open.ts';
import { writePage } from '../page-file.ts';
import { reasonText } from '../reason-text.ts';

const DEFAULT_FILE = 'report.html';

export async function report(invocation: Invocation): Promise<number> {
  const { values, terminal } = invocation;
  const facts = await factsOf(invocation);
  if (flag(values, 'json')) {
    printJson(terminal, facts);
    return 0;
  }
  const { renderReport } = await import('../../report/report-page.ts');
  const page = renderReport(facts, { isStatic: flag(values, 'static') });
  writePage(invocation, page, DEFAULT_FILE);
  return 0;
}

/** One revision is what the workspace is compared with; two are compared with each other. */
async function factsOf(invocation: Invocation): Promise<ReportFacts> {
  const { values, terminal } = invocation;
  const { project, targets } = projectOf(invocation);
  const revisions = texts(values, 'rev');
  const base = text(values, 'base');
  if (revisions.length > 2) throw usage('`--rev` takes two revisions at most', 'the earlier one first');
  if (revisions.length > 0 && base !== undefined) throw usage('`--rev` and `--base` exclude each other');
  const [from, to] = revisions;
  const workspace = await openWorkspace(invocation, project, { base: base ?? (to === undefined ? from : undefined) });
  const ports: FactsPorts = { nowMs: terminal.nowMs(), words: reasonText };
  if (from !== undefined && to !== undefined) {
    const facts = await gatherFactsBetween(workspace, { from, to }, targets, ports);
    workspace.close();
    return facts;
  }
  const { ordered } = selectionOf(workspace, targets, 'with-upstream');
  const facts = await gatherFacts(workspace, { order: ordered }, ports);
  workspace.close();
  return facts;
}
