// The plain fields of a stage: commands, names of variables, times, amounts. From checked and filled-in nodes to values.
import { problem } from '../base/problem.ts';
import type { Problem } from '../base/problem.ts';
import { parseDuration } from './duration.ts';
import type { Node } from './node.ts';
import { itemsOf, textOf } from './stage-paths.ts';
import type { Retry, Stage } from './stage.ts';
import { pythonText } from './template-text.ts';

const DEFAULT_RETRY_DELAY_MS = 1000;
const DEFAULT_RETRY_BACKOFF = 2;

export function readCommand(node: Node): Pick<Stage, 'cmd' | 'script'> {
  if (node.kind === 'list') return { cmd: node.items.map(pythonText), script: false };
  return { cmd: [pythonText(node)], script: true };
}

/** The texts of a list, each once. */
export function readNames(node: Node): string[] {
  return [...new Set(itemsOf(node).flatMap((item) => textOf(item) ?? []))];
}

export function readAfter(node: Node): Stage['after'] {
  const found = new Map(itemsOf(node).map((item) => [textOf(item) ?? '', item]));
  return [...found].map(([name, item]) => ({ name, span: item.span }));
}

export function readTimeout(node: Node, report: (found: Problem) => void): number | undefined {
  const timeoutMs = durationOf(node);
  if (timeoutMs !== undefined && timeoutMs > 0) return timeoutMs;
  const hint = 'leave the field out for no limit';
  report(problem('duration-invalid', '`timeout` is longer than nothing', { span: node.span, hint }));
  return undefined;
}

export function readRetry(node: Node): Retry {
  if (node.kind !== 'map') {
    const limit = Number(textOf(node) ?? 0);
    return { limit, delayMs: DEFAULT_RETRY_DELAY_MS, backoff: DEFAULT_RETRY_BACKOFF };
  }
  const [limit, delay, backoff] = [node.get('limit'), node.get('delay'), node.get('backoff')];
  return {
    limit: limit ? Number(textOf(limit)) : 0,
    delayMs: (delay && durationOf(delay)) ?? DEFAULT_RETRY_DELAY_MS,
    backoff: backoff ? Number(textOf(backoff)) : DEFAULT_RETRY_BACKOFF,
  };
}

export function readResources(node: Node): ReadonlyMap<string, number> {
  if (node.kind !== 'map') return new Map();
  return new Map(node.entries.map((entry) => [entry.key, Number(textOf(entry.value) ?? 0)]));
}

export function isTrue(node: Node | undefined): boolean {
  return node?.kind === 'scalar' && node.value === true;
}

function durationOf(node: Node): number | undefined {
  if (node.kind !== 'scalar' || node.value === null || typeof node.value === 'boolean') return undefined;
  return parseDuration(node.value);
}
