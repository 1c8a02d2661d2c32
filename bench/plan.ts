// Planning a matrix of 100,000 stages, from the text of pipeline.yaml to decisions, beside JSON.parse of the resulting
// plan (graph and decisions); with the peak of memory. `node bench/plan.ts [STAGES]`. Each part runs in a process of its own, alternating.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { graphJson } from '../src/cli/graph-json.ts';
import { Workspace } from '../src/plan/workspace.ts';

const ROUNDS = 3;

interface Measured {
  readonly ms: Readonly<Record<string, number>>;
  readonly peakMiB: number;
}

const [first, second] = process.argv.slice(2);
if (first === 'plan') console.log(JSON.stringify(await measurePlan(second ?? '')));
else if (first === 'parse') console.log(JSON.stringify(measureParse(second ?? '')));
else compare(Number(first ?? 100_000));

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

async function measurePlan(root: string): Promise<Measured> {
  const start = performance.now();
  const workspace = await Workspace.open(
    { root, file: 'pipeline.yaml' },
    { env: {}, nowMs: () => 0, tool: 'bench', runtime: () => Promise.resolve('') },
  );
  const opened = performance.now();
  const planner = workspace.planner({ force: false, restore: true, ignoreChecks: false });
  const planned = await planner.planAll(workspace.graph.order);
  const ended = performance.now();
  const cpuMs = process.cpuUsage().user / 1000;
  workspace.close();
  const peakMiB = process.resourceUsage().maxRSS / 1024;
  const graph = graphJson(workspace.graph, new Set(workspace.graph.stages.keys()));
  const decisions = planned.map(({ stage, decision }) => ({ name: stage.name, ...decision }));
  writeFileSync(join(root, 'plan.json'), JSON.stringify({ graph, decisions }));
  return { ms: { load: opened - start, decide: ended - opened, all: ended - start, 'processor time': cpuMs }, peakMiB };
}

function measureParse(root: string): Measured {
  const text = readFileSync(join(root, 'plan.json'), 'utf8');
  const start = performance.now();
  JSON.parse(text);
  return { ms: { all: performance.now() - start }, peakMiB: process.resourceUsage().maxRSS / 1024 };
}

function compare(stages: number): void {
  const root = mkdtempSync(join(tmpdir(), 'repro-bench-plan-'));
  writeFileSync(join(root, 'pipeline.yaml'), pipelineText(stages));
  writeFileSync(join(root, 'params.yaml'), 'make: { rows: 10 }\ntrain: { depth: 3, rate: 0.1 }\n');
  mkdirSync(join(root, '.repro'));
  console.log(`${stages} stages, ${availableParallelism()} cores, node ${process.version}`);
  for (let round = 0; round < ROUNDS; round++) {
    const plan = inProcess('plan', root);
    const parse = inProcess('parse', root);
    const ratio = (plan.ms['all'] ?? 0) / (parse.ms['all'] ?? 1);
    const parts = Object.entries(plan.ms).map(([name, ms]) => `${name} ${(ms / 1000).toFixed(2)} s`);
    console.log(
      `${round === 0 ? 'from the text' : 'from what was kept'}: ${parts.join(', ')}, peak ${plan.peakMiB.toFixed(0)} MiB; ` +
        `JSON.parse of the plan ${((parse.ms['all'] ?? 0) / 1000).toFixed(2)} s: ${ratio.toFixed(1)} times`,
    );
  }
  rmSync(root, { recursive: true });
}

function inProcess(part: string, root: string): Measured {
  const child = spawnSync(process.execPath, [...process.execArgv, import.meta.filename, part, root], {
    encoding: 'utf8',
  });
  if (child.status !== 0) throw new Error(child.stderr);
  return JSON.parse(child.stdout) as Measured;
}
