// The page that `repro plots` writes: every plot below the other, in one file that asks for nothing from anywhere.
import { element } from '../draw/markup.ts';
import { renderShell } from './page-shell.ts';
import type { SafeText } from './page-shell.ts';
import { PLOT_STYLE, plotFigure } from './plot-view.ts';
import type { Problem } from '../base/problem.ts';
import type { Plot } from './plot.ts';

export interface PlotsPage {
  readonly title: string;
  /** Said below the title: which revisions. */
  readonly subtitle: string;
  readonly plots: readonly Plot[];
  /** Makes the drawings live; without it they are static. */
  readonly script: string | undefined;
}

export interface RenderedPage {
  readonly html: string;
  /** Of drawings; those of plots are in the plots. */
  readonly problems: readonly Problem[];
}

export async function renderPlotsPage({ title, subtitle, plots, script }: PlotsPage): Promise<RenderedPage> {
  const problems: Problem[] = [];
  const figures: SafeText[] = [];
  const data: Record<string, object> = {};
  for (const [at, plot] of plots.entries()) {
    const figure = await plotFigure(plot, `plot-${at + 1}`, script !== undefined);
    figures.push(figure.body);
    Object.assign(data, figure.data);
    problems.push(...figure.problems);
  }
  const isLive = script !== undefined && Object.keys(data).length > 0;
  const head = element('header', {}, element('h1', {}, title), element('p', { class: 'dim' }, subtitle));
  const none = plots.length === 0 ? [element('p', {}, 'There are no plots.')] : [];
  const html = renderShell({
    title,
    styles: [STYLE, PLOT_STYLE],
    body: [
      { text: '<main>' },
      head,
      { text: '<div class="plots">' },
      ...figures,
      { text: '</div>' },
      ...none,
      { text: '</main>' },
    ],
    data,
    scripts: isLive ? [script] : [],
  });
  return { html, problems };
}

const STYLE = `
:root{color-scheme:light dark;--ink:#1d2433;--dim:#4a5263;--line:#d8dce4;--paper:#fff;--bad:#b3261e}
@media (prefers-color-scheme:dark){:root{--ink:#e6e9ef;--dim:#b4bbc9;--line:#3a4150;--paper:#14171d;--bad:#ff8a80}}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:1280px;margin:0 auto;padding:24px 20px 60px}h1{font-size:24px;margin:0 0 4px;overflow-wrap:anywhere}
.dim{color:var(--dim);margin:0 0 24px}.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,570px),1fr));gap:32px 24px}
@media print{main{max-width:none;padding:0}.plots{display:block}.plot{break-inside:avoid;margin-bottom:18pt}}
`;
