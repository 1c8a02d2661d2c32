// Whatever the watcher drops, doubles or reorders, whenever files are written: when all is quiet, the outs are what the
// sources say, a run of its own finds everything fresh, and there were never two runs at once.
import { setTimeout as wait } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { run } from '../rig/in-process.ts';
import { Workspace } from '../rig/workspace.ts';
import { UnreliableWatch } from './unreliable.ts';

const RUNS = Number(process.env['REPRO_MODEL_RUNS'] ?? 12);

/** `s` fails as long as its input says so. */
const PIPELINES = [
  `stages:
  a: { cmd: "cat in > a; sleep 0.05", deps: [in], outs: [a] }
  b: { cmd: "cat a src/*.txt > b", deps: [a, "src/*.txt"], outs: [b] }
  s: { cmd: "! grep -q bad may; cat may > s", deps: [may], outs: [s] }
`,
  `stages:
  a: { cmd: "cat in > a; sleep 0.05; echo more >> a", deps: [in], outs: [a] }
  b: { cmd: "cat a src/*.txt > b", deps: [a, "src/*.txt"], outs: [b] }
  s: { cmd: "! grep -q bad may; cat may > s", deps: [may], outs: [s] }
`,
];
const BROKEN = 'stages: [\n';

type Act =
  | {
      readonly kind: 'write';
      readonly path: string;
      readonly text: string;
      readonly told: 'now' | 'late' | 'twice' | 'never';
    }
  | { readonly kind: 'pipeline'; readonly which: number }
  | { readonly kind: 'out'; readonly path: string }
  | { readonly kind: 'late' }
  | { readonly kind: 'lie' }
  | { readonly kind: 'overflow' }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'rest' }
  /** Real time, in which what runs gets on. */
  | { readonly kind: 'work'; readonly ms: number }
  | { readonly kind: 'wish'; readonly wish: 'now' | 'all' | 'failed' };

const text = fc.constantFrom('1', '2', 'bad', '33');
const WORK = {
  weight: 4,
  arbitrary: fc.record({ kind: fc.constant('work' as const), ms: fc.integer({ min: 1, max: 60 }) }),
};

/** Saves and time, and nothing that makes the next run put everything right. */
const save: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      path: fc.constantFrom('in', 'src/x.txt', 'src/y.txt'),
      text: fc.constantFrom('4', '5', '66'),
      told: fc.constantFrom('now' as const, 'never' as const),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(120, 20_000) }) },
  WORK,
);

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      path: fc.constantFrom('in', 'may', 'src/x.txt', 'src/y.txt'),
      text,
      told: fc.constantFrom('now', 'late', 'twice', 'never'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('pipeline' as const), which: fc.integer({ min: 0, max: 2 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('out' as const), path: fc.constantFrom('a', 'b') }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'late' } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: 'lie' } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: 'overflow' } as const) },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(10, 120, 1500, 20_000) }),
  },
  { weight: 3, arbitrary: fc.constant({ kind: 'rest' } as const) },
  WORK,
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('wish' as const), wish: fc.constantFrom('now', 'all', 'failed') }),
  },
);

function carryOut(one: Act, work: Workspace, watch: UnreliableWatch): void | Promise<void> {
  switch (one.kind) {
    case 'write':
      work.write({ [one.path]: one.text });
      if (one.told === 'now' || one.told === 'twice') watch.tell(one.path);
      if (one.told === 'late' || one.told === 'twice') watch.late.push(one.path);
      return;
    case 'pipeline':
      work.write({ 'pipeline.yaml': PIPELINES[one.which] ?? BROKEN });
      return watch.tell('pipeline.yaml');
    case 'out':
      return work.write({ [one.path]: 'by hand' });
    case 'late': {
      // The last one first.
      for (const path of watch.late.splice(0).toReversed()) watch.tell(path);
      return;
    }
    case 'lie':
      return watch.tell('src/x.txt');
    case 'overflow':
      return watch.tell(null);
    case 'pass':
      return watch.pass(one.ms);
    case 'rest':
      return watch.rest();
    case 'work':
      return wait(one.ms);
    case 'wish':
      return watch.wish(one.wish);
    default:
  }
}

const ACTS = fc.array(act, { minLength: 3, maxLength: 20 });
const SAVES = fc.array(save, { minLength: 5, maxLength: 20 });

test('the final state is that of a fresh run', { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(ACTS, SAVES, fc.boolean(), async (acts, saves, restarts) => {
      const work = new Workspace({ 'pipeline.yaml': PIPELINES[0] ?? '', in: '0', may: '0', 'src/x.txt': 'x' });
      const watch = new UnreliableWatch(work, restarts);
      try {
        for (const one of acts) await carryOut(one, work, watch);
        // What makes an end of failures and of a broken pipeline is told by nobody.
        work.write({ may: 'good', 'pipeline.yaml': PIPELINES[1] ?? '' });
        watch.pass(20_000);
        for (const one of saves) await carryOut(one, work, watch);
        await watch.settle();
        const b = `${work.read('in')}more\n${work.read('src/x.txt')}${work.exists('src/y.txt') ? work.read('src/y.txt') : ''}`;
        expect([work.read('b'), work.read('s')]).toEqual([b, 'good']);
        expect(watch.mostRuns).toBeLessThan(2);
        const story = await run(work);
        expect(new Set(Object.values(story.outcomes))).toEqual(new Set(['fresh']));
      } finally {
        await watch.end();
        await work.dispose();
      }
    }),
    { numRuns: RUNS, ...(process.env['REPRO_MODEL_SEED'] && { seed: Number(process.env['REPRO_MODEL_SEED']) }) },
  );
});
