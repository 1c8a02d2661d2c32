// `repro graph`: the stages and what they need, for people and for tools.
import { isTooLargeForMermaid } from '../../report/mermaid.ts';
import { usage } from '../arguments.ts';
import { flag, text } from '../command.ts';
import type { Invocation, Terminal } from '../command.ts';
import { count, safe } from '../format.ts';
import { renderDot, renderMermaid, renderTree } from '../graph-draw.ts';
import { drawingOf, groupedDrawingOf } from '../graph-groups.ts';
import { graphJson } from '../graph-json.ts';
import { openWorkspace, printJson, projectOf, reachOf, selectionOf } from '../open.ts';
import { palette } from '../palette.ts';

/** More stages than this do not fit a screen: in the terminal groups are drawn as one. */
const MOST_APART = 30;

export async function graph(invocation: Invocation): Promise<number> {
  const { terminal, values } = invocation;
  const forms = ['json', 'dot', 'mermaid', 'html'].filter((name) => flag(values, name));
  if (forms.length > 1) throw usage(`\`--${forms.join('` and `--')}\` exclude each other`);
  const [form] = forms;
  const views = ['groups', 'expand'].filter((name) => flag(values, name));
  if (views.length > 1) throw usage('`--groups` and `--expand` exclude each other');
  if (form === 'json' && views.length > 0) throw usage(`\`--json\` and \`--${views[0] ?? ''}\` exclude each other`);
  if (form === 'html' && views.length > 0) throw usage(`\`--html\` and \`--${views[0] ?? ''}\` exclude each other`);
  if (form !== 'html' && text(values, 'output') !== undefined) throw usage('`--output` is for `--html`');
  const { project, targets } = projectOf(invocation);
  const workspace = await openWorkspace(invocation, project);
  const { stages, ordered } = selectionOf(workspace, targets, reachOf(invocation));
  if (form === 'html') return (await import('../graph-html.ts')).writeGraphPage(invocation, workspace, ordered);
  const chosen = new Set([...stages].sort((a, b) => a - b));
  workspace.close();
  if (form === 'json') {
    printJson(terminal, graphJson(workspace.graph, chosen));
    return 0;
  }
  const isLarge = form === undefined && chosen.size > MOST_APART;
  const isGrouped = views[0] === 'groups' || (isLarge && views[0] !== 'expand');
  const drawing = isGrouped ? groupedDrawingOf(workspace.graph, chosen) : drawingOf(workspace.graph, chosen);
  if (form === 'dot') terminal.out(renderDot(drawing));
  else if (form === 'mermaid') printMermaid(terminal, renderMermaid(drawing));
  else if (chosen.size === 0) terminal.out(`${safe(workspace.file)} has no stages\n`);
  else {
    const paint = palette(terminal.color.out);
    terminal.out(renderTree(drawing, terminal.outColumns(), paint));
    if (isLarge && views.length === 0 && drawing.names.length < chosen.size)
      terminal.err(
        `${paint.dim(`${chosen.size} stages on ${count(drawing.names.length, 'line')}; \`--expand\` draws each`)}\n`,
      );
  }
  return 0;
}

function printMermaid(terminal: Terminal, diagram: string): void {
  terminal.out(diagram);
  if (!isTooLargeForMermaid(diagram)) return;
  const { dim } = palette(terminal.color.err);
  terminal.err(
    `${dim('GitHub and others will not draw this: more than 500 arrows or 50,000 characters; see `--groups`')}\n`,
  );
}
