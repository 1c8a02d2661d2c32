// A confusion matrix as a grid: rows are actual classes, columns predicted ones, the shade is the share of the row.
import { drawing, shorten } from './svg.ts';
import { element, type Markup } from './markup.ts';

const CELL = 64;
const LEFT = 110;
const TOP = 44;

export function confusionChart(
  title: string,
  names: readonly string[],
  counts: readonly (readonly number[])[],
): Markup {
  const cells = counts.map((row, i) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    return row.map((count, j) => {
      const shade = total === 0 ? 0 : count / total;
      const [x, y] = [LEFT + j * CELL, TOP + i * CELL];
      return [
        element('rect', {
          class: i === j ? 'a' : 'b',
          opacity: 0.08 + 0.5 * shade,
          x,
          y,
          width: CELL - 2,
          height: CELL - 2,
        }),
        element(
          'text',
          { class: 'cell-text', x: x + CELL / 2 - 1, y: y + CELL / 2 + 3, 'text-anchor': 'middle' },
          count,
        ),
      ];
    });
  });
  const rowNames = names.map((name, i) =>
    element('text', { x: LEFT - 8, y: TOP + i * CELL + CELL / 2 + 3, 'text-anchor': 'end' }, shorten(name, 14)),
  );
  const columnNames = names.map((name, j) =>
    element('text', { x: LEFT + j * CELL + CELL / 2 - 1, y: TOP - 6, 'text-anchor': 'middle' }, shorten(name, 9)),
  );
  const width = LEFT + names.length * CELL + 4;
  const size = { width, height: TOP + names.length * CELL + 4 };
  const head = element('text', { x: (LEFT + width) / 2, y: 14, 'text-anchor': 'middle' }, 'predicted');
  const side = element('text', { x: LEFT - 8, y: TOP - 6, 'text-anchor': 'end' }, 'actual');
  return element(
    'figure',
    {},
    element('figcaption', {}, title),
    drawing(title, size, head, side, rowNames, columnNames, cells),
  );
}
