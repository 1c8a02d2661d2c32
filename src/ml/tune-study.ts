// A study: the trials of one search, what they were asked and what they told. The only place that changes a Trial.
// Knows no file, process or clock. With a journal, a study that was killed at any instant goes on where it was: the same
// values in the same order as if it had never stopped, trials that were running are run again under their number.
import type { Journal, JournalEntry, StudySettings } from './tune-journal.ts';
import { parseJournal, renderEntry } from './tune-journal.ts';
import { renderJsonLine } from './numbers-json.ts';
import { NO_PRUNER } from './tune-pruner.ts';
import { StudyTrials } from './tune-study-trials.ts';
import type { Choice, Domain, FloatDomain, IntDomain, Space } from './tune-space.ts';
import {
  categoricalDomain,
  containsValue,
  floatDomain,
  intDomain,
  isActive,
  isSingle,
  singleValue,
  TuneError,
} from './tune-space.ts';
import type { Direction, Pruner, Sampler, Trial } from './tune-trial.ts';

export interface StudyOptions {
  readonly name?: string;
  readonly direction?: Direction;
  readonly sampler: Sampler;
  readonly pruner?: Pruner;
  /** Suggested at the start of each trial, in this order. An objective may suggest more. */
  readonly space?: Space;
  readonly journal?: Journal;
  /** Written to the journal and compared when it is resumed. */
  readonly settings?: StudySettings;
}

export class Study {
  readonly #trials: StudyTrials;
  readonly #sampler: Sampler;
  readonly #pruner: Pruner;
  readonly #space: Space;
  readonly #journal: Journal | null;

  constructor(options: StudyOptions) {
    this.#trials = new StudyTrials(options.name ?? 'study', options.direction ?? 'minimize');
    this.#sampler = options.sampler;
    this.#pruner = options.pruner ?? NO_PRUNER;
    this.#space = options.space ?? [];
    this.#journal = options.journal ?? null;
    if (this.#journal !== null) this.#resume(this.#journal, options.settings ?? {});
  }

  get name(): string {
    return this.#trials.studyName;
  }

  get direction(): Direction {
    return this.#trials.direction;
  }

  /** By number. */
  get trials(): readonly Readonly<Trial>[] {
    return this.#trials.trials;
  }

  /** The complete trial with the best value, the first of equals. */
  get best(): Readonly<Trial> | undefined {
    return this.#trials.best;
  }

  /** Puts a trial with these values in the queue, say the defaults of a model. What is not given is sampled. */
  enqueue(values: Readonly<Record<string, Choice>>): void {
    this.#record({ op: 'queue', trial: this.#trials.trials.length, fixed: new Map(Object.entries(values)) });
  }

  /** Begins a trial: a queued one if there is one. Undefined when the sampler has nothing left to try. */
  ask(): ActiveTrial | undefined {
    const trial = this.#trials.firstWaiting();
    if (trial === undefined && this.#sampler.isExhausted(this.#trials)) return undefined;
    const begun = trial ?? this.#trials.add();
    if (!begun.planned) begun.relative = this.#sampler.begin(this.#trials, begun);
    const pending: JournalEntry[] = [
      {
        op: 'begin',
        trial: begun.number,
        relative: begun.relative,
        gridPoint: begun.gridPoint,
        position: this.#sampler.position(),
      },
    ];
    this.#trials.apply(pending[0] as JournalEntry); // just made
    for (const entry of this.#space) {
      if (!isActive(entry, (name) => begun.params.get(name)?.value)) continue;
      pending.push(this.#suggestion(begun, entry.name, entry.domain));
    }
    this.#journal?.append(...pending.map(renderEntry));
    return new ActiveTrial(begun, {
      suggest: (name, domain) => this.#suggest(begun, name, domain),
      report: (step, value) => this.#report(begun, step, value),
      end: (state, value, reason) => this.#end(begun, state, value, reason),
    });
  }

  #suggest(trial: Trial, name: string, domain: Domain): Choice {
    const known = trial.params.get(name);
    if (known !== undefined) return known.value;
    const entry = this.#suggestion(trial, name, domain);
    this.#journal?.append(renderEntry(entry));
    return trial.params.get(name)?.value ?? null; // was just set
  }

  /** Decides a value and puts it into the trial, but not yet into the journal. */
  #suggestion(trial: Trial, name: string, domain: Domain): JournalEntry {
    this.#trials.checkDomain(name, domain);
    const value = this.#valueFor(trial, name, domain);
    const position = this.#sampler.position();
    const entry: JournalEntry = { op: 'param', trial: trial.number, name, domain, value, position };
    this.#trials.apply(entry);
    return entry;
  }

  #valueFor(trial: Trial, name: string, domain: Domain): Choice {
    const fixed = trial.fixed.get(name);
    if (fixed !== undefined) {
      if (containsValue(domain, fixed)) return fixed;
      throw new TuneError(`parameter \`${name}\` was given the value ${JSON.stringify(fixed)}, outside of its domain`);
    }
    if (isSingle(domain)) return singleValue(domain);
    const relative = trial.relative.get(name);
    if (relative !== undefined && containsValue(domain, relative)) return relative;
    return this.#sampler.suggest(this.#trials, trial, name, domain);
  }

