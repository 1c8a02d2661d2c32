// The learning kit beside scikit-learn, LightGBM, Optuna and Evidently, on one core: processor time of fitting, a trial of a
// study, a drift report. Both sides time themselves, without their start; bench/ml holds the programs that do it.
import { spawnSync } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import type { Case, Pair } from './case.ts';
import { cleanEnvironment, NODE } from './harness.ts';
import { makeCases, runCase } from './ml/tune-cases.ts';
import type { Case as Study } from './ml/tune-cases.ts';
import { findKitModule } from './peers.ts';
import type { KitModule } from './peers.ts';
import { newFolder, run } from './projects.ts';
import type { BenchPorts } from './projects.ts';

const ROOT = join(import.meta.dirname, '..');
const SETS = ['housing', 'credit', 'churn'] as const;

/** Case of bench/ml/models.py -> goal, where there is one. */
const MODELS: Readonly<Record<string, number | undefined>> = {
  housing_forest: 0.5,
  housing_boosting: 1.2,
  housing_ridge: undefined,
  credit_forest: undefined,
  credit_boosting: undefined,
  churn_forest: undefined,
  churn_boosting: undefined,
  churn_logistic: undefined,
};
const STUDIES = ['floats5 joint', 'floats5 single', 'mixed joint', 'pruner0'];
const TRIALS = 100;

/** At a small scale only the quickest of each. */
export function* kit(ports: BenchPorts): Generator<Case> {
  const isSmall = ports.scale < 1;
  yield* models(Object.keys(MODELS).filter((name) => !isSmall || name === 'churn_logistic'));
  yield* studies(isSmall ? STUDIES.slice(0, 1) : STUDIES);
  yield* drift();
}

interface Fitted {
  readonly ours: number;
  readonly theirs: number;
  readonly lightgbm: number | null;
}

function* models(names: readonly string[]): Generator<Case> {
  const sklearn = kitPeer('sklearn');
  if (sklearn.kind === 'missing') {
    for (const name of names) yield { ...sklearn, name: titleOf(name), over: 'scikit-learn' };
    return;
  }
  const { root, remove } = newFolder();
  for (const set of SETS) run(root, [NODE, join(ROOT, 'stages/generate.ts'), '--dataset', set, '--out-dir', root]);
  for (const name of names) {
    const goal = MODELS[name];
    const all: Fitted[] = [];
    const line = { kind: 'sampled', suite: 'kit', name: titleOf(name), unit: 'ms' } as const;
    yield {
      ...line,
      over: `scikit-learn ${sklearn.version}`,
      rounds: 3,
      ...(goal === undefined ? {} : { goal }),
      pair: () => {
        const fitted = python(sklearn.program, ['models.py', root, name, '--json']) as Fitted;
        all.push(fitted);
        return { ours: fitted.ours * 1000, theirs: fitted.theirs * 1000 };
      },
      profile: (nodeOptions) => run(root, [NODE, ...nodeOptions, join(ROOT, 'bench/ml/models.ts'), root, name]),
    };
    if (name === 'housing_boosting') yield besideLightGbm(line.name, all);
  }
  remove();
}

/** From the same runs as the line before. */
function besideLightGbm(name: string, all: readonly Fitted[]): Case {
  const peer = kitPeer('lightgbm');
  if (peer.kind === 'missing') return { ...peer, name, over: 'LightGBM' };
  return {
    kind: 'sampled',
    suite: 'kit',
    name,
    over: `LightGBM ${peer.version}`,
    rounds: all.length,
    unit: 'ms',
    pair: (round) => {
      const { ours = Number.NaN, lightgbm } = all[round] ?? {};
      return { ours: ours * 1000, theirs: (lightgbm ?? Number.NaN) * 1000 };
    },
  };
}

function* studies(names: readonly string[]): Generator<Case> {
  const peer = kitPeer('optuna');
  const cases = makeCases(1, TRIALS);
  for (const name of names) {
    const title = `TPE trial, ${name}`;
    const study = cases.get(`${name} 0`);
    if (study === undefined) throw new Error(`there is no study ${name}`);
    if (peer.kind === 'missing') {
      yield { ...peer, name: title, over: 'Optuna' };
      continue;
    }
    yield {
      kind: 'sampled',
      suite: 'kit',
      name: title,
      over: `Optuna ${peer.version}`,
      goal: 0.35,
      rounds: 5,
      unit: 'ms',
      pair: () => trialPair(peer.program, study),
    };
  }
}

interface Timed {
  readonly ms: number;
}

/** The quicker of two runs on each side, so that both have warmed up. */
async function trialPair(program: string, study: Study): Promise<Pair> {
  const theirs = python(program, ['tune.py'], JSON.stringify([study, study])) as readonly Timed[];
  const ours = [await trialMs(study), await trialMs(study)];
  return { ours: Math.min(...ours), theirs: Math.min(...theirs.map(({ ms }) => ms)) };
}

async function trialMs(study: Study): Promise<number> {
  const start = performance.now();
  await runCase(study);
  return (performance.now() - start) / study.trials;
}

/** Seconds. */
interface Rounds {
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
}

function* drift(): Generator<Case> {
  const peer = kitPeer('evidently');
  const name = 'drift report, 20,000 x 8';
  if (peer.kind === 'missing') {
    yield { ...peer, name, over: 'Evidently' };
    return;
  }
  let timed: Rounds | undefined;
  yield {
    kind: 'sampled',
    suite: 'kit',
    name,
    over: `Evidently ${peer.version}`,
    goal: 0.1,
    rounds: 5,
    unit: 'ms',
    pair: (round) => {
      timed ??= python(peer.program, ['drift.py', '--speed', '--json']) as Rounds;
      // The first of each loads what the others have.
      const at = round + 1;
      return { ours: (timed.ours[at] ?? Number.NaN) * 1000, theirs: (timed.theirs[at] ?? Number.NaN) * 1000 };
    },
  };
}

interface KitPeer {
  readonly kind: 'found';
  readonly program: string;
  readonly version: string;
}

interface NoKitPeer {
  readonly kind: 'missing';
  readonly suite: 'kit';
  readonly why: string;
}

function kitPeer(module: KitModule): KitPeer | NoKitPeer {
  const peer = findKitModule(module);
  return peer.kind === 'found' ? peer : { kind: 'missing', suite: 'kit', why: peer.how };
}

function titleOf(name: string): string {
  return `fit ${name.replace('_', ', ')}`;
}

function python(program: string, [script = '', ...args]: readonly string[], input = ''): unknown {
  const env = { ...cleanEnvironment(), PATH: `${dirname(NODE)}${delimiter}${process.env['PATH'] ?? ''}` };
  const end = spawnSync(program, [join(ROOT, 'bench/ml', script), ...args], {
    cwd: ROOT,
    env: { ...env, OMP_NUM_THREADS: '1' },
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  if (end.status !== 0) throw new Error(end.stderr.trim().split('\n').at(-1) ?? `${script} failed`);
  return JSON.parse(end.stdout);
}
