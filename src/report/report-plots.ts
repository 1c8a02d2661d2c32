// The plots of a report: of both moments in one drawing where the data differs, of the present alone where it is the same.
// A plot that cannot be drawn says so in its place; it never ends the report.
import type { Graph } from '../plan/graph.ts';
import type { Snapshot } from '../plan/snapshot.ts';
import { plotsOf } from './plots.ts';
import type { Plot } from './plot.ts';

/** `order`: the stages in question; with all of them, plots that only the pipeline as a whole defines count, too. */
export async function reportPlots(
  past: Snapshot | undefined,
  now: Snapshot,
  graph: Graph,
  order: readonly number[],
): Promise<readonly Plot[]> {
  const stages = order.flatMap((at) => graph.stages[at] ?? []);
  const outs = stages.flatMap((stage) => stage.outs.filter(({ kind }) => kind === 'plot').map(({ path }) => path));
  const isWhole = order.length === graph.stages.length;
  if (outs.length === 0 && !(isWhole && graph.pipeline.plots.length > 0)) return [];
  const request = isWhole ? {} : { targets: outs };
  const plots = await plotsOf([now], request);
  if (!past) return plots;
  const before = new Map((await plotsOf([past], request)).map((plot) => [plot.id, plot]));
  const changed = new Set(plots.filter((plot) => differs(before.get(plot.id), plot)).map(({ id }) => id));
  if (changed.size === 0) return plots;
  const both = new Map((await plotsOf([past, now], request)).map((plot) => [plot.id, plot]));
  return plots.map((plot) => (changed.has(plot.id) ? (both.get(plot.id) ?? plot) : plot));
}

/** What is there only now is drawn alone: the drawing of both would say no more. */
function differs(before: Plot | undefined, after: Plot): boolean {
  if (before === undefined || before.kind === 'broken' || after.kind === 'broken') return false;
  return contentOf(before) !== contentOf(after);
}

/** All that is drawn, without the names of the moments. */
function contentOf(plot: Plot): string {
  if (plot.kind === 'image') return plot.images.map(({ bytes }) => Buffer.from(bytes).toString('base64')).join('\n');
  return JSON.stringify(plot, (key, value: unknown) => (REVISION_KEYS.has(key) ? undefined : value));
}

const REVISION_KEYS = new Set(['revision', 'revisions', 'rev', 'problems', 'notes']);
