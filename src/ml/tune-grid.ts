// Grid search: every combination once, in a shuffled order that depends on the seed alone, as Optuna 5.0.0's GridSampler:
// parameters sorted by name, the last one changing fastest, then shuffled; trial number i takes point i.
import { Mersenne } from './mersenne.ts';
import { byCodeUnit } from './table.ts';
import type { Choice, Domain, Space } from './tune-space.ts';
import { isActive, TuneError } from './tune-space.ts';
import type { History, Sampler, Trial } from './tune-trial.ts';

/** More points than this are refused: nobody waits for them. */
const MOST_POINTS = 1_000_000;

type Point = readonly Choice[];

export class GridSampler implements Sampler {
  readonly #names: readonly string[];
  readonly #points: readonly Point[];
  readonly #generator: Mersenne;
  readonly #shuffled: number;

  /** The values to try of each parameter. `keep` drops combinations; it is asked before the shuffle. */
  constructor(
    values: ReadonlyMap<string, readonly Choice[]>,
    seed: number,
    keep: (valueOf: (name: string) => Choice | undefined) => boolean = () => true,
  ) {
    this.#names = [...values.keys()].sort(byCodeUnit);
    const columns = this.#names.map((name) => values.get(name) ?? []);
    const total = columns.reduce((product, column) => product * column.length, 1);
    if (total > MOST_POINTS) throw new TuneError(`the grid has ${total} points, more than ${MOST_POINTS}`);
    const points = combinations(columns).filter((point) => keep((name) => point[this.#names.indexOf(name)]));
    if (points.length === 0) throw new TuneError('the grid is empty');
    this.#generator = new Mersenne(seed);
    this.#generator.shuffle(points);
    this.#shuffled = this.#generator.drawn;
    this.#points = points;
  }

  get size(): number {
    return this.#points.length;
  }

  begin(history: History, trial: Trial): ReadonlyMap<string, Choice> {
    if (trial.gridPoint !== null || trial.fixed.size > 0) return new Map();
    if (trial.number < this.#points.length) {
      trial.gridPoint = trial.number;
      return new Map();
    }
    let left = this.#unvisited(history);
    if (left.length === 0) left = [...this.#points.keys()];
    trial.gridPoint = left[this.#generator.below(left.length)] as number; // below its length
    return new Map();
  }

  suggest(_history: History, trial: Trial, name: string, _domain: Domain): Choice {
    const index = this.#names.indexOf(name);
    if (index < 0) throw new TuneError(`parameter \`${name}\` is not in the grid`);
    if (trial.gridPoint === null) {
      throw new TuneError('a queued trial of a grid must fix every parameter');
    }
    return this.#points[trial.gridPoint]?.[index] as Choice; // a grid point is an index of points
  }

  /** Every point was tried, or the last one is being tried. */
  isExhausted(history: History): boolean {
    const taken = new Set(history.trials.map((trial) => trial.gridPoint));
    return this.#points.every((_, point) => taken.has(point));
  }

  position(): readonly number[] {
    return [this.#generator.drawn - this.#shuffled];
  }

  restore(position: readonly number[]): void {
    this.#generator.skipTo(this.#shuffled + (position[0] ?? 0));
  }

  /** Points that no trial has finished or runs; when all are begun, those that are not finished. */
  #unvisited(history: History): number[] {
    const finished = new Set<number>();
    const running = new Set<number>();
    for (const { gridPoint, state } of history.trials) {
      if (gridPoint === null) continue;
      if (state === 'running') running.add(gridPoint);
      else if (state !== 'waiting') finished.add(gridPoint);
    }
    const open = [...this.#points.keys()].filter((point) => !finished.has(point));
    const untouched = open.filter((point) => !running.has(point));
    return untouched.length > 0 ? untouched : open;
  }
}

/** The grid of a whole space. A conditional parameter that is not active adds no points. */
export function gridOfSpace(space: Space, seed: number): GridSampler {
  const values = new Map(space.map(({ name, domain }) => [name, gridValues(name, domain)]));
  return new GridSampler(values, seed, (valueOf) => {
    const active = new Map<string, Choice>();
    for (const entry of space) {
      const value = valueOf(entry.name);
      if (isActive(entry, (name) => active.get(name))) active.set(entry.name, value ?? null);
      else if (value !== values.get(entry.name)?.[0]) return false;
    }
    return true;
  });
}

/** All values of a stepped or categorical domain. */
function gridValues(name: string, domain: Domain): readonly Choice[] {
  if (domain.kind === 'categorical') return domain.choices;
  const { low, high, step } = domain;
  if (step === null) {
    if (low === high) return [low];
    throw new TuneError(`parameter \`${name}\`: a grid needs a \`step\`, or \`choices\` that list the values`);
  }
  const count = Math.round((high - low) / step) + 1;
  if (count > MOST_POINTS) throw new TuneError(`parameter \`${name}\` has ${count} values, too many for a grid`);
  return Array.from({ length: count }, (_, i) => (i === count - 1 ? high : low + i * step));
}

function combinations(columns: readonly (readonly Choice[])[]): Point[] {
  let points: Point[] = [[]];
  for (const column of columns) points = points.flatMap((point) => column.map((value) => [...point, value]));
  return points;
}
