// A run as bars on one scale: which stage when, and the chain of stages that the run could not have been shorter than.
// From what was recorded only: what lies between the bars (hashing, waiting, keeping results) is left blank. Pure text.
import { OUTCOME_KINDS } from '../base/reason.ts';
import { durationText } from '../base/duration-text.ts';
import type { RunHistory, StageRun } from '../store/history.ts';
import { fit, fitMiddle, padTo } from './fit.ts';
import { count, largest, safe, safeCell, width } from './format.ts';
import type { Palette } from './palette.ts';
import { outcomePaint } from './stage-line.ts';

/** A stage that has a place on the scale. */
type Timed = StageRun & { readonly startedAtMs: number };

const CRITICAL = '█';
const OTHER = '▒';
const BAR_COLUMNS = 40;
const LEAST_BAR_COLUMNS = 10;
const MOST_NAMES_SHOWN = 10;

export function renderTimeline(run: RunHistory, columns: number, paint: Palette): string {
  const timed = run.stages
    .filter((stage): stage is Timed => stage.startedAtMs !== undefined)
    .sort((a, b) => a.startedAtMs - b.startedAtMs);
  const chain = criticalPath(timed);
  const lines = [
    ...(timed.length > 0 ? bars(run, timed, new Set(chain), columns, paint) : []),
    ...untimed(run, columns, paint),
    ...failures(run, paint),
    '',
    ...lastLines(run, timed, chain, columns, paint),
  ];
  return `${lines.join('\n')}\n`;
}

/** The chain of stages, each of which waited for the one before it, that took longest. In order. */
export function criticalPath(stages: readonly StageRun[]): StageRun[] {
  const byName = new Map(stages.map((stage) => [stage.stage, stage]));
  const best = new Map<string, { readonly ms: number; readonly before: string | undefined }>();
  // What a stage waited for has ended before it began, so it has begun before it, too.
  for (const { stage, durationMs, waitedFor } of stages) {
    const before = (waitedFor ?? [])
      .filter((name) => best.has(name))
      .reduce<string | undefined>(
        (longest, name) => ((best.get(name)?.ms ?? 0) > (best.get(longest ?? '')?.ms ?? -1) ? name : longest),
        undefined,
      );
    best.set(stage, { ms: durationMs + (best.get(before ?? '')?.ms ?? 0), before });
  }
  let [end] = [...best].sort(([, a], [, b]) => b.ms - a.ms)[0] ?? [];
  const chain: StageRun[] = [];
  for (; end !== undefined; end = best.get(end)?.before) {
    const stage = byName.get(end);
    if (stage) chain.push(stage);
  }
  return chain.reverse();
}

function bars(
  run: RunHistory,
  timed: readonly Timed[],
  critical: ReadonlySet<StageRun>,
  columns: number,
  paint: Palette,
): string[] {
  const cells = timed.map((stage) => ({
    stage,
    name: safeCell(stage.stage),
    took: durationText(stage.durationMs),
  }));
  const outcomes = largest(timed.map((stage) => stage.outcome.length));
  const tooks = largest(cells.map((cell) => cell.took.length));
  const fixed = outcomes + tooks + 6;
  const widest = largest(cells.map((cell) => width(cell.name)));
  const names = Math.min(widest, Math.max(8, Math.floor((columns - fixed) / 2)));
  const barColumns = Math.min(BAR_COLUMNS, Math.max(0, columns - fixed - names));
  const scale = scaleOf(run, timed);
  const lines = cells.map(({ stage, name, took }) => {
    const bar = barOf(stage, scale, barColumns);
    const isCritical = critical.has(stage);
    const drawn = isCritical ? paint.yellow(bar.fill.replaceAll(OTHER, CRITICAL)) : paint.blue(bar.fill);
    const attempts = (stage.attempts ?? 1) > 1 ? `  attempt ${stage.attempts ?? 1}` : '';
    const saved = stage.savedMs === undefined ? '' : `  saved ${durationText(stage.savedMs)}`;
    const tail = barColumns < LEAST_BAR_COLUMNS ? '' : `${' '.repeat(bar.at)}${drawn}`;
    const room = columns - names - fixed - bar.at - bar.fill.length;
    const words = outcomePaint(stage.outcome, paint)(padTo(stage.outcome, outcomes));
    return `${words}  ${padTo(fitMiddle(name, names), names)}  ${took.padStart(tooks)}  ${tail}${paint.dim(fit(saved + attempts, room))}`.trimEnd();
  });
  const end = durationText(scale.spanMs);
  const axis = `${' '.repeat(names + fixed)}0${end.padStart(Math.max(0, barColumns - 1))}`;
  return [...lines, ...(barColumns < LEAST_BAR_COLUMNS ? [] : [paint.dim(axis)])];
}

