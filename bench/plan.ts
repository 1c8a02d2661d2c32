// Planning a matrix of 100,000 stages, from the text of pipeline.yaml to decisions: against JSON.parse of the resulting plan
// (graph and decisions), against the goal of 5 seconds, and its peak of memory against 1 GB.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Case, Pair } from './case.ts';
import { cleanEnvironment, NODE } from './harness.ts';
import type { Planned } from './plan-process.ts';
import { countText, newFolder, scaled } from './projects.ts';
import type { BenchPorts } from './projects.ts';

const ROUNDS = 3;
const LIMIT_MS = 5000;
const LIMIT_MIB = 1e9 / 2 ** 20;

export function* plan(ports: BenchPorts): Generator<Case> {
  const count = scaled(ports, 100_000, 200);
  const { root, remove } = newFolder();
  writeFileSync(join(root, 'pipeline.yaml'), pipelineText(count));
  writeFileSync(join(root, 'params.yaml'), 'make: { rows: 10 }\ntrain: { depth: 3, rate: 0.1 }\n');
  const api = join(dirname(ports.program), 'api.js');
  const planned = (isKept: boolean, nodeOptions: readonly string[] = []): Planned => {
    if (!isKept) rmSync(join(root, '.repro'), { recursive: true, force: true });
    mkdirSync(join(root, '.repro'), { recursive: true });
    return inProcess(['plan', root, api], nodeOptions);
  };
  const ofText: Planned[] = [];
  const parse = (): number => inProcess(['parse', root]).ms;
  const name = `${countText(count)} stages`;
  const line = { kind: 'sampled', suite: 'plan', rounds: ROUNDS, unit: 'ms' } as const;
  const profile = (nodeOptions: readonly string[]): void => void planned(false, nodeOptions);
  const pair = (): Pair => {
    const measured = planned(false);
    ofText.push(measured);
    return { ours: measured.ms, theirs: parse() };
  };
  yield { ...line, name: `${name}, from the text`, over: 'JSON.parse of the plan', pair, profile };
  const again = (): Pair => ({ ours: planned(true).ms, theirs: parse() });
  yield { ...line, name: `${name}, kept configuration`, over: 'JSON.parse of the plan', pair: again };
  const all = ofText.length === 0 ? [planned(false)] : ofText;
  const at = (round: number): Planned => all[round % all.length] ?? planned(false);
  const inTime = (round: number): Pair => ({ ours: at(round).ms, theirs: LIMIT_MS });
  yield { ...line, name: `${name}, time`, over: '5 s', goal: 1, pair: inTime };
  yield {
    ...line,
    unit: 'MiB',
    name: `${name}, memory`,
    over: '1 GB',
    goal: 1,
    pair: (round) => ({ ours: at(round).peakMiB, theirs: LIMIT_MIB }),
  };
  remove();
}

/** Three layers: every third of the axis makes, changes and judges, so that there are edges and folder deps, too. */
function pipelineText(stages: number): string {
  const seeds = Array.from({ length: Math.floor(stages / 100) }, (_, i) => i);
  const models = Array.from({ length: 33 }, (_, i) => `m${i}`);
  return `stages:
  make:
    matrix: { seed: [${seeds.join(', ')}] }
    cmd: make --seed \${item.seed}
    params: [make.rows]
    outs: ["data/\${item.seed}.csv"]
  train:
    matrix: { seed: [${seeds.join(', ')}], model: [${models.join(', ')}] }
    cmd: train --data data/\${item.seed}.csv --model \${item.model}
    deps: ["data/\${item.seed}.csv"]
    params: [train]
    outs: ["models/\${item.seed}/\${item.model}.json"]
  score:
    matrix: { seed: [${seeds.join(', ')}], model: [${models.join(', ')}] }
    cmd: score --model models/\${item.seed}/\${item.model}.json
    deps: ["models/\${item.seed}/\${item.model}.json", "data/\${item.seed}.csv"]
    metrics: ["metrics/\${item.seed}/\${item.model}.json"]
  compare:
    matrix: { seed: [${seeds.join(', ')}], model: [${models.join(', ')}] }
    cmd: compare metrics/\${item.seed} \${item.model}
    deps: ["metrics/\${item.seed}"]
    outs: ["best/\${item.seed}/\${item.model}"]
`;
}

function inProcess(args: readonly string[], nodeOptions: readonly string[] = []): Planned {
  const script = join(import.meta.dirname, 'plan-process.ts');
  const child = spawnSync(NODE, [...nodeOptions, script, ...args], { encoding: 'utf8', env: cleanEnvironment() });
  if (child.status !== 0) throw new Error(child.stderr);
  return JSON.parse(child.stdout) as Planned;
}
