// What `repro metrics` and `repro params` were asked for: the sub-verb, its operands and its options, checked. Opens nothing.
import { didYouMean } from '../base/problem.ts';
import { DEFAULT_PRECISION } from '../report/value-text.ts';
import { usage, wholeNumber } from './arguments.ts';
import { flag, text, texts } from './command.ts';
import type { Invocation } from './command.ts';

export type ValueFormat = 'text' | 'json' | 'md' | 'csv';
export type DiffOrder = 'name' | 'change' | 'trend';

interface CommonRequest {
  readonly format: ValueFormat;
  readonly targets: readonly string[];
  readonly depsOnly: boolean;
  readonly precision: number;
  /** Whether the user named one: exact formats round only then. */
  readonly rounds: boolean;
}

export interface ShowRequest extends CommonRequest {
  readonly verb: 'show';
  readonly revisions: readonly string[];
  readonly branches: boolean;
  readonly tags: boolean;
  readonly commits: boolean;
  /** The rows with the best value of this key come first. */
  readonly sortKey: string | undefined;
}

export interface DiffRequest extends CommonRequest {
  readonly verb: 'diff';
  readonly from: string;
  /** False when `from` is the default. */
  readonly isFromNamed: boolean;
  readonly to: string;
  readonly all: boolean;
  readonly noPath: boolean;
  readonly order: DiffOrder;
}

const SHOW_ONLY = ['rev', 'all-branches', 'all-tags', 'all-commits'];
const DIFF_ONLY = ['all', 'no-path'];
const ORDERS: readonly DiffOrder[] = ['name', 'change', 'trend'];
/** More digits than a float has. */
const MOST_DIGITS = 30;

export function valueRequest(invocation: Invocation): ShowRequest | DiffRequest {
  const { verb: command, values, positionals } = invocation;
  const [verb = 'show', ...operands] = positionals;
  if (verb !== 'show' && verb !== 'diff') {
    const hint = didYouMean(verb, ['show', 'diff']) ?? `\`repro ${command} show\` or \`repro ${command} diff\``;
    throw usage(`\`repro ${command}\` has no \`${verb}\``, hint);
  }
  const strange = (verb === 'show' ? DIFF_ONLY : SHOW_ONLY).find((name) => values[name] !== undefined);
  if (strange !== undefined) throw usage(`\`repro ${command} ${verb}\` has no option \`--${strange}\``);
  const precision = wholeNumber(text(values, 'precision'), '--precision', 0);
  if (precision !== undefined && precision > MOST_DIGITS) throw usage(`\`--precision\` is at most ${MOST_DIGITS}`);
  const common = {
    format: formatOf(invocation),
    depsOnly: flag(values, 'deps'),
    precision: precision ?? DEFAULT_PRECISION,
    rounds: precision !== undefined,
  };
  const targets = texts(values, 'targets');
  const sortBy = text(values, 'sort-by');
  if (verb === 'show') {
    return {
      verb,
      ...common,
      targets: [...operands, ...targets],
      revisions: texts(values, 'rev'),
      branches: flag(values, 'all-branches'),
      tags: flag(values, 'all-tags'),
      commits: flag(values, 'all-commits'),
      sortKey: sortBy,
    };
  }
  const [from, to, third] = operands;
  if (third !== undefined)
    throw usage(`\`repro ${command} diff\` compares two revisions`, `files and stages stand behind \`--targets\``);
  const order = ORDERS.find((each) => each === (sortBy ?? 'name'));
  if (order === undefined) throw usage(`\`--sort-by\` of a diff is name, change or trend, not \`${sortBy ?? ''}\``);
  return {
    verb,
    ...common,
    targets,
    from: from ?? 'HEAD',
    isFromNamed: from !== undefined,
    to: to ?? 'workspace',
    all: flag(values, 'all'),
    noPath: flag(values, 'no-path'),
    order,
  };
}

function formatOf({ values }: Invocation): ValueFormat {
  const wanted = (['json', 'md', 'csv'] as const).filter((name) => flag(values, name));
  const [first, second] = wanted;
  if (second !== undefined) throw usage(`\`--${first ?? ''}\` and \`--${second}\` exclude each other`);
  return first ?? 'text';
}
