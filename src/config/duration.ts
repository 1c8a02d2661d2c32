// Durations as people write them: `90s`, `1h30m`, `1.5h`, `250ms`, or a number of seconds. Always milliseconds inside.
// Knows no place in a file; what it cannot read gives nothing, and the caller says where.

/** Seven days more than a year: longer than any command. A timer of Node bears 25 days: who waits longer waits in steps. */
export const MAX_DURATION_MS = 372 * 24 * 3_600_000;

/** What a duration looks like, for messages, the JSON Schema and the reference page. */
export const DURATION_PATTERN = String.raw`^\s*(?:\d+(?:\.\d+)?\s*(?:ms|s|m|h|d)\s*)+$|^\s*\d+(?:\.\d+)?\s*$`;

/** Milliseconds, rounded; nothing when the text is no duration, is not finite or is beyond the limit. */
export function parseDuration(value: string | bigint | number): number | undefined {
  const durationMs = typeof value === 'string' ? parseText(value) : Number(value) * 1000;
  if (durationMs === undefined || !(durationMs >= 0 && durationMs <= MAX_DURATION_MS)) return undefined;
  return Math.round(durationMs);
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const ORDER = ['d', 'h', 'm', 's', 'ms'];

function parseText(text: string): number | undefined {
  if (text.length > 64 || !new RegExp(DURATION_PATTERN).test(text)) return undefined;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?/g)];
  let totalMs = 0;
  let last = -1;
  for (const [, amount, unit = 's'] of parts) {
    const rank = ORDER.indexOf(unit);
    // Larger units first and each once: `30m1h` or `1m1m` is more likely a slip than a wish.
    if (rank <= last) return undefined;
    last = rank;
    totalMs += Number(amount) * (UNIT_MS[unit] ?? Number.NaN);
  }
  return totalMs;
}
