// The foot of the live screen as lines of text: running stages, the bar. Pure: what is known, the size, the time and the
// colours in, lines out, none wider than the screen. Writes nothing.
import { clockText, durationText } from '../base/duration-text.ts';
import { fit, fitMiddle, padTo } from './fit.ts';
import { safeCell, width } from './format.ts';
import type { LiveView, RunningStage } from './live-model.ts';
import type { Palette } from './palette.ts';

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

/** A line of output is looked at only so far; the rest could not be seen. */
const LINE_CHARACTERS = 1000;
const MOST_BAR_COLUMNS = 30;

export function layoutLive(view: LiveView, size: ScreenSize, nowMs: number, paint: Palette): string[] {
  // The last column stays free: some terminals go to the next line when it is written.
  const columns = Math.max(1, size.columns - 1);
  const room = Math.max(0, Math.floor(size.rows / 2) - 1);
  const shown = view.running.length > room ? view.running.slice(0, Math.max(0, room - 1)) : view.running;
  const more = view.running.length - shown.length;
  const rows = shown.map((each) => ({
    each,
    name: safeCell(each.stage),
    times: timesText(each, nowMs),
  }));
  const nameColumns = Math.min(
    Math.max(0, ...rows.map((row) => width(row.name))),
    Math.max(8, Math.floor(columns / 3)),
  );
  const timeColumns = Math.max(0, ...rows.map((row) => row.times.length));
  const lines = rows.map(({ each, name, times }) => {
    const lead = fit(`  ${padTo(fitMiddle(name, nameColumns), nameColumns)}  ${times.padEnd(timeColumns)}`, columns);
    const rest = fit(lastLine(each), columns - width(lead) - 2);
    return (rest === '' ? lead : `${lead}  ${paint.dim(rest)}`).trimEnd();
  });
  if (more > 0 && room > 0) lines.push(fit(`  +${more} more`, columns));
  return [...lines, barLine(view, columns, nowMs, paint)];
}

function timesText({ startedMs, expectedMs, attempt }: RunningStage, nowMs: number): string {
  const expected =
    expectedMs === undefined
      ? ''
      : ` of ~${expectedMs < 1000 ? durationText(expectedMs) : clockText(expectedMs + 500)}`;
  return `${clockText(Math.max(0, nowMs - startedMs))}${expected}${attempt > 1 ? ` (attempt ${attempt})` : ''}`;
}

function lastLine({ line }: RunningStage): string {
  return safeCell(line.slice(0, LINE_CHARACTERS)).trim();
}

/** `━━━━────  45 %  3/20 done, 2 running, 12 s`; what has no room is left out, the least telling first. */
function barLine(view: LiveView, columns: number, nowMs: number, paint: Palette): string {
  const percent = `${Math.floor(view.progress * 100)} %`.padStart(5);
  const barColumns = Math.max(4, Math.min(MOST_BAR_COLUMNS, Math.floor(columns / 4)));
  if (columns < barColumns + percent.length) return fit(percent.trim(), columns);
  const done = `${view.ended}/${view.stages} done`;
  const failed = view.failed > 0 ? [`${view.failed} failed`] : [];
  const running = view.running.length > 0 ? [`${view.running.length} running`] : [];
  const clock = clockText(Math.max(0, nowMs - view.startedMs));
  const choices = [[done, ...running, ...failed, clock], [done, ...failed, clock], [done, clock], [done], []];
  const words = choices
    .map((parts) => [percent, parts.join(', ')].join('  ').trimEnd())
    .find((text) => text.length <= columns - barColumns);
  const filled = Math.round(view.progress * barColumns);
  return `${paint.green('━'.repeat(filled))}${paint.dim('─'.repeat(barColumns - filled))}${words ?? ''}`;
}