  #report(trial: Trial, step: number, value: number): boolean {
    if (!Number.isSafeInteger(step) || step < 0) throw new TuneError(`a step must be a whole number, not ${step}`);
    // A step counts once: the first value stands, as in Optuna.
    if (!trial.intermediate.has(step)) this.#record({ op: 'report', trial: trial.number, step, value });
    return this.#pruner.shouldPrune(this.#trials, trial);
  }

  #end(trial: Trial, state: 'complete' | 'pruned' | 'failed', value: number | null, reason: string | null): void {
    if (trial.state !== 'running') throw new TuneError(`trial ${trial.number} has ended already`);
    this.#record({ op: 'end', trial: trial.number, state, value, reason });
  }

  #record(entry: JournalEntry): void {
    this.#journal?.append(renderEntry(entry));
    this.#trials.apply(entry);
  }

  #resume(journal: Journal, settings: StudySettings): void {
    const own = { name: this.name, direction: this.direction, ...settings };
    const [first, ...entries] = parseJournal(journal.lines());
    if (first === undefined) {
      journal.append(renderEntry({ op: 'study', version: 1, settings: own }));
      return;
    }
    if (first.op !== 'study') throw new TuneError('the journal does not begin with a study');
    refuseOtherStudy(first.settings, own);
    for (const entry of entries) this.#replay(entry);
    for (const trial of this.#trials.trials) {
      if (trial.state === 'running') this.#record({ op: 'restart', trial: trial.number });
    }
  }

  #replay(entry: JournalEntry): void {
    this.#trials.apply(entry);
    if (entry.op === 'begin' || entry.op === 'param') this.#sampler.restore(entry.position);
    if (entry.op === 'report' && this.#pruner.remembers) {
      this.#pruner.shouldPrune(this.#trials, this.#trials.get(entry.trial));
    }
  }
}

interface StudyLink {
  readonly suggest: (name: string, domain: Domain) => Choice;
  readonly report: (step: number, value: number) => boolean;
  readonly end: (state: 'complete' | 'pruned' | 'failed', value: number | null, reason: string | null) => void;
}

/** A running trial in the hands of an objective. */
export class ActiveTrial {
  readonly number: number;
  readonly #trial: Readonly<Trial>;
  readonly #link: StudyLink;

  constructor(trial: Readonly<Trial>, link: StudyLink) {
    this.number = trial.number;
    this.#trial = trial;
    this.#link = link;
  }

  /** The values so far. */
  get params(): Readonly<Record<string, Choice>> {
    return Object.fromEntries([...this.#trial.params].map(([name, { value }]) => [name, value]));
  }

  suggest(name: string, domain: Domain): Choice {
    return this.#link.suggest(name, domain);
  }

  suggestFloat(name: string, low: number, high: number, options?: Partial<Pick<FloatDomain, 'log' | 'step'>>): number {
    return this.suggest(name, floatDomain(low, high, options)) as number; // a float domain has numbers only
  }

  suggestInt(name: string, low: number, high: number, options?: Partial<Pick<IntDomain, 'log' | 'step'>>): number {
    return this.suggest(name, intDomain(low, high, options)) as number; // an int domain has numbers only
  }

  suggestCategorical<T extends Choice>(name: string, choices: readonly T[]): T {
    return this.suggest(name, categoricalDomain(choices)) as T; // one of the choices
  }

  /** Tells a value on the way. True: the trial is not worth going on with; throw `Pruned` then. */
  report(step: number, value: number): boolean {
    return this.#link.report(step, value);
  }

  /** A value that is no number, or NaN, is a failure. */
  complete(value: number): void {
    if (typeof value === 'number' && !Number.isNaN(value)) this.#link.end('complete', value, null);
    else this.fail(`the objective gave ${String(value)}, not a number`);
  }

  /** The last reported value becomes the trial's, unless it is NaN. */
  prune(): void {
    const steps = [...this.#trial.intermediate.keys()];
    const last = steps.length === 0 ? Number.NaN : (this.#trial.intermediate.get(Math.max(...steps)) ?? Number.NaN);
    this.#link.end('pruned', Number.isNaN(last) ? null : last, null);
  }

  fail(reason: string): void {
    this.#link.end('failed', null, reason);
  }
}

function refuseOtherStudy(before: StudySettings, now: StudySettings): void {
  for (const key of new Set([...Object.keys(before), ...Object.keys(now)])) {
    const [old, own] = [before[key] ?? null, now[key] ?? null].map(renderJsonLine);
    if (old !== own) throw new TuneError(`the journal is of another study: \`${key}\` was ${old} and is ${own} now`);
  }
}
