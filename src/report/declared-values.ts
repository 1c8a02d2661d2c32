// Which files hold the metrics and params of a pipeline, and which keys of them count. Reads nothing.
import type { Pipeline, Stage } from '../config/stage.ts';

/** Path -> the keys that count; an empty list is the whole file. */
export type WantedFiles = ReadonlyMap<string, readonly string[]>;

/** Which of the two kinds of value files is meant. */
export type ValueKind = 'metrics' | 'params';

/** The files that the pipeline of that moment declares as metrics; folders too. */
export function declaredMetrics(pipeline: Pipeline | null): WantedFiles {
  return filesOf([...(pipeline?.stages ?? []).flatMap(metricsOf), ...(pipeline?.metrics ?? [])]);
}

/** The metrics of these stages. */
export function metricsOfStages(stages: readonly Stage[]): WantedFiles {
  return filesOf(stages.flatMap(metricsOf));
}

function metricsOf(stage: Stage): string[] {
  return stage.outs.filter((out) => out.kind === 'metric').map((out) => out.path);
}

function filesOf(paths: readonly string[]): WantedFiles {
  return new Map(paths.map((path) => [path, []]));
}

/** The params that stages declare; without `depsOnly` also whole params files: the default one, `params:` and `vars:`. */
export function declaredParams(pipeline: Pipeline | null, depsOnly: boolean): WantedFiles {
  if (pipeline === null) return new Map();
  return paramsOfStages(pipeline.stages, depsOnly ? [] : wholeParamsFiles(pipeline));
}

/** The params that these stages declare, and `wholeFiles`. */
export function paramsOfStages(stages: readonly Stage[], wholeFiles: readonly string[] = []): WantedFiles {
  const wanted = new Map<string, readonly string[]>();
  const whole = new Set(wholeFiles);
  for (const stage of stages) {
    for (const { file, keys } of stage.params) {
      if (keys.length === 0) whole.add(file);
      wanted.set(file, [...new Set([...(wanted.get(file) ?? []), ...keys])]);
    }
  }
  for (const file of whole) wanted.set(file, []);
  return wanted;
}

/** What the templates were filled from was looked for or read when the pipeline was loaded. */
function wholeParamsFiles({ params, sources, members, file, dialect }: Pipeline): string[] {
  const others = new Set([...(members ?? []), file]);
  const read = sources.filter(({ path, digest }) => digest !== null && !others.has(path));
  // DVC shows this one even when no stage and no template asks for it.
  const byName = dialect === 'dvc' ? ['params.yaml'] : [];
  return [...params, ...byName, ...read.map(({ path }) => path).filter(isValueFile)];
}

export function isValueFile(path: string): boolean {
  return /\.(?:ya?ml|json|toml)$/i.test(path);
}
