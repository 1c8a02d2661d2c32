// Reasons and changes in words. The only place where they become text; says nothing of its own.
import { durationText } from '../base/duration-text.ts';
import { unreachable } from '../base/problem.ts';
import type { Change, Reason } from '../base/reason.ts';
import { paramLeaves } from '../plan/param-change.ts';
import type { ParamChange } from '../plan/param-change.ts';
import { safe } from './format.ts';
import { shortDiff } from './word-diff.ts';

/** A few words, for the line of a stage; safe to print. */
export function reasonText(reason: Reason): string {
  return safe(reasonWords(reason));
}

function reasonWords(reason: Reason): string {
  switch (reason.kind) {
    case 'first-run':
      return 'never ran';
    case 'changed':
      return changeText(reason.change);
    case 'out-absent':
      return `${reason.path} is missing`;
    case 'out-modified':
      return `${reason.path} was changed by hand`;
    case 'object-absent':
      return `${reason.path} is not in the store`;
    case 'forced':
      return 'forced';
    case 'always-changed':
      return 'always_changed';
    case 'callback':
      return 'has no inputs and no outs: runs each time';
    case 'always':
      return 'runs at the end of each run that does something';
    case 'frozen':
      return 'frozen';
    case 'known-result':
      return `known result of ${reason.runId === '' ? 'an earlier run' : `run ${reason.runId}`} (took ${durationText(reason.durationMs)})`;
    case 'awaits':
      return `depends on what ${reason.stage} makes`;
    case 'input-absent':
      return `${reason.path} is missing and no stage makes it`;
    case 'upstream-failed':
      return `${reason.stage} failed`;
    case 'upstream-skipped':
      return `${reason.stage} was skipped`;
    case 'upstream-blocked':
      return `${reason.stage} is blocked`;
    case 'check-failed':
      return `check of ${reason.stage} failed: ${reason.check}`;
    case 'when-false':
      return `when is false: ${reason.text}`;
    case 'when-undecided':
      return `when is not decided yet: ${reason.text}`;
    case 'stopped':
      return 'stopped before it began';
    case 'failed-before':
      return 'failed before with the same inputs';
    default:
      return unreachable(reason);
  }
}

/** The first reason and how many more there are. */
export function reasonsText(reasons: readonly Reason[], say: (reason: Reason) => string = reasonText): string {
  const [first, ...more] = reasons;
  if (!first) return '';
  return more.length === 0 ? say(first) : `${say(first)} (+${more.length} more)`;
}

/** Not yet safe to print. */
export function changeText(change: Change): string {
  switch (change.kind) {
    case 'cmd':
      return commandText(change.before.join('\n'), change.after.join('\n'));
    case 'shell':
      return `shell ${change.before} → ${change.after}`;
    case 'wdir':
      return `wdir ${change.before} → ${change.after}`;
    case 'param':
      return paramText(change);
    case 'dep':
      return `${change.name} ${verb(change)}`;
    case 'package':
      return `package ${change.name} ${change.before === null ? 'is new' : change.after === null ? 'is gone' : 'changed'}`;
    case 'env':
      return `$${change.name} ${change.before === null ? 'is now an input' : change.after === null ? 'is no longer an input' : 'changed'}`;
    case 'runtime':
      return `\`${change.name}\` ${change.before === null || change.after === null ? verb(change) : `prints ${oneLine(change.after)}, was ${oneLine(change.before)}`}`;
    case 'out':
      return `out ${change.name} ${change.before === null ? 'is new' : change.after === null ? 'is no longer declared' : 'is now ' + change.after}`;
    default:
      return unreachable(change);
  }
}

/** Of a whole section: the first value in it that differs. */
function paramText(change: ParamChange): string {
  const [first = change, ...more] = paramLeaves(change);
  const others = more.length === 0 ? '' : ` (+${more.length} more)`;
  return `${paramName(first)} ${valueText(first.before)} → ${valueText(first.after)}${others}`;
}

export function paramName({ file, key }: ParamChange): string {
  return key === '' ? file : `${file}: ${key}`;
}

export function verb(change: { readonly before: string | null; readonly after: string | null }): string {
  if (change.before === null) return 'is a new input';
  if (change.after === null) return 'is no longer an input';
  return 'changed';
}

export function valueText(canonical: string | null, most = 40): string {
  return canonical === null ? '(not set)' : clip(canonical, most);
}

function commandText(before: string, after: string): string {
  const short = shortDiff(before, after);
  return short === undefined || short.length > 60 ? 'the command changed' : `the command changed: ${short}`;
}

function oneLine(text: string): string {
  return clip(text.trim().split('\n')[0] ?? '', 40);
}

export function clip(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
