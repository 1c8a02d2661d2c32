// One part of the bench of planning, in a process of its own, so that its memory is its own: prints milliseconds and MiB as JSON.
//   node bench/plan-process.ts plan ROOT API     plans with the packed library, leaves the plan in ROOT/plan.json
//   node bench/plan-process.ts parse ROOT        parses that file
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as Api from '../src/api.ts';
import { graphJson } from '../src/cli/graph-json.ts';

export interface Planned {
  readonly ms: number;
  readonly peakMiB: number;
}

const [part, root = '', api = ''] = process.argv.slice(2);
console.log(JSON.stringify(part === 'plan' ? await measurePlan() : measureParse()));

async function measurePlan(): Promise<Planned> {
  const { Workspace } = (await import(pathToFileURL(api).href)) as typeof Api;
  const start = performance.now();
  const workspace = await Workspace.open(
    { root, file: 'pipeline.yaml' },
    { env: {}, nowMs: () => 0, tool: 'bench', runtime: () => Promise.resolve('') },
  );
  const planner = workspace.planner({ force: false, restore: true, ignoreChecks: false });
  const planned = await planner.planAll(workspace.graph.order);
  const ms = performance.now() - start;
  workspace.close();
  const peakMiB = process.resourceUsage().maxRSS / 1024;
  const graph = graphJson(workspace.graph, new Set(workspace.graph.stages.keys()));
  const decisions = planned.map(({ stage, decision }) => ({ name: stage.name, ...decision }));
  writeFileSync(join(root, 'plan.json'), JSON.stringify({ graph, decisions }));
  return { ms, peakMiB };
}

function measureParse(): Planned {
  const text = readFileSync(join(root, 'plan.json'), 'utf8');
  const start = performance.now();
  JSON.parse(text);
  return { ms: performance.now() - start, peakMiB: process.resourceUsage().maxRSS / 1024 };
}
