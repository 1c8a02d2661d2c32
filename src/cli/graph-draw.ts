// Drawings of the graph as text: Mermaid, DOT, and a tree for the terminal in which a stage that several need stands
// once in full and is named afterwards. Text only.
import type { Graph } from '../plan/graph.ts';
import { safe } from './format.ts';

export function renderDot(graph: Graph, chosen: ReadonlySet<number>): string {
  const lines = ['digraph repro {', '  rankdir=LR;', '  node [shape=box, fontname="sans-serif"];'];
  for (const at of chosen) lines.push(`  ${dotName(graph, at)};`);
  for (const [from, to] of edges(graph, chosen)) lines.push(`  ${dotName(graph, from)} -> ${dotName(graph, to)};`);
  return `${lines.join('\n')}\n}\n`;
}

export function renderMermaid(graph: Graph, chosen: ReadonlySet<number>): string {
  const lines = ['flowchart LR'];
  for (const at of chosen)
    lines.push(
      `  s${at}["${nameOf(graph, at).replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')}"]`,
    );
  for (const [from, to] of edges(graph, chosen)) lines.push(`  s${from} --> s${to}`);
  return `${lines.join('\n')}\n`;
}

/** Sources first; below each stage those that need it. */
export function renderTree(graph: Graph, chosen: ReadonlySet<number>): string {
  const lines: string[] = [];
  const shown = new Set<number>();
  const roots = [...chosen]
    .filter((at) => !(graph.upstream[at] ?? []).some((up) => chosen.has(up)))
    .sort((a, b) => a - b);
  const stack: { readonly at: number; readonly lead: string; readonly branch: string; readonly below: string }[] = roots
    .toReversed()
    .map((at) => ({ at, lead: '', branch: '', below: '' }));
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { at, lead, branch, below } = next;
    const needs = (graph.upstream[at] ?? []).filter((up) => chosen.has(up)).length;
    const children = (graph.downstream[at] ?? []).filter((down) => chosen.has(down)).toSorted((a, b) => a - b);
    const again = shown.has(at) && children.length > 0;
    lines.push(`${lead}${branch}${nameOf(graph, at)}${needs > 1 ? `  (needs ${needs})` : ''}${again ? '  ↑' : ''}`);
    if (shown.has(at)) continue;
    shown.add(at);
    const inner = lead + below;
    children.toReversed().forEach((child, i) => {
      const last = i === 0;
      stack.push({ at: child, lead: inner, branch: last ? '└─ ' : '├─ ', below: last ? '   ' : '│  ' });
    });
  }
  return `${lines.join('\n')}\n`;
}

function edges(graph: Graph, chosen: ReadonlySet<number>): [number, number][] {
  return [...chosen].flatMap((to) =>
    (graph.upstream[to] ?? []).filter((from) => chosen.has(from)).map((from): [number, number] => [from, to]),
  );
}

function nameOf(graph: Graph, at: number): string {
  return safe(graph.stages[at]?.name ?? '');
}

function dotName(graph: Graph, at: number): string {
  return `"${nameOf(graph, at).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
