// A whole page in one file: no script, no request to anywhere (the policy in its head forbids both), light and dark by the
// reader's setting, good on paper. Knows the look of pages, not what they say.
import { element, type Child, type Markup } from './markup.ts';
import { pageHead } from './page-head.ts';

export interface Page {
  readonly title: string;
  readonly body: readonly Child[];
}

/** The complete HTML text of a page. */
export function renderPage({ title, body }: Page): string {
  const head = pageHead({ title, styles: [STYLE] });
  const main = element('body', {}, element('main', {}, element('h1', {}, title), ...body));
  return `<!doctype html>\n${element('html', { lang: 'en' }, head, main).text}\n`;
}

export function section(title: string, ...children: readonly Child[]): Markup {
  return element('section', {}, element('h2', {}, title), ...children);
}

/** One number with its name, to be set side by side. */
export interface Figure {
  readonly name: string;
  readonly value: string;
  readonly tone?: Tone;
}

/** Colours never stand alone: the words beside them say the same. */
export type Tone = 'good' | 'bad' | 'plain';

export function figures(all: readonly Figure[]): Markup {
  const boxes = all.map(({ name, value, tone = 'plain' }) =>
    element('div', { class: `figure ${tone}` }, element('dt', {}, name), element('dd', {}, value)),
  );
  return element('dl', { class: 'figures' }, ...boxes);
}

export interface TableColumn {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

export interface TableSpec {
  readonly caption: string;
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly Child[])[];
}

export function table({ caption, columns, rows }: TableSpec): Markup {
  const className = (index: number): string | undefined => (columns[index]?.align === 'right' ? 'right' : undefined);
  const head = columns.map(({ title }, index) => element('th', { scope: 'col', class: className(index) }, title));
  const lines = rows.map((row) =>
    element('tr', {}, ...row.map((cell, index) => element('td', { class: className(index) }, cell))),
  );
  return element(
    'div',
    { class: 'scroll' },
    element(
      'table',
      {},
      element('caption', {}, caption),
      element('thead', {}, element('tr', {}, ...head)),
      element('tbody', {}, ...lines),
    ),
  );
}

/** A part that opens on a click, without a script. */
export function details(summary: Child, open: boolean, id: string, ...children: readonly Child[]): Markup {
  return element('details', { id, ...(open ? { open: '' } : {}) }, element('summary', {}, summary), ...children);
}

export function badge(text: string, tone: Tone): Markup {
  return element('span', { class: `badge ${tone}` }, text);
}

export function paragraph(...children: readonly Child[]): Markup {
  return element('p', {}, ...children);
}

/** Charts side by side, each with its own title. */
export function gallery(...charts: readonly Child[]): Markup {
  return element('div', { class: 'gallery' }, ...charts);
}

const STYLE = `
:root{color-scheme:light dark;--ink:#1d2433;--dim:#5b6475;--line:#d8dce4;--paper:#fff;--box:#f5f6f9;--good:#1b7a3d;--bad:#b3261e;--a:#3b6fd1;--b:#d97706;--link:#1f5fbf}
@media (prefers-color-scheme:dark){:root{--ink:#e6e9ef;--dim:#a3abba;--line:#3a4150;--paper:#14171d;--box:#1d222b;--good:#5fce86;--bad:#ff8a80;--a:#7fa8f5;--b:#f5b04c;--link:#8db8ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:1080px;margin:0 auto;padding:24px 20px 60px}
h1{font-size:26px;margin:0 0 12px}h2{font-size:19px;margin:36px 0 10px}h3{font-size:15px;margin:16px 0 6px}
p{margin:8px 0;max-width:75ch}a{color:var(--link)}
.figures{display:flex;flex-wrap:wrap;gap:12px;margin:16px 0}
.figure{background:var(--box);border:1px solid var(--line);border-radius:8px;padding:10px 16px;min-width:130px}
dt{color:var(--dim);font-size:13px}dd{margin:0;font-size:21px;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.figure.good dd{color:var(--good)}.figure.bad dd{color:var(--bad)}
.scroll{overflow-x:auto;margin:12px 0}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--dim);font-size:13px;padding-bottom:6px}
th{text-align:left;font-size:13px;color:var(--dim);font-weight:600}
th,td{padding:6px 12px 6px 0;border-bottom:1px solid var(--line);vertical-align:middle}
td{overflow-wrap:break-word}td:first-child{overflow-wrap:anywhere;min-width:120px}th.right,td.right{text-align:right;white-space:nowrap;padding-left:12px}
.badge{display:inline-block;border:1px solid currentColor;border-radius:999px;padding:0 9px;font-size:13px;white-space:nowrap}
.badge.good{color:var(--good)}.badge.bad{color:var(--bad)}.badge.plain{color:var(--dim)}
details{border:1px solid var(--line);border-radius:8px;margin:10px 0;padding:0 14px}
summary{cursor:pointer;padding:9px 0;font-weight:600;overflow-wrap:anywhere}details[open]{padding-bottom:12px}
.gallery{display:flex;flex-wrap:wrap;gap:20px}
figure{margin:0;max-width:440px}figcaption{color:var(--dim);font-size:13px}
svg{display:block;max-width:100%;height:auto}
svg text{fill:var(--dim);font:11px system-ui,sans-serif}
.axis{stroke:var(--line);fill:none}.a{fill:var(--a)}.b{fill:var(--b)}
.line-a{stroke:var(--a);fill:none;stroke-width:2}.line-b{stroke:var(--b);fill:none;stroke-width:2}
.band{fill:var(--a);opacity:.18}.soft{opacity:.55}.guide{stroke:var(--dim);stroke-dasharray:4 4;fill:none}
svg .cell-text{fill:var(--ink)}
@media print{body{font-size:11pt}main{max-width:none;padding:0}details{break-inside:avoid}.figure{break-inside:avoid}tr{break-inside:avoid}a{color:inherit;text-decoration:none}}
`;
