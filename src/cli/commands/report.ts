// `repro report`: one page about the pipeline, its last run, its checks and its metrics. Reads everything, runs nothing; the
// page is the only thing that it writes.
import { gatherReport, gatherReportBetween } from '../../report/gather-report.ts';
import type { FactsPorts, Report } from '../../report/gather-report.ts';
import type { ProjectPlace } from '../../plan/project.ts';
import { storePlace } from '../../store/place.ts';
import { usage } from '../arguments.ts';
import { flag, text, texts } from '../command.ts';
import type { Invocation } from '../command.ts';
import { openWorkspace, printJson, projectOf, selectionOf } from '../open.ts';
import { writePage } from '../page-file.ts';
import { reasonText } from '../reason-text.ts';

export async function report(invocation: Invocation): Promise<number> {
  const { values, terminal } = invocation;
  const { project, targets } = projectOf(invocation);
  const gathered = await gather(invocation, project, targets);
  if (flag(values, 'json')) {
    printJson(terminal, gathered.facts);
    return 0;
  }
  const { renderReport } = await import('../../report/report-page.ts');
  const { plotScript } = await import('../../report/plot-view.ts');
  const isStatic = flag(values, 'static');
  const page = await renderReport(gathered, { isStatic, plotScript: isStatic ? undefined : plotScript() });
  writePage(invocation, storePlace(project.root), 'report.html', page);
  return 0;
}

/** One revision is what the workspace is compared with; two are compared with each other. */
async function gather(invocation: Invocation, project: ProjectPlace, targets: readonly string[]): Promise<Report> {
  const { values, terminal } = invocation;
  const revisions = texts(values, 'rev');
  const base = text(values, 'base');
  if (revisions.length > 2) throw usage('`--rev` takes two revisions at most', 'the earlier one first');
  if (revisions.length > 0 && base !== undefined) throw usage('`--rev` and `--base` exclude each other');
  const [from, to] = revisions;
  const workspace = await openWorkspace(invocation, project, { base: base ?? (to === undefined ? from : undefined) });
  const ports: FactsPorts = { nowMs: terminal.nowMs(), words: reasonText };
  if (from !== undefined && to !== undefined) {
    const between = await gatherReportBetween(workspace, { from, to }, targets, ports);
    workspace.close();
    return between;
  }
  const { ordered } = selectionOf(workspace, targets, 'with-upstream');
  const now = await gatherReport(workspace, { order: ordered }, ports);
  workspace.close();
  return now;
}
