// `repro list`: the stages and what they are for.
import { flag } from '../command.ts';
import type { Invocation } from '../command.ts';
import { renderTable, safe } from '../format.ts';
import { openWorkspace, printJson, projectOf, reachOf, selectionOf } from '../open.ts';
import { palette } from '../palette.ts';

export async function list(invocation: Invocation): Promise<number> {
  const { project, targets } = projectOf(invocation);
  const workspace = await openWorkspace(invocation, project);
  const reach = targets.length > 0 && reachOf(invocation) === 'with-upstream' ? 'single' : reachOf(invocation);
  const { stages } = selectionOf(workspace, targets, reach);
  const shown = [...stages]
    .sort((a, b) => a - b)
    .map((at) => workspace.graph.stages[at])
    .filter((stage) => stage !== undefined);
  workspace.close();
  const { terminal } = invocation;
  if (flag(invocation.values, 'json')) {
    printJson(terminal, {
      stages: shown.map((stage) => ({
        name: stage.name,
        group: stage.group,
        desc: stage.desc ?? null,
        frozen: stage.frozen,
        line: stage.span.line,
        file: stage.span.file,
      })),
    });
  } else if (shown.length === 0) terminal.out(`${safe(workspace.file)} has no stages\n`);
  else {
    const paint = palette(terminal.color.out);
    terminal.out(
      renderTable(
        [],
        shown.map((stage) => [safe(stage.name), paint.dim(safe(describe(stage)))]),
      ),
    );
  }
  return 0;
}

function describe(stage: {
  readonly desc?: string;
  readonly outs: readonly { readonly path: string }[];
  readonly cmd: readonly string[];
}): string {
  if (stage.desc !== undefined) return stage.desc.trim().split('\n')[0] ?? '';
  if (stage.outs.length > 0) return `makes ${stage.outs.map((out) => out.path).join(', ')}`;
  return (stage.cmd[0] ?? '').trim().split('\n')[0] ?? '';
}
