// What scripts add to a report: sorting of tables, a filter for stages, and opening what a link leads to. Without scripts the
// page says the same. Runs in the browser: each function uses its arguments and the language only.
import type { PageDocument, PageElement, PageWindow } from './page-dom.ts';

export function sortTables(document: PageDocument): void {
  const textOf = (row: PageElement, column: number): { readonly number: number; readonly text: string } => {
    const cell = [...row.children][column];
    const sort = cell?.dataset['sort'];
    const text = sort ?? cell?.textContent?.trim() ?? '';
    return { number: sort === undefined || sort === '' ? Number.NaN : Number(sort), text };
  };
  /** Numbers before words; a cell without a value last, whichever way. */
  const compare = (a: PageElement, b: PageElement, column: number, sign: number): number => {
    const [x, y] = [textOf(a, column), textOf(b, column)];
    const [isX, isY] = [!Number.isNaN(x.number), !Number.isNaN(y.number)];
    if (isX && isY) return sign * (x.number - y.number);
    if (isX !== isY) return isX ? -1 : 1;
    return sign * (x.text < y.text ? -1 : x.text > y.text ? 1 : 0);
  };
  for (const table of document.querySelectorAll('table[data-sortable]')) {
    const heads = [...table.querySelectorAll('thead th')];
    const body = table.querySelector('tbody');
    heads.forEach((head, column) => {
      const button = document.createElement('button');
      button.textContent = head.textContent;
      button.setAttribute('type', 'button');
      head.replaceChildren(button);
      button.addEventListener('click', () => {
        const isUp = head.getAttribute('aria-sort') !== 'ascending';
        for (const other of heads) other.removeAttribute('aria-sort');
        head.setAttribute('aria-sort', isUp ? 'ascending' : 'descending');
        const rows = [...(body?.querySelectorAll('tr') ?? [])];
        body?.append(...rows.sort((a, b) => compare(a, b, column, isUp ? 1 : -1)));
      });
    });
  }
}

export function filterStages(document: PageDocument): void {
  const [tools, filter, state, count] = ['stage-tools', 'stage-filter', 'stage-state', 'stage-count'].map((id) =>
    document.getElementById(id),
  );
  if (!tools || !filter || !state || !count) return;
  tools.hidden = false;
  const update = (): void => {
    const wanted = filter.value.trim().toLowerCase();
    let shown = 0;
    let all = 0;
    for (const row of document.querySelectorAll('#stage-table tbody tr')) {
      const isNamed = (row.dataset['name'] ?? '').toLowerCase().includes(wanted);
      row.hidden = !isNamed || (state.value !== '' && row.dataset['state'] !== state.value);
      all += 1;
      shown += row.hidden ? 0 : 1;
    }
    count.textContent = shown === all ? `${all} stages` : `${shown} of ${all} stages`;
  };
  filter.addEventListener('input', update);
  state.addEventListener('change', update);
  update();
}

/** A link to a folded part opens it, also in browsers that do not do so by themselves. */
export function openTargets(document: PageDocument, window: PageWindow): void {
  const reveal = (): void => {
    const target = document.getElementById(window.location.hash.slice(1));
    for (let at = target?.closest('details'); at; at = at.parentElement?.closest('details')) at.open = true;
    target?.scrollIntoView({ block: 'start' });
  };
  window.addEventListener('hashchange', reveal);
  if (window.location.hash.length > 1) reveal();
}
