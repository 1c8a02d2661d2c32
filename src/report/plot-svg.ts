// Specification -> SVG text, without a browser: Vega draws into nothing and writes what it would have drawn. Same input,
// same bytes. Loads Vega when it is first asked for.
import { problem, ReproError } from '../base/problem.ts';
import type { ThemeName } from './plot-theme.ts';
import type { Problem } from '../base/problem.ts';
import type { ChartPlot, JsonMap } from './plot.ts';

/** Throws a ReproError when a template of the project cannot be drawn. */
export async function renderSvg(spec: JsonMap, theme: ThemeName): Promise<string> {
  const vega: object = await compileVega(spec, theme);
  const { safeView } = await import('./vega-view.ts');
  try {
    const view = safeView(vega, { renderer: 'none' });
    const svg = await view.toSVG();
    view.finalize();
    return withOwnIds(svg);
  } catch (error) {
    throw undrawable(error);
  }
}

/** The Vega specification that a page draws from. */
export async function compileVega(spec: JsonMap, theme: ThemeName): Promise<JsonMap> {
  const { compileSpec } = await import('./vega-lite.ts');
  try {
    return compileSpec(spec, theme);
  } catch (error) {
    throw undrawable(error);
  }
}

/** Vega counts clip paths and gradients on from drawing to drawing: here each counts its own. Text holds no `<`. */
function withOwnIds(svg: string): string {
  const numbers = new Map<string, number>();
  const renumber = (_all: string, before: string, kind: string, id: string): string => {
    const known = numbers.get(kind + id) ?? numbers.size;
    numbers.set(kind + id, known);
    return `${before}${kind}${known}`;
  };
  return svg.replaceAll(/<[a-zA-Z][^<>]*>/g, (tag) =>
    tag.replaceAll(/(\bid="|url\(#)(clip|gradient_)(\d+)/g, renumber),
  );
}

/** What the error of a drawing is to the reader of its plot; any other error goes on. */
export function drawingProblem({ id, template }: ChartPlot, error: unknown): Problem {
  const found = error instanceof ReproError ? error.problems[0] : undefined;
  if (found?.code !== 'plot-template') throw error;
  const hint =
    'Vega-Lite 6 draws; expressions are evaluated by an interpreter, which refuses what is no plain expression';
  return problem('plot-template', `\`${id}\` cannot be drawn with \`${template}\`: ${found.message}`, { hint });
}

function undrawable(error: unknown): ReproError {
  const words = error instanceof Error ? error.message : String(error);
  return new ReproError('config', problem('plot-template', words.split('\n')[0] ?? ''), error);
}
