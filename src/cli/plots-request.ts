// What `repro plots` was asked for: the sub-verb, its operands and its options, checked. Opens nothing.
import { didYouMean } from '../base/problem.ts';
import type { PlotProperties } from '../report/plot-definition.ts';
import { usage } from './arguments.ts';
import { flag, text, texts } from './command.ts';
import type { Invocation } from './command.ts';

export interface PlotsCall {
  readonly verb: 'show' | 'diff';
  readonly revisions: readonly string[];
  /** False when the last commit was taken because nothing was named. */
  readonly isNamed: boolean;
  readonly targets: readonly string[];
  readonly properties: PlotProperties;
  readonly form: 'page' | 'svg' | 'json' | 'vega';
  readonly out: string | undefined;
  readonly svg: string | undefined;
  readonly theme: 'light' | 'dark';
  readonly isStatic: boolean;
}

export interface TemplatesCall {
  readonly verb: 'templates';
  readonly name: string | undefined;
}

const VERBS = ['show', 'diff', 'templates'];

export function plotsRequest({ values, positionals }: Invocation): PlotsCall | TemplatesCall {
  const [verb = 'show', ...operands] = positionals;
  if (verb !== 'show' && verb !== 'diff' && verb !== 'templates') {
    const hint = didYouMean(verb, VERBS) ?? `to draw a file: \`repro plots show ${verb}\``;
    throw usage(`\`repro plots\` has no \`${verb}\``, hint);
  }
  if (verb === 'templates') {
    if (operands.length > 1) throw usage('`repro plots templates` shows one template');
    return { verb, name: operands[0] };
  }
  const forms = (['svg', 'json', 'show-vega', 'out'] as const).filter((name) => values[name] !== undefined);
  if (forms.length > 1) throw usage(`\`--${forms.join('` and `--')}\` exclude each other`);
  const theme = text(values, 'theme') ?? 'light';
  if (theme !== 'light' && theme !== 'dark') throw usage(`there is no theme \`${theme}\``, 'there are light and dark');
  const named = texts(values, 'targets');
  return {
    verb,
    revisions: verb === 'show' ? ['workspace'] : revisionsOf(operands),
    isNamed: verb === 'show' || operands.length > 0,
    targets: verb === 'show' ? [...operands, ...named] : named,
    properties: propertiesOf(values),
    form: forms[0] === 'svg' || forms[0] === 'json' ? forms[0] : forms[0] === 'show-vega' ? 'vega' : 'page',
    out: text(values, 'out'),
    svg: text(values, 'svg'),
    theme,
    isStatic: flag(values, 'static'),
  };
}

/** One revision is compared with the workspace, none means the last commit. The workspace comes first, as in DVC. */
function revisionsOf(operands: readonly string[]): readonly string[] {
  const revisions = operands.length === 0 ? ['HEAD'] : [...new Set(operands)];
  if (revisions.length > 1 && !revisions.includes('workspace')) return revisions;
  return ['workspace', ...revisions.filter((each) => each !== 'workspace')];
}

function propertiesOf(values: Invocation['values']): PlotProperties {
  const given = (name: string): string | undefined => text(values, name);
  const [template, x, y, title] = [given('template'), given('x'), given('y'), given('title')];
  const [xLabel, yLabel] = [given('x-label'), given('y-label')];
  return {
    ...(template !== undefined && { template }),
    ...(x !== undefined && { x }),
    ...(y !== undefined && { y: [y] }),
    ...(title !== undefined && { title }),
    ...(xLabel !== undefined && { xLabel }),
    ...(yLabel !== undefined && { yLabel }),
    ...(flag(values, 'no-header') && { header: false }),
  };
}
