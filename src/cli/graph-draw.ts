// Drawings of the graph as text: Mermaid, DOT, and a tree for the terminal in which each node stands once, below the last
// of those that it needs, and names the others beside it. Text only.
import { mermaidLabel } from '../report/mermaid.ts';
import { fit } from './fit.ts';
import { largest, safe, width } from './format.ts';
import type { Drawing } from './graph-groups.ts';
import type { Palette } from './palette.ts';

export function renderDot(drawing: Drawing): string {
  const lines = ['digraph repro {', '  rankdir=LR;', '  node [shape=box, fontname="sans-serif"];'];
  for (const name of drawing.names) lines.push(`  ${dotName(name)};`);
  for (const [from, to] of edges(drawing)) lines.push(`  ${dotName(from.name)} -> ${dotName(to.name)};`);
  return `${lines.join('\n')}\n}\n`;
}

export function renderMermaid(drawing: Drawing): string {
  const lines = ['flowchart LR'];
  drawing.names.forEach((name, at) => {
    lines.push(`  s${at}["${mermaidLabel(name)}"]`);
  });
  for (const [from, to] of edges(drawing)) lines.push(`  s${from.at} --> s${to.at}`);
  return `${lines.join('\n')}\n`;
}

/** Sources first. What is needed anyway, through something else that is needed, is not named. */
export function renderTree(drawing: Drawing, columns: number, paint: Palette): string {
  const { names } = drawing;
  const needs = reduced(drawing);
  const depths = depthsOf(needs);
  const parents = needs.map((ups) =>
    ups.reduce<number | undefined>(
      (best, up) => (best === undefined || (depths[up] ?? 0) > (depths[best] ?? 0) ? up : best),
      undefined,
    ),
  );
  const children: number[][] = names.map(() => []);
  parents.forEach((parent, at) => {
    if (parent !== undefined) children[parent]?.push(at);
  });
  const rows: { readonly lead: string; readonly at: number }[] = [];
  const stack = names.flatMap((_, at) => (parents[at] === undefined ? [{ at, lead: '', below: '' }] : [])).toReversed();
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { at, lead, below } = next;
    rows.push({ lead, at });
    (children[at] ?? []).toReversed().forEach((child, i) => {
      const isLast = i === 0;
      stack.push({ at: child, lead: `${below}${isLast ? '└─ ' : '├─ '}`, below: `${below}${isLast ? '   ' : '│  '}` });
    });
  }
  const lines = rows.map(({ lead, at }) => {
    const text = `${lead}${safe(names[at] ?? '')}`;
    const others = (needs[at] ?? []).filter((up) => up !== parents[at]).map((up) => safe(names[up] ?? ''));
    return { text, others: others.length === 0 ? '' : `+ ${together(others).join(', ')}` };
  });
  const widest = largest(lines.filter(({ others }) => others !== '').map(({ text }) => width(text)));
  return lines
    .map(({ text, others }) => {
      if (others === '') return `${fit(text, columns)}\n`;
      const left = columns - widest - 2;
      const padded = text + ' '.repeat(widest - width(text));
      return left < 8 ? `${fit(text, columns)}\n` : `${padded}  ${paint.dim(fit(others, left))}\n`;
    })
    .join('');
}

/** `train@a`, `train@b` as `train@{a,b}`. */
function together(names: readonly string[]): string[] {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const at = name.indexOf('@');
    const group = at === -1 ? name : name.slice(0, at);
    groups.set(group, [...(groups.get(group) ?? []), at === -1 ? '' : name.slice(at + 1)]);
  }
  return [...groups].map(([group, items]) => {
    const [first = ''] = items;
    if (items.length > 1) return `${group}@{${items.join(',')}}`;
    return first === '' ? group : `${group}@${first}`;
  });
}

/** The sets below would take more than 50 MB; nobody reads such a drawing closely. */
const MOST_REDUCED = 20_000;

/** Without edges that follow from others. Sets of positions as bits: 5,000 nodes take 3 MB. */
function reduced({ names, upstream }: Drawing): readonly (readonly number[])[] {
  if (names.length > MOST_REDUCED) return upstream;
  const wordsPerNode = Math.ceil(names.length / 32);
  const above = new Uint32Array(wordsPerNode * names.length);
  const isAbove = (at: number, up: number): boolean =>
    ((above[at * wordsPerNode + (up >> 5)] ?? 0) & (1 << (up & 31))) !== 0;
  return upstream.map((ups, at) => {
    // From the last in order: whatever stands above it is known by then.
    const needed: number[] = [];
    for (const up of ups.toSorted((a, b) => b - a)) {
      if (isAbove(at, up)) continue;
      needed.push(up);
      const row = at * wordsPerNode;
      for (let w = 0; w < wordsPerNode; w++)
        above[row + w] = (above[row + w] ?? 0) | (above[up * wordsPerNode + w] ?? 0);
      above[row + (up >> 5)] = (above[row + (up >> 5)] ?? 0) | (1 << (up & 31));
    }
    return needed.reverse();
  });
}

function depthsOf(needs: readonly (readonly number[])[]): number[] {
  const depths: number[] = [];
  needs.forEach((ups, at) => {
    depths[at] = ups.reduce((deepest, up) => Math.max(deepest, (depths[up] ?? 0) + 1), 0);
  });
  return depths;
}

interface End {
  readonly at: number;
  readonly name: string;
}

function edges({ names, upstream }: Drawing): (readonly [End, End])[] {
  const end = (at: number): End => ({ at, name: names[at] ?? '' });
  return upstream.flatMap((ups, to) => ups.map((from) => [end(from), end(to)] as const));
}

function dotName(name: string): string {
  return `"${safe(name).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
