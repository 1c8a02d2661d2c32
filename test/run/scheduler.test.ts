// The state machine of a run alone: a scripted work answers it, so that thousands of orders of ending can be tried.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Decision } from '../../src/plan/decide.ts';
import { chainLengths, Scheduler } from '../../src/run/scheduler.ts';
import type { ScheduleInput, ScheduleOptions, StageEnd, StageWork } from '../../src/run/scheduler.ts';

interface Plan {
  /** Stages that each stage reads, all with smaller numbers. */
  readonly upstream: readonly (readonly number[])[];
  readonly needs?: readonly number[];
  readonly outcomes?: readonly ('ran' | 'failed' | 'fresh' | 'restored')[];
  readonly priority?: (at: number) => number;
}

class Script implements StageWork {
  readonly log: string[] = [];
  readonly started: number[] = [];
  readonly ended = new Map<number, StageEnd>();
  /** Most stages that worked at once, and most of the resource that they held. */
  most = { working: 0, held: 0 };
  #working = new Set<number>();
  readonly #plan: Plan;
  readonly #pause: () => Promise<void>;
  readonly #early: (at: number) => boolean;

  constructor(plan: Plan, pause: () => Promise<void>, early: (at: number) => boolean = () => false) {
    this.#plan = plan;
    this.#pause = pause;
    this.#early = early;
  }

  async decide(at: number, hindrances: StageEnd['reasons']): Promise<Decision> {
    await this.#pause();
    if (hindrances.length > 0) return { kind: 'skip', reasons: hindrances };
    const outcome = this.#outcome(at);
    const kind = outcome === 'fresh' ? 'fresh' : outcome === 'restored' ? 'restore' : 'run';
    return { kind, reasons: [] };
  }

