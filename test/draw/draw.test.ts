// Pages and charts: nothing that is shown can become markup, and nothing that is drawn depends on anything but its input.
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { barChart } from '../../src/draw/bar.ts';
import { confusionChart } from '../../src/draw/confusion.ts';
import { histogramChart, sparkHistogram } from '../../src/draw/histogram.ts';
import { details, figures, renderPage, section, table } from '../../src/draw/html.ts';
import { lineChart } from '../../src/draw/line.ts';
import { anchor, element, escapeText, styleSheet } from '../../src/draw/markup.ts';
import { scatterChart } from '../../src/draw/scatter.ts';
import { label, scale, shorten, ticks } from '../../src/draw/svg.ts';

const HOSTILE = `</title><script>alert("x")</script><img src=x onerror='y'>&\u2028\u0000\ud800`;

/** Every kind of chart, each with hostile names and numbers. */
function charts(text: string, value: number): { readonly text: string }[] {
  const points = [
    { x: 0, y: value },
    { x: 1, y: 2 },
    { x: value, y: 3 },
  ];
  return [
    barChart({
      title: text,
      names: [text, 'b'],
      a: { name: text, values: [value, 1] },
      b: { name: text, values: [1, value] },
    }),
    confusionChart(
      text,
      [text, 'b'],
      [
        [1, value],
        [0, 0],
      ],
    ),
    histogramChart({
      title: text,
      xName: text,
      yName: text,
      edges: [0, value, 2],
      a: { name: text, heights: [1, value] },
    }),
    sparkHistogram(text, [value, 1], 'a'),
    lineChart({
      title: text,
      xName: text,
      yName: text,
      a: { name: text, points },
      b: { name: text, points },
      diagonal: true,
    }),
    scatterChart({ title: text, xName: text, yName: text, points, identity: true }),
  ];
}

test('hostile text stays text everywhere on a page', () => {
  const page = renderPage({
    title: HOSTILE,
    body: [
      section(HOSTILE, HOSTILE),
      figures([{ name: HOSTILE, value: HOSTILE }]),
      table({ caption: HOSTILE, columns: [{ title: HOSTILE }], rows: [[HOSTILE]] }),
      details(HOSTILE, true, HOSTILE, anchor(HOSTILE, HOSTILE)),
      ...charts(HOSTILE, 3),
    ].map((child) => element('div', { title: HOSTILE }, child)),
  });
  expect(page).not.toMatch(/<script|<img/);
  expect(page).not.toContain('\0');
  expect(page.isWellFormed()).toBe(true);
  // Every tag on the page is one that the program knows, and no attribute starts with `on`.
  const tags = new Set([...page.matchAll(/<([a-zA-Z0-9]+)/g)].map((match) => match[1]));
  expect([...tags].filter((tag) => ['script', 'img', 'iframe', 'object', 'form', 'base'].includes(tag ?? ''))).toEqual(
    [],
  );
  expect(page.replaceAll(/"[^"]*"/g, '""')).not.toMatch(/<[^>]*\son[a-z]+=/);
});

test('the policy of a page allows its one style sheet by digest and nothing else', () => {
  const page = renderPage({ title: 't', body: [] });
  const style = /<style>([\s\S]*)<\/style>/.exec(page)?.[1] ?? '';
  const digest = createHash('sha256').update(style).digest('base64');
  expect(page).toContain(`default-src &#39;none&#39;; style-src &#39;sha256-${digest}&#39;`);
  expect(page).not.toMatch(/https?:|url\(|@import|src=/);
  expect(page).toContain('prefers-color-scheme:dark');
});

describe('markup', () => {
  test.each(['script', 'iframe', 'base', 'a b', 'style'])('the element %s is refused', (tag) => {
    expect(() => element(tag)).toThrow(TypeError);
  });
  test.each(['onclick', 'style', 'href', 'xlink:href', 'src', 'x"y', 'srcdoc'])(
    'the attribute %s is refused',
    (name) => {
      expect(() => element('p', { [name]: 'x' })).toThrow(TypeError);
    },
  );
  test('an object that only looks like markup is refused', () => {
    expect(() => element('p', {}, { text: '<b>' })).toThrow('markup is made by `element` only');
  });
  test('a style sheet cannot close its element', () => {
    expect(() => styleSheet('</style>')).toThrow(TypeError);
  });
  test('text is escaped once', () => {
    expect(escapeText(`<a href="x" b='y'>&`)).toBe('&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;');
  });
});

describe('charts', () => {
  test.each([Number.NaN, Infinity, -Infinity, 1e308, -1e308, 0, 5e-324])(
    'a value of %d draws no broken number',
    (value) => {
      for (const chart of charts('t', value)) {
        const geometry = [...chart.text.matchAll(/ (?:x|y|x1|x2|y1|y2|cx|cy|width|height|d)="([^"]*)"/g)].map(
          (match) => match[1],
        );
        expect(geometry.join(' ')).not.toMatch(/NaN|Infinity/);
      }
    },
  );
  test('nothing to draw is no failure', () => {
    expect(lineChart({ title: 't', xName: 'x', yName: 'y', a: { name: 'a', points: [] } }).text).toContain('<svg');
    expect(scatterChart({ title: 't', xName: 'x', yName: 'y', points: [] }).text).toContain('<svg');
    expect(sparkHistogram('t', [], 'a').text).toContain('no values');
  });
  test('each has a title for those who cannot see it', () => {
    for (const chart of charts('what it shows', 2)) expect(chart.text).toMatch(/role="img"[^>]*><title>what it shows/);
  });
  test('the same input gives the same bytes', () => {
    expect(charts('t', 1.5).map((chart) => chart.text)).toEqual(charts('t', 1.5).map((chart) => chart.text));
  });
});

test('ticks are round and few, labels short', () => {
  expect(ticks(scale(0, 1, 0, 100))).toEqual([0, 0.2, 0.4, 0.6000000000000001, 0.8, 1]);
  expect(ticks(scale(0, 1, 0, 100)).map(label)).toEqual(['0', '0.2', '0.4', '0.6', '0.8', '1']);
  expect(ticks(scale(-1e308, 1e308, 0, 100)).length).toBeLessThan(12);
  expect([label(1234567.891), label(1e-9), label(Number.NaN)]).toEqual(['1234570', '1.0e-9', 'NaN']);
  expect(shorten('a\u{1f600}bcdef', 4)).toBe('a\u{1f600}b…');
});

test('a bar without a value says so beside its name, not upon it', () => {
  const { text } = barChart({ title: 't', names: ['a', 'b'], a: { name: 'a', values: [Number.NaN, 1] } });
  expect(text).toMatch(/<rect class="a" x="130"[^>]*><\/rect><text x="134" [^>]*>NaN</);
});
