// The difference between two texts of which one piece was replaced, as a unified diff. Pure text.
import type { Palette } from './palette.ts';
import { safe } from './format.ts';

const CONTEXT_LINES = 3;

export function renderLineDiff(file: string, before: string, after: string, paint: Palette): string {
  const old = linesOf(before);
  const now = linesOf(after);
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) head++;
  let tail = 0;
  while (tail < old.length - head && tail < now.length - head && old.at(-1 - tail) === now.at(-1 - tail)) tail++;
  const from = Math.max(0, head - CONTEXT_LINES);
  const behind = Math.min(CONTEXT_LINES, tail);
  const removed = old.slice(head, old.length - tail);
  const added = now.slice(head, now.length - tail);
  const context = head - from + behind;
  const range = (lines: number): string => `${lines === 0 ? from : from + 1},${lines}`;
  return [
    paint.bold(before === '' ? '--- /dev/null' : `--- ${safe(file)}`),
    paint.bold(`+++ ${safe(file)}`),
    paint.cyan(`@@ -${range(removed.length + context)} +${range(added.length + context)} @@`),
    ...old.slice(from, head).map((line) => ` ${safe(line)}`),
    ...removed.map((line) => paint.red(`-${safe(line)}`)),
    ...added.map((line) => paint.green(`+${safe(line)}`)),
    ...old.slice(old.length - tail, old.length - tail + behind).map((line) => ` ${safe(line)}`),
    '',
  ].join('\n');
}

function linesOf(text: string): string[] {
  const lines = text.split('\n');
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}
