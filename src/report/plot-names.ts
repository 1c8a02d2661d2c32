// The templates of our own by name, and what each expects of its two fields. DVC's names mean what they mean in DVC.
// Only a table: how they are drawn is in plot-templates.

export type BuiltInTemplate = keyof typeof TEMPLATE_NAMES;

export interface TemplateTraits {
  /** For people. */
  readonly about: string;
  /** What the values of x and y must be. `line`: numbers, times, or names in their order. */
  readonly x: 'line' | 'number' | 'name';
  readonly y: 'number' | 'name';
  /** Draws the distribution of one field: y when x is not given. */
  readonly isOfOneField?: true;
  /** What stands for a field that is not named. */
  readonly fields?: { readonly x: string; readonly y: string };
}

export const TEMPLATE_NAMES = {
  linear: { about: 'a line with its points', x: 'line', y: 'number' },
  simple: { about: 'a plain line', x: 'line', y: 'number' },
  smooth: { about: 'a smoothed line over the plain one', x: 'number', y: 'number' },
  scatter: { about: 'points', x: 'line', y: 'number' },
  scatter_jitter: { about: 'points of classes, moved apart so that each is seen', x: 'name', y: 'name' },
  bar: { about: 'upright bars', x: 'name', y: 'number' },
  bar_horizontal: { about: 'horizontal bars', x: 'number', y: 'name' },
  bar_horizontal_sorted: { about: 'horizontal bars, the longest first', x: 'number', y: 'name' },
  importance: { about: 'horizontal bars of the 20 largest values', x: 'number', y: 'name' },
  histogram: { about: 'the distribution of one field', x: 'number', y: 'number', isOfOneField: true },
  confusion: { about: 'how often each pair of classes occurs', x: 'name', y: 'name' },
  confusion_normalized: { about: 'the same as a share of each row', x: 'name', y: 'name' },
  roc: {
    about: 'true positive rate by false positive rate',
    x: 'number',
    y: 'number',
    fields: { x: 'fpr', y: 'tpr' },
  },
  precision_recall: {
    about: 'precision by recall',
    x: 'number',
    y: 'number',
    fields: { x: 'recall', y: 'precision' },
  },
  predicted_actual: {
    about: 'predicted values by actual ones',
    x: 'number',
    y: 'number',
    fields: { x: 'actual', y: 'predicted' },
  },
  residuals: {
    about: 'what is left (actual less predicted) by predicted values',
    x: 'number',
    y: 'number',
    fields: { x: 'actual', y: 'predicted' },
  },
  qq: { about: 'quantiles of one field by those of a normal one', x: 'number', y: 'number', isOfOneField: true },
} as const satisfies Readonly<Record<string, TemplateTraits>>;

export function isBuiltIn(name: string): name is BuiltInTemplate {
  return Object.hasOwn(TEMPLATE_NAMES, name);
}

export function traitsOf(name: BuiltInTemplate): TemplateTraits {
  return TEMPLATE_NAMES[name];
}
