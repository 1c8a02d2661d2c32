// The looks of drawings, light and dark, as Vega-Lite configuration: fonts of the system, colours that people who see few
// colours can tell apart (after Okabe and Ito), legends below so that the drawing keeps its width. Knows no plot.
import type { JsonMap } from './plot.ts';

export type ThemeName = 'light' | 'dark';

interface Tones {
  readonly ink: string;
  readonly dim: string;
  readonly line: string;
  readonly paper: string;
  readonly series: readonly string[];
  /** From none to much. */
  readonly ramp: readonly string[];
}

const TONES: Readonly<Record<ThemeName, Tones>> = {
  light: {
    ink: '#1d2433',
    dim: '#4a5263',
    line: '#d8dce4',
    paper: '#ffffff',
    series: ['#0a5fa8', '#c84d00', '#007a5a', '#a3457f', '#8a6100', '#2f8fcb', '#5b6475'],
    ramp: ['#eef4fb', '#0a4f8c'],
  },
  dark: {
    ink: '#e6e9ef',
    dim: '#b4bbc9',
    line: '#3a4150',
    paper: '#14171d',
    series: ['#6cb4f5', '#ff9a5c', '#4fd1a5', '#e79ac8', '#e6bd4d', '#a9dcff', '#a3abba'],
    ramp: ['#1b2430', '#7fc0ff'],
  },
};

const FONT = 'system-ui, sans-serif';

export function themeConfig(theme: ThemeName): JsonMap {
  const { ink, dim, line, paper, series, ramp } = TONES[theme];
  const [color = ink] = series;
  return {
    // Words for each mark would be most of the text; the figure around the drawing says what it is.
    aria: false,
    background: paper,
    font: FONT,
    title: { color: ink, fontSize: 15, fontWeight: 600, anchor: 'start', offset: 12, limit: 440 },
    axis: {
      labelColor: dim,
      titleColor: dim,
      domainColor: dim,
      tickColor: dim,
      gridColor: line,
      labelFontSize: 13,
      titleFontSize: 13,
      titleFontWeight: 500,
      labelLimit: 160,
      titleLimit: 420,
      labelOverlap: 'greedy',
    },
    axisXQuantitative: { tickCount: 6, format: ',.6~g' },
    axisYQuantitative: { tickCount: 6, format: ',.6~g' },
    header: { labelColor: ink, titleColor: dim, labelFontSize: 13, labelLimit: 280, title: null },
    legend: {
      orient: 'bottom',
      direction: 'horizontal',
      columns: 3,
      labelColor: ink,
      titleColor: dim,
      labelFontSize: 13,
      labelLimit: 140,
      title: null,
      symbolStrokeWidth: 2,
      symbolOpacity: 1,
    },
    range: { category: series, ramp, heatmap: ramp },
    view: { stroke: null },
    mark: { color, aria: false },
    line: { strokeWidth: 2, color },
    rule: { color: dim },
    text: { font: FONT },
    bar: { color },
    point: { color, strokeWidth: 1.5 },
    style: {
      guide: { stroke: dim, strokeDash: [4, 4], strokeWidth: 1, opacity: 0.8 },
      strong: { color: theme === 'light' ? '#ffffff' : '#0b1017' },
      soft: { color: ink },
    },
  };
}
