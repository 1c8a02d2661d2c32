// The fixed form of `repro graph --json`: other tools rely on it. Paths are relative to the folder of the pipeline file,
// everything is sorted.
import { posix } from 'node:path';
import { byCodeUnit } from '../base/value.ts';
import type { Stage } from '../config/stage.ts';
import type { Graph } from '../plan/graph.ts';

export function graphJson(graph: Graph, chosen: ReadonlySet<number>): object {
  const { dir } = graph.pipeline;
  const relative = (path: string): string => posix.relative(dir, path) || '.';
  const stages = graph.stages.filter((_, at) => chosen.has(at));
  const edges = [...chosen]
    .flatMap((to) =>
      (graph.upstream[to] ?? [])
        .filter((from) => chosen.has(from))
        .map((from) => [graph.stages[from]?.name ?? '', graph.stages[to]?.name ?? ''] as const),
    )
    .sort(([a, b], [c, d]) => byCodeUnit(a, c) || byCodeUnit(b, d));
  return { root: relative('.'), stages: stages.map((stage) => stageJson(stage, relative)), edges };
}

function stageJson(stage: Stage, relative: (path: string) => string): object {
  const outs = stage.outs.map((out) => ({
    path: relative(out.path),
    kind: out.kind,
    cache: out.cache,
    persist: out.persist,
  }));
  const params: Record<string, string[]> = {};
  for (const ref of stage.params.toSorted((a, b) => byCodeUnit(a.file, b.file))) {
    const file = relative(ref.file);
    params[file] = [...new Set([...(params[file] ?? []), ...ref.keys])].sort(byCodeUnit);
  }
  return {
    name: stage.name,
    cmd: stage.cmd,
    wdir: relative(stage.wdir),
    deps: [...new Set(stage.deps.map((dep) => relative(dep.path)))].sort(byCodeUnit),
    params,
    outs: outs.sort((a, b) => byCodeUnit(a.path, b.path)),
    frozen: stage.frozen,
    always_changed: stage.alwaysChanged,
    after: stage.after.map((each) => each.name).sort(byCodeUnit),
  };
}