interface Scale {
  readonly startMs: number;
  readonly spanMs: number;
}

function scaleOf(run: RunHistory, timed: readonly Timed[]): Scale {
  const ends = timed.map((stage) => stage.startedAtMs + stage.durationMs);
  const endMs = Math.max(run.endedAtMs ?? 0, largest(ends));
  return { startMs: run.startedAtMs, spanMs: Math.max(1, endMs - run.startedAtMs) };
}

function barOf(
  stage: Timed,
  { startMs, spanMs }: Scale,
  columns: number,
): { readonly at: number; readonly fill: string } {
  const column = (ms: number): number => Math.round(((ms - startMs) / spanMs) * columns);
  const at = Math.max(0, Math.min(columns - 1, column(stage.startedAtMs)));
  const length = Math.max(1, Math.min(columns, column(stage.startedAtMs + stage.durationMs)) - at);
  return { at, fill: OTHER.repeat(length) };
}

/** Stages that did nothing, by outcome; of files from before starts were kept, all others too. */
function untimed(run: RunHistory, columns: number, paint: Palette): string[] {
  const rest = run.stages.filter((stage) => stage.startedAtMs === undefined);
  const isOld = rest.some((stage) => stage.outcome === 'ran' || stage.outcome === 'restored');
  const lines = isOld ? [paint.dim('no start times were kept for this run')] : [];
  const worked = rest.filter((stage) => stage.durationMs > 0);
  for (const { stage, outcome, durationMs } of worked)
    lines.push(`${outcomePaint(outcome, paint)(outcome)}  ${safe(stage)}  ${durationText(durationMs)}`);
  for (const outcome of OUTCOME_KINDS) {
    const names = rest
      .filter((stage) => stage.outcome === outcome && stage.durationMs === 0)
      .map((one) => safeCell(one.stage));
    if (names.length === 0) continue;
    const shown = names.slice(0, MOST_NAMES_SHOWN).join(', ');
    const more = names.length > MOST_NAMES_SHOWN ? `, +${names.length - MOST_NAMES_SHOWN} more` : '';
    const head = `${names.length} ${outcome}`;
    lines.push(`${outcomePaint(outcome, paint)(head)}  ${paint.dim(fit(shown + more, columns - head.length - 2))}`);
  }
  return lines;
}

function failures(run: RunHistory, paint: Palette): string[] {
  return run.stages
    .filter((stage) => stage.message !== undefined)
    .map(
      (stage) =>
        `${outcomePaint(stage.outcome, paint)(stage.outcome)}  ${safe(stage.stage)}  ${safe(stage.message ?? '')}`,
    );
}

function lastLines(
  run: RunHistory,
  timed: readonly Timed[],
  chain: readonly StageRun[],
  columns: number,
  paint: Palette,
): string[] {
  const sum = (stages: readonly StageRun[]): number => stages.reduce((ms, stage) => ms + stage.durationMs, 0);
  const wallMs = (run.endedAtMs ?? run.startedAtMs) - run.startedAtMs;
  const savedMs = timed.reduce((ms, stage) => ms + (stage.savedMs ?? 0), 0);
  const names = chain.map((stage) => safeCell(stage.stage)).join(' → ');
  const path = `${paint.yellow(CRITICAL)} ${fit(`critical path: ${names}`, columns - 2)}`;
  const figures = [
    run.endedAtMs === undefined ? 'killed' : `took ${durationText(wallMs)}`,
    ...(timed.length > 0 ? [`${durationText(sum(timed))} in ${count(timed.length, 'stage')}`] : []),
    ...(sum(timed) > wallMs / 10 ? [`${(sum(timed) / wallMs).toFixed(1)} at once`] : []),
    ...(chain.length > 0 ? [`critical path ${durationText(sum(chain))}`] : []),
    ...(savedMs > 0 ? [`saved ${durationText(savedMs)}`] : []),
  ];
  return [...(chain.length > 0 && timed.length > 1 ? [path] : []), figures.join(', ')];
}
