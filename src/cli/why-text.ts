// Reasons as an aligned list: what kind of input, which one, how it differs. For `repro why`. Text only.
import { unreachable } from '../base/problem.ts';
import type { Change, Reason } from '../base/reason.ts';
import { paramLeaves } from '../plan/param-change.ts';
import { padTo } from './fit.ts';
import { folderCounts } from './folder-change.ts';
import type { FolderChange } from './folder-change.ts';
import { largest, safe, width } from './format.ts';
import type { Palette } from './palette.ts';
import { changeText, reasonText, valueText, paramName, verb } from './reason-text.ts';
import { renderWordDiff } from './word-diff.ts';

const MOST_FILES = 20;
const MOST_VALUE = 200;

interface Row {
  readonly label: string;
  readonly name: string;
  readonly detail: string;
  readonly below: readonly string[];
}

/** Changes first, aligned; then what else there is to say. */
export function renderReasons(
  reasons: readonly Reason[],
  folders: readonly FolderChange[],
  paint: Palette,
  coloured: boolean,
): string[] {
  const rows: Row[] = [];
  const others: string[] = [];
  for (const reason of reasons) {
    if (reason.kind === 'changed')
      for (const change of valuesOf(reason.change)) rows.push(rowOf(change, folders, paint, coloured));
    else others.push(`  ${reasonText(reason)}`);
  }
  const labels = largest(rows.map((row) => row.label.length));
  const names = largest(rows.map((row) => (row.detail === '' ? 0 : width(row.name))));
  return [
    ...rows.flatMap(({ label, name, detail, below }) => [
      `  ${paint.dim(label.padEnd(labels))}  ${detail === '' ? name : `${padTo(name, names)}  ${detail}`}`,
      ...below,
    ]),
    ...others,
  ];
}

/** A section that differs is shown by its values that do. */
function valuesOf(change: Change): readonly Change[] {
  return change.kind === 'param' ? paramLeaves(change).map((leaf) => ({ ...leaf, kind: 'param' })) : [change];
}

function rowOf(change: Change, folders: readonly FolderChange[], paint: Palette, coloured: boolean): Row {
  const row = (label: string, name: string, detail: string, below: readonly string[] = []): Row => ({
    label,
    name,
    detail,
    below,
  });
  const { red, green, dim } = paint;
  switch (change.kind) {
    case 'cmd':
      return row('command', renderWordDiff(change.before.join('\n'), change.after.join('\n'), paint, coloured), '');
    case 'shell':
    case 'wdir':
      return row(change.kind, `${red(safe(change.before))} → ${green(safe(change.after))}`, '');
    case 'param': {
      const name = safe(paramName(change));
      const [before, after] = [change.before, change.after].map((value) => safe(valueText(value, MOST_VALUE)));
      return row('param', name, `${red(before ?? '')} → ${green(after ?? '')}`);
    }
    case 'dep': {
      const folder = folders.find(({ path }) => path === change.name);
      if (folder) return row('folder', safe(change.name), folderCounts(folder), filesOf(folder, paint));
      const digests =
        change.before !== null && change.after !== null
          ? dim(`  ${shortDigest(change.before)} → ${shortDigest(change.after)}`)
          : '';
      return row('file', safe(change.name), `${verb(change)}${digests}`);
    }
    case 'package':
      return row(
        'package',
        safe(change.name),
        change.before === null ? 'is new' : change.after === null ? 'is gone' : 'changed',
      );
    case 'env':
      return row(
        'env',
        safe(`$${change.name}`),
        change.before === null ? 'is now an input' : change.after === null ? 'is no longer an input' : 'changed',
      );
    case 'runtime':
    case 'out':
      return row(change.kind, safe(changeText(change).replace(/^out /, '')), '');
    default:
      return unreachable(change);
  }
}

function filesOf({ added, removed, changed }: FolderChange, { red, green, yellow }: Palette): string[] {
  const files = [
    ...added.map((path) => green(`+ ${safe(path)}`)),
    ...removed.map((path) => red(`- ${safe(path)}`)),
    ...changed.map((path) => yellow(`~ ${safe(path)}`)),
  ];
  const shown = files.slice(0, MOST_FILES).map((line) => `    ${line}`);
  return files.length > MOST_FILES ? [...shown, `    … and ${files.length - MOST_FILES} more`] : shown;
}

function shortDigest(digest: string): string {
  return digest.length > 64 ? `${digest.slice(0, 10)}${digest.slice(64)}` : digest.slice(0, 10);
}
