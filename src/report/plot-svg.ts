// Specification -> SVG text, without a browser: Vega draws into nothing and writes what it would have drawn. Same input,
// same bytes. Loads Vega when it is first asked for.
import { problem, ReproError } from '../base/problem.ts';
import type { ThemeName } from './plot-theme.ts';
import type { JsonMap } from './plot.ts';

/** Throws a ReproError when a template of the project cannot be drawn. */
export async function renderSvg(spec: JsonMap, theme: ThemeName): Promise<string> {
  const vega: object = await compileVega(spec, theme);
  const { safeView } = await import('./vega-view.ts');
  try {
    const view = safeView(vega, { renderer: 'none' });
    const svg = await view.toSVG();
    view.finalize();
    return svg;
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

function undrawable(error: unknown): ReproError {
  const words = error instanceof Error ? error.message : String(error);
  return new ReproError(
    'config',
    problem('plot-template', `a plot cannot be drawn: ${words.split('\n')[0] ?? ''}`),
    error,
  );
}
