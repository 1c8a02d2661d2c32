// `repro graph`: the stages and what they need, for people and for tools.
import { usage } from '../arguments.ts';
import { flag } from '../command.ts';
import type { Invocation } from '../command.ts';
import { renderDot, renderMermaid, renderTree } from '../graph-draw.ts';
import { graphJson } from '../graph-json.ts';
import { openWorkspace, printJson, projectOf, reachOf, selectionOf } from '../open.ts';

export async function graph(invocation: Invocation): Promise<number> {
  const forms = ['json', 'dot', 'mermaid'].filter((name) => flag(invocation.values, name));
  if (forms.length > 1) throw usage(`\`--${forms.join('` and `--')}\` exclude each other`);
  const { project, targets } = projectOf(invocation);
  const workspace = await openWorkspace(invocation, project);
  const { stages } = selectionOf(workspace, targets, reachOf(invocation));
  const chosen = new Set([...stages].sort((a, b) => a - b));
  workspace.close();
  const { terminal } = invocation;
  if (forms[0] === 'json') printJson(terminal, graphJson(workspace.graph, chosen));
  else if (forms[0] === 'dot') terminal.out(renderDot(workspace.graph, chosen));
  else if (forms[0] === 'mermaid') terminal.out(renderMermaid(workspace.graph, chosen));
  else terminal.out(chosen.size === 0 ? `${workspace.file} has no stages\n` : renderTree(workspace.graph, chosen));
  return 0;
}
