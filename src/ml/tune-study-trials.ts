// The trials of a study as the fold of its journal's entries: what is applied here is all that can happen to a trial.
// Knows no sampler, pruner or file. Invariant: trials are numbered without gaps, and `common` is kept up to date.
import { byCodeUnit } from './table.ts';
import type { JournalEntry } from './tune-journal.ts';
import type { Choice, Domain } from './tune-space.ts';
import { incompatibility, sameDomain, toInternal, TuneError } from './tune-space.ts';
import type { Direction, History, Trial } from './tune-trial.ts';
import { isInformative } from './tune-trial.ts';

export class StudyTrials implements History {
  readonly studyName: string;
  readonly direction: Direction;
  readonly #trials: Trial[] = [];
  /** The last domain of each parameter ever suggested. */
  readonly #domains = new Map<string, Domain>();
  #common: ReadonlyMap<string, Domain> | null = null;

  constructor(studyName: string, direction: Direction) {
    this.studyName = studyName;
    this.direction = direction;
  }

  get trials(): readonly Trial[] {
    return this.#trials;
  }

  get common(): ReadonlyMap<string, Domain> {
    return this.#common ?? new Map();
  }

  get best(): Trial | undefined {
    let best: Trial | undefined;
    for (const trial of this.#trials) {
      if (trial.state !== 'complete' || trial.value === null) continue;
      const bar = best?.value ?? null;
      const isBetter = bar === null || (this.direction === 'minimize' ? trial.value < bar : trial.value > bar);
      if (isBetter) best = trial;
    }
    return best;
  }

  get(number: number): Trial {
    const trial = this.#trials[number];
    if (trial === undefined) throw new TuneError(`there is no trial ${number}`);
    return trial;
  }

  firstWaiting(): Trial | undefined {
    return this.#trials.find((trial) => trial.state === 'waiting');
  }

  add(): Trial {
    const trial: Trial = {
      number: this.#trials.length,
      state: 'waiting',
      params: new Map(),
      value: null,
      intermediate: new Map(),
      reason: null,
      fixed: new Map(),
      relative: new Map(),
      rungs: [],
      gridPoint: null,
      planned: false,
    };
    this.#trials.push(trial);
    return trial;
  }

  checkDomain(name: string, domain: Domain): void {
    const before = this.#domains.get(name);
    const problem = before === undefined ? undefined : incompatibility(before, domain);
    if (problem !== undefined) throw new TuneError(`parameter \`${name}\` ${problem}`);
  }

  apply(entry: JournalEntry): void {
    switch (entry.op) {
      case 'study':
        throw new TuneError('a journal holds one study');
      case 'queue':
        this.#addNumbered(entry.trial).fixed = entry.fixed;
        return;
      case 'begin': {
        const trial = this.#trials[entry.trial] ?? this.#addNumbered(entry.trial);
        trial.state = 'running';
        trial.planned = true;
        trial.relative = entry.relative;
        trial.gridPoint = entry.gridPoint;
        return;
      }
      case 'param':
        this.#setParam(this.get(entry.trial), entry.name, entry.domain, entry.value);
        return;
      case 'report':
        this.get(entry.trial).intermediate.set(entry.step, entry.value);
        return;
      case 'restart':
        startOver(this.get(entry.trial));
        return;
      case 'end':
        this.#end(this.get(entry.trial), entry);
    }
  }

  #addNumbered(number: number): Trial {
    if (number !== this.#trials.length) throw new TuneError(`trial ${number} follows trial ${this.#trials.length - 1}`);
    return this.add();
  }

  #setParam(trial: Trial, name: string, domain: Domain, value: Choice): void {
    const internal = toInternal(domain, value);
    if (internal === undefined) throw new TuneError(`parameter \`${name}\` cannot be ${JSON.stringify(value)}`);
    trial.params.set(name, { domain, value, internal });
    this.#domains.set(name, domain);
  }

  #end(trial: Trial, entry: JournalEntry & { readonly op: 'end' }): void {
    if (trial.state !== 'running') throw new TuneError(`trial ${trial.number} ends without running`);
    trial.state = entry.state;
    trial.value = entry.value;
    trial.reason = entry.reason;
    if (isInformative(trial)) this.#common = intersection(this.#common, trial);
  }
}

/** The attempt is forgotten, its decisions stay: the same values are given again, the rest is drawn when asked for. */
function startOver(trial: Trial): void {
  trial.state = 'waiting';
  trial.fixed = new Map([...trial.fixed, ...[...trial.params].map(([name, { value }]) => [name, value] as const)]);
  trial.params.clear();
  trial.intermediate.clear();
  trial.rungs.length = 0;
}

function intersection(common: ReadonlyMap<string, Domain> | null, trial: Trial): ReadonlyMap<string, Domain> {
  if (common === null) {
    const sorted = [...trial.params].sort(([a], [b]) => byCodeUnit(a, b));
    return new Map(sorted.map(([name, { domain }]) => [name, domain]));
  }
  return new Map(
    [...common].filter(([name, domain]) => {
      const param = trial.params.get(name);
      return param !== undefined && sameDomain(param.domain, domain);
    }),
  );
}