  async carryOut(at: number, free: () => void): Promise<StageEnd> {
    this.started.push(at);
    this.#working.add(at);
    const held = [...this.#working].reduce((sum, each) => sum + (this.#plan.needs?.[each] ?? 0), 0);
    this.most = { working: Math.max(this.most.working, this.#working.size), held: Math.max(this.most.held, held) };
    await this.#pause();
    this.#working.delete(at);
    if (this.#early(at)) {
      free();
      free();
      await this.#pause();
    }
    return this.#end(at, { outcome: this.#outcome(at), reasons: [] });
  }

  async settle(at: number, decision: Decision): Promise<StageEnd> {
    await this.#pause();
    return this.#end(at, { outcome: decision.kind === 'fresh' ? 'fresh' : 'skipped', reasons: decision.reasons });
  }

  passOver(at: number, outcome: 'skipped' | 'cancelled', reasons: StageEnd['reasons']): StageEnd {
    return this.#end(at, { outcome, reasons });
  }

  #end(at: number, end: StageEnd): StageEnd {
    if (this.ended.has(at)) throw new Error(`stage ${at} ended twice`);
    this.ended.set(at, end);
    return end;
  }

  #outcome(at: number): 'ran' | 'failed' | 'fresh' | 'restored' {
    return this.#plan.outcomes?.[at] ?? 'ran';
  }
}

function inputOf(plan: Plan): ScheduleInput {
  const downstream: number[][] = plan.upstream.map(() => []);
  for (const [at, ups] of plan.upstream.entries()) for (const up of ups) downstream[up]?.push(at);
  return {
    upstream: plan.upstream,
    downstream,
    stages: [...plan.upstream.keys()],
    name: String,
    needs: (at) => new Map(plan.needs?.[at] ? [['gpu', plan.needs[at]]] : []),
    priority: plan.priority ?? ((): number => 0),
  };
}

const PLAIN: ScheduleOptions = { jobs: 2, keepGoing: false, resources: new Map() };

/** After so many turns of the microtask queue. */
async function turns(count: number): Promise<void> {
  for (let n = 0; n < count; n++) await Promise.resolve();
}

const PLANS = fc.integer({ min: 1, max: 14 }).chain((count) =>
  fc.record({
    upstream: fc.tuple(
      ...Array.from({ length: count }, (_, at) =>
        at === 0 ? fc.constant([]) : fc.uniqueArray(fc.integer({ min: 0, max: at - 1 }), { maxLength: 3 }),
      ),
    ),
    outcomes: fc.array(fc.constantFrom('ran', 'ran', 'ran', 'fresh', 'restored', 'failed'), {
      minLength: count,
      maxLength: count,
    }),
    needs: fc.array(fc.constantFrom(0, 0, 0.1, 0.2, 1, 3), { minLength: count, maxLength: count }),
    delays: fc.array(fc.integer({ min: 0, max: 11 }), { minLength: 20, maxLength: 60 }),
    jobs: fc.integer({ min: 1, max: 4 }),
    keepGoing: fc.boolean(),
    early: fc.boolean(),
  }),
);

test('in 2,000 random graphs and orders of ending: everything ends once, in order, within slots and resources', async () => {
  await fc.assert(
    fc.asyncProperty(PLANS, async (plan) => {
      let turn = 0;
      const pause = (): Promise<void> => turns(plan.delays[turn++ % plan.delays.length] ?? 0);
      const script = new Script(plan, pause, (at) => plan.early && at % 2 === 0);
      const scheduler = new Scheduler(inputOf(plan), script, {
        jobs: plan.jobs,
        keepGoing: plan.keepGoing,
        resources: new Map([['gpu', 1]]),
      });
      const ends = await scheduler.run();
      expect([...ends.keys()].toSorted((a, b) => a - b)).toEqual([...plan.upstream.keys()]);
      expect(new Set(script.started).size).toBe(script.started.length);
      expect(script.most.working).toBeLessThanOrEqual(plan.jobs);
      // A stage that asks for more than there is runs, but alone.
      expect(script.most.held).toBeLessThanOrEqual(Math.max(1, ...plan.needs) + 1e-9);
      for (const at of script.started) {
        for (const up of plan.upstream[at] ?? []) {
          expect(['ran', 'restored', 'fresh']).toContain(ends.get(up)?.outcome);
        }
      }
      const failed = [...ends.values()].some((end) => end.outcome === 'failed');
      if (plan.keepGoing || !failed) {
        const hindered = (at: number): boolean =>
          (plan.upstream[at] ?? []).some((up) => plan.outcomes[up] === 'failed' || hindered(up));
        const due = [...plan.upstream.keys()].filter((at) => plan.outcomes[at] !== 'fresh' && !hindered(at));
        expect(script.started.toSorted((a, b) => a - b)).toEqual(due);
      }
    }),
    { numRuns: 2000 },
  );
});

test('a slot that is given back is handed on at once, also when all ask for it in the same instant', async () => {
  const plan = { upstream: Array.from({ length: 40 }, () => []) };
  const script = new Script(plan, () => turns(0));
  await new Scheduler(inputOf(plan), script, { ...PLAIN, jobs: 1 }).run();
  expect(script.most.working).toBe(1);
  expect(script.started).toHaveLength(40);
});

test('ready stages of the same rank start in the order in which they became ready, others by rank', async () => {
  const plan = { upstream: Array.from({ length: 6 }, () => []), priority: (at: number): number => (at === 4 ? 9 : 0) };
  const script = new Script(plan, () => turns(1));
  await new Scheduler(inputOf(plan), script, { ...PLAIN, jobs: 1 }).run();
  expect(script.started).toEqual([0, 4, 1, 2, 3, 5]);
});

test('after a stop nothing new starts, and what waits is cancelled', async () => {
  const plan = { upstream: [[], [0], [1], []] };
  const script = new Script(plan, () => turns(3));
  const scheduler = new Scheduler(inputOf(plan), script, { ...PLAIN, jobs: 1 });
  const running = scheduler.run();
  await turns(5);
  scheduler.stop();
  scheduler.stop();
  const ends = await running;
  expect([...ends].toSorted(([a], [b]) => a - b).map(([, end]) => end.outcome)).toEqual([
    'ran',
    'cancelled',
    'cancelled',
    'cancelled',
  ]);
});

test('a fault of our own ends the run', async () => {
  const plan = { upstream: [[]] };
  const script = new Script(plan, () => Promise.reject(new Error('fault')));
  await expect(new Scheduler(inputOf(plan), script, PLAIN).run()).rejects.toThrow('fault');
});

test('a run of nothing ends', async () => {
  expect(
    (await new Scheduler(inputOf({ upstream: [] }), new Script({ upstream: [] }, () => turns(0)), PLAIN).run()).size,
  ).toBe(0);
});

test('a chain of 50,000 stages is passed over without a deep stack when its first one fails', async () => {
  const upstream = Array.from({ length: 50_000 }, (_, at) => (at === 0 ? [] : [at - 1]));
  const plan: Plan = { upstream, outcomes: ['failed'] };
  const script = new Script(plan, () => turns(0));
  const ends = await new Scheduler(inputOf(plan), script, PLAIN).run();
  expect(ends.get(49_999)).toEqual({ outcome: 'skipped', reasons: [{ kind: 'upstream-skipped', stage: '49998' }] });
});

test('resources given back in parts are all there again: a stage that needs more than there is still starts', async () => {
  const plan: Plan = { upstream: [[], [], [], [0, 1, 2]], needs: [0.1, 0.2, 0.3, 5] };
  const script = new Script(plan, () => turns(2));
  await new Scheduler(inputOf(plan), script, { jobs: 4, keepGoing: false, resources: new Map([['gpu', 0.6]]) }).run();
  expect(script.started).toHaveLength(4);
  expect(script.most.held).toBe(5);
});

test('the length of a chain is the sum of known times of the longest way to the end, with a second for what is unknown', () => {
  const known: readonly (number | undefined)[] = [10, 500, undefined, 7];
  expect(chainLengths([[1, 2], [3], [3], []], [0, 1, 2, 3], (at) => known[at])).toEqual([1017, 507, 1007, 7]);
});

test('200,000 dependents of one stage are no matter for the length of chains', () => {
  const all = Array.from({ length: 200_001 }, (_, at) => at);
  const lengths = chainLengths([all.slice(1), ...all.slice(1).map(() => [])], all, () => 3);
  expect(lengths[0]).toBe(6);
});
