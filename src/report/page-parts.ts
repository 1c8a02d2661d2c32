// The parts of which pages are made: sections, tables that scroll by themselves, badges, lists of facts. Knows the look, not
// what is said. A table never makes the page wider, and can be scrolled with keys.
import { element } from '../draw/markup.ts';
import type { Attributes, Child, Markup } from '../draw/markup.ts';
import type { Tone } from './report-words.ts';

export function section(id: string, title: string, ...children: readonly Child[]): Markup {
  return element('section', { id }, element('h2', {}, title), ...children);
}

export function paragraph(...children: readonly Child[]): Markup {
  return element('p', {}, ...children);
}

export function dim(...children: readonly Child[]): Markup {
  return element('p', { class: 'dim' }, ...children);
}

export function code(text: string): Markup {
  return element('code', {}, text);
}

/** A sentence in which backticks enclose names. */
export function prose(text: string): Child {
  return text.split('`').map((part, index) => (index % 2 === 1 ? code(part) : part));
}

export function badge(text: string, tone: Tone): Markup {
  return element('span', { class: `badge ${tone}` }, text);
}

/** What scrolls can be reached with keys and has a name. */
export function scrolling(label: string, ...children: readonly Child[]): Markup {
  return element('div', { class: 'scroll', role: 'region', tabindex: 0, 'aria-label': label }, ...children);
}

/** A cell with the value by which its column is sorted. */
export interface Cell {
  readonly content: Child;
  readonly sort?: number | string;
}

export interface Column {
  readonly title: string;
  readonly align?: 'right';
}

export interface TableSpec {
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** Told to the script, which makes it sortable. */
  readonly sortable?: boolean;
  readonly id?: string;
}

export interface Row {
  readonly cells: readonly (Cell | Child)[];
  readonly attributes?: Attributes;
}

export function table({ caption, columns, rows, sortable, id }: TableSpec): Markup {
  const head = columns.map(({ title, align }) => element('th', { scope: 'col', class: align }, title));
  const lines = rows.map(({ cells, attributes }) =>
    element(
      'tr',
      attributes,
      cells.map((cell, index) => cellMarkup(cell, columns[index]?.align, index === 0)),
    ),
  );
  const whole = element(
    'table',
    { id, ...(sortable && { 'data-sortable': '' }) },
    element('caption', {}, caption),
    element('thead', {}, element('tr', {}, head)),
    element('tbody', {}, lines),
  );
  return scrolling(caption, whole);
}

function cellMarkup(cell: Cell | Child, align: 'right' | undefined, isFirst: boolean): Markup {
  const { content, sort } = isCell(cell) ? cell : { content: cell };
  const attributes = { class: align, 'data-sort': sort };
  return isFirst ? element('th', { scope: 'row', ...attributes }, content) : element('td', attributes, content);
}

function isCell(cell: Cell | Child): cell is Cell {
  return typeof cell === 'object' && 'content' in cell;
}

/** Names with their values, side by side. */
export function figures(all: readonly (readonly [name: string, value: Child, tone?: Tone])[]): Markup {
  const boxes = all.map(([name, value, tone = 'plain']) =>
    element('div', { class: `figure ${tone}` }, element('dt', {}, name), element('dd', {}, value)),
  );
  return element('dl', { class: 'figures' }, boxes);
}

/** Names with their values, one below the other; what is empty is left out. */
export function facts(all: readonly (readonly [name: string, value: Child])[]): Markup {
  const isThere = (value: Child): boolean => value !== undefined && value !== false && value !== '';
  const lines = all
    .filter(([, value]) => isThere(value) && !(Array.isArray(value) && value.length === 0))
    .map(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]);
  return element('dl', { class: 'facts' }, lines);
}

export function list(items: readonly Child[]): Child {
  return (
    items.length > 0 &&
    element(
      'ul',
      {},
      items.map((item) => element('li', {}, item)),
    )
  );
}

/** Opens on a click, without a script. A link to `id` opens it: the id is inside. */
export function folded(summary: Child, id: string | undefined, isOpen: boolean, ...children: readonly Child[]): Markup {
  const content = element('div', { id, class: 'folded' }, ...children);
  return element('details', isOpen ? { open: '' } : {}, element('summary', {}, summary), content);
}

export function listing(label: string, lines: readonly string[]): Markup {
  return element('pre', { class: 'scroll', role: 'region', tabindex: 0, 'aria-label': label }, lines.join('\n'));
}
