// `repro check`: judges the checks on the metrics as they are on disk. Runs nothing and writes nothing of the workspace.
import type { BaseCommit } from '../../plan/base-revision.ts';
import type { Workspace } from '../../plan/workspace.ts';
import type { ExplainedCheck } from '../../report/failed-checks.ts';
import { judgeAll } from '../../report/judged.ts';
import type { JudgedCheck } from '../../report/judged.ts';
import { countsText, renderChecks } from '../check-table.ts';
import { flag } from '../command.ts';
import type { Invocation } from '../command.ts';
import { count, safe } from '../format.ts';
import { openWorkspace, printJson, projectOf, selectionOf, warn } from '../open.ts';
import { palette } from '../palette.ts';

export async function check(invocation: Invocation): Promise<number> {
  const { terminal, values } = invocation;
  const { project, targets } = projectOf(invocation);
  const workspace = await openWorkspace(invocation, project);
  const { named } = selectionOf(workspace, targets, 'single');
  const chosen = workspace.graph.order.filter((at) => named.has(at));
  const { checks, problems } = await judgeAll(workspace, chosen);
  const failed = checks.filter((each) => !each.passed);
  // A base that nothing is compared with need not be found.
  const base = checks.length === 0 ? undefined : await workspace.baseRevision();
  const explained = base ? await explain(workspace, failed, base) : [];
  workspace.close();
  warn(invocation, [...workspace.found, ...problems]);
  const code = failed.some((each) => each.severity === 'error') ? 4 : 0;
  if (flag(values, 'json')) {
    const blames = new Map(explained.map((one) => [one.check, one.blame]));
    printJson(terminal, {
      base: base?.kind === 'commit' ? { name: base.name, commit: base.commit } : null,
      noBase: base?.kind === 'none' ? base.why : null,
      checks: checks.map((each) => ({ ...each, blame: blames.get(each) ?? null })),
    });
    return code;
  }
  if (checks.length === 0) {
    terminal.out(nothingText(workspace.file, workspace.graph.pipeline.dialect === 'dvc', targets));
    return code;
  }
  const paint = palette(terminal.color.out);
  const shown = flag(values, 'quiet') ? failed : checks;
  if (shown.length > 0) terminal.out(renderChecks(shown, paint, terminal.outColumns()));
  if (base && explained.length > 0) {
    const { renderExplained } = await import('../blame-text.ts');
    terminal.out(`\n${renderExplained(explained, base, paint, terminal.outColumns())}`);
  }
  if (!flag(values, 'quiet')) {
    terminal.out(`\n${countsText(checks, paint)}\n`);
    sayOutdated(invocation, checks);
  }
  return code;
}

/** Loaded only when a check failed. */
async function explain(
  workspace: Workspace,
  failed: readonly JudgedCheck[],
  base: BaseCommit,
): Promise<readonly ExplainedCheck[]> {
  if (failed.length === 0) return [];
  const { explainFailed } = await import('../../report/failed-checks.ts');
  return explainFailed(workspace, failed, base);
}

/** A verdict on what an earlier run left is no verdict on what a run would make. */
function sayOutdated(invocation: Invocation, checks: readonly JudgedCheck[]): void {
  const stages = new Set(checks.flatMap((each) => each.outdated.map(({ stage }) => stage)));
  if (stages.size === 0) return;
  const { terminal } = invocation;
  const names = [...stages].map((stage) => `\`${safe(stage)}\``);
  const some = names.length > 5 ? [...names.slice(0, 5), `${names.length - 5} more`] : names;
  const word = palette(terminal.color.err).yellow('warning');
  const verb = names.length === 1 ? 'is' : 'are';
  terminal.err(
    `${word}: ${some.join(', ')} ${verb} not fresh: the verdict is about what an earlier run left (${count(names.length, 'stage')}; see \`repro status\`)\n`,
  );
}

function nothingText(file: string, isDvc: boolean, targets: readonly string[]): string {
  if (isDvc)
    return `a dvc.yaml has no checks: they are an addition of pipeline.yaml (\`repro import dvc\` writes one)\n`;
  if (targets.length > 0) return `there are no checks for ${targets.map((target) => safe(target)).join(', ')}\n`;
  return `there are no checks in ${safe(file)}\n`;
}
