// `repro fsck`: reads every object and record of the store and compares them with their names. Exit code 1 on damage.
import { renderProblem } from '../../base/problem-text.ts';
import { checkStore } from '../../store/fsck.ts';
import { Objects } from '../../store/objects.ts';
import { storePlace } from '../../store/place.ts';
import { StatIndex } from '../../store/stat-index.ts';
import { flag } from '../command.ts';
import type { Invocation } from '../command.ts';
import { count, formatBytes } from '../format.ts';
import { printJson, projectOf } from '../open.ts';

export async function fsck(invocation: Invocation): Promise<number> {
  const { project } = projectOf(invocation);
  const { terminal, values } = invocation;
  const place = storePlace(project.root, terminal.env['REPRO_STORE']);
  const objects = new Objects(place, new StatIndex(`${place.local}/index`, place.root), {
    durable: true,
    nowMs: terminal.nowMs,
  });
  const repair = flag(values, 'repair');
  const report = await checkStore(objects, repair);
  if (flag(values, 'json')) printJson(terminal, report);
  else {
    for (const found of report.problems)
      terminal.err(`${renderProblem(found, { colour: terminal.color.err, width: terminal.columns() })}\n`);
    const damage =
      report.problems.length === 0
        ? 'no damage'
        : `${count(report.problems.length, 'problem')}${repair ? `, ${report.repaired} put aside` : ''}`;
    terminal.out(
      `${count(report.objects, 'object')} (${formatBytes(report.bytes)}), ${count(report.records, 'record')}: ${damage}\n`,
    );
  }
  return report.problems.length > 0 && !repair ? 1 : 0;
}
