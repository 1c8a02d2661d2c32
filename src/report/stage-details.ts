// What a page says of one stage: command, inputs, outs, state and reasons, times, and its neighbours as links. The same for
// the report and for the page of the graph.
import { durationText } from '../base/duration-text.ts';
import { anchor, element } from '../draw/markup.ts';
import type { Child, Markup } from '../draw/markup.ts';
import type { ReportOutcome, ReportStage } from './facts.ts';
import { badge, code, facts, list } from './page-parts.ts';
import { STATE_TONES, STATE_WORDS } from './report-words.ts';
import { stageId } from './stage-graph.ts';

/** Names of stages -> where they stand, and who needs them. */
export interface StageNeighbours {
  readonly position: ReadonlyMap<string, number>;
  readonly neededBy: ReadonlyMap<string, readonly string[]>;
}

export function neighboursOf(stages: readonly ReportStage[]): StageNeighbours {
  const neededBy = new Map<string, string[]>();
  for (const { name, needs } of stages) {
    for (const need of needs) {
      const known = neededBy.get(need);
      if (known) known.push(name);
      else neededBy.set(need, [name]);
    }
  }
  return { position: new Map(stages.map(({ name }, index) => [name, index])), neededBy };
}

export function badgeOf({ state }: ReportStage): Markup {
  return badge(STATE_WORDS[state], STATE_TONES[state]);
}

export function stageDetails(stage: ReportStage, { position, neededBy }: StageNeighbours): Markup {
  const link = (name: string): Child => {
    const index = position.get(name);
    return index === undefined ? name : anchor(stageId(index), name);
  };
  const { name, desc, why, command, wdir, deps, params, outs, needs, place, last, usualMs } = stage;
  return facts([
    ['About', desc],
    ['Why', list(why)],
    ['Last run', last && outcomeText(last)],
    ['Usually takes', usualMs !== undefined && durationText(usualMs)],
    ['Command', element('pre', { class: 'command' }, command.join('\n'))],
    ['Folder', wdir !== '.' && code(wdir)],
    ['Deps', list(deps.map(code))],
    ['Params', list(params.map(({ file, keys }) => code(keys.length === 0 ? file : `${file}: ${keys.join(', ')}`)))],
    ['Outs', list(outs.map(({ path, kind }) => [code(path), kind === 'out' ? '' : ` (${kind})`]))],
    ['Needs', list(needs.map(link))],
    ['Needed by', list((neededBy.get(name) ?? []).map(link))],
    ['Written in', code(`${place.file}:${place.line}`)],
  ]);
}

function outcomeText({ outcome, durationMs, savedMs, attempts }: ReportOutcome): string {
  const took = durationMs > 0 ? `, ${durationText(durationMs)}` : '';
  const saved = savedMs === undefined ? '' : `, saved ${durationText(savedMs)}`;
  const tried = attempts === undefined ? '' : `, ${attempts} attempts`;
  return `${outcome}${took}${saved}${tried}`;
}
