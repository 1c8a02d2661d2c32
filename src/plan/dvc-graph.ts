// Several dvc.yaml -> one Pipeline. The stages of the file that the user stands at keep their names; others are called
// `sub/dvc.yaml:train`, as DVC does. `.dvc` files become tracked sources. Does not know what DVC's lock or cache hold.
import { posix } from 'node:path';
import { problem } from '../base/problem.ts';
import type { Problem } from '../base/problem.ts';
import { readDvcFile } from '../config/dvc-file.ts';
import { loadPipeline } from '../config/pipeline.ts';
import type { Out, Pipeline, PlotSpec, Source, Stage, TrackedOut } from '../config/stage.ts';
import type { Reading } from '../config/vars.ts';
import { sha256Hex } from '../store/digest.ts';
import { nameSeenFrom } from './dvc-names.ts';
import { isPipelineMember } from './dvc-project.ts';
import type { DvcProject } from './dvc-project.ts';

export interface LoadedDvc {
  readonly pipeline?: Pipeline;
  readonly problems: readonly Problem[];
}

export function loadDvcPipelines(
  file: string,
  members: readonly string[],
  project: DvcProject,
  reading: Reading,
  root: string,
): LoadedDvc {
  const merger = new Merger(file, project);
  for (const member of members) {
    // DVC does not look for pipelines in what a stage makes.
    if (merger.isInsideOut(member) || project.ignoreFiles.includes(member)) continue;
    if (isPipelineMember(member)) merger.addPipeline(member, loadPipeline(member, reading, { root }));
    else merger.addTracked(member, reading.read(member));
  }
  for (const path of project.ignoreFiles) merger.addSource(path, reading.read(path));
  return merger.merged(members);
}

class Merger {
  readonly #file: string;
  readonly #project: DvcProject;
  readonly #stages: Stage[] = [];
  readonly #sources = new Map<string, Source>();
  readonly #tracked: TrackedOut[] = [];
  readonly #params = new Set<string>();
  readonly #metrics = new Set<string>();
  readonly #plots: PlotSpec[] = [];
  readonly #problems: Problem[] = [];
  readonly #outs = new Set<string>();
  #main: Pipeline | undefined;
  #hasFailed = false;

  constructor(file: string, project: DvcProject) {
    this.#file = file;
    this.#project = project;
  }

  isInsideOut(path: string): boolean {
    for (let at = posix.dirname(path); at !== '.'; at = posix.dirname(at)) if (this.#outs.has(at)) return true;
    return false;
  }

  addPipeline(member: string, { pipeline, problems }: LoadedDvc): void {
    const rename = (name: string): string => nameSeenFrom(this.#file, member, name);
    for (const found of problems)
      this.#problems.push(found.stage === undefined ? found : { ...found, stage: rename(found.stage) });
    if (!pipeline) {
      this.#hasFailed = true;
      return;
    }
    if (member === this.#file) this.#main = pipeline;
    for (const path of pipeline.params) this.#params.add(path);
    for (const path of pipeline.metrics) this.#metrics.add(path);
    this.#plots.push(...pipeline.plots);
    for (const source of pipeline.sources) this.#sources.set(source.path, source);
    for (const stage of pipeline.stages) {
      const named = member === this.#file ? stage : { ...stage, name: rename(stage.name), group: rename(stage.group) };
      this.#stages.push(named);
      for (const out of stage.outs) {
        this.#outs.add(out.path);
        this.#checkHidden(out.path, named);
      }
    }
  }

  addTracked(member: string, bytes: Uint8Array | null): void {
    this.addSource(member, bytes);
    if (bytes === null) return;
    const { outs, problems } = readDvcFile(member, bytes);
    this.#problems.push(...problems);
    this.#hasFailed ||= problems.some((found) => found.severity === 'error');
    for (const out of outs) {
      this.#tracked.push(out);
      this.#outs.add(out.path);
    }
  }

  addSource(path: string, bytes: Uint8Array | null): void {
    this.#sources.set(path, { path, digest: bytes && sha256Hex(bytes) });
  }

  merged(members: readonly string[]): LoadedDvc {
    this.#checkTracked();
    if (this.#hasFailed) return { problems: this.#problems };
    const main: Pipeline = this.#main ?? {
      file: this.#file,
      dir: posix.dirname(this.#file),
      dialect: 'dvc',
      stages: [],
      checks: [],
      better: new Map(),
      params: [],
      metrics: [],
      plots: [],
      sources: [],
    };
    const pipeline: Pipeline = {
      ...main,
      stages: this.#stages,
      params: [...this.#params],
      metrics: [...this.#metrics],
      plots: this.#plots,
      sources: [...this.#sources.values()],
      members,
      tracked: this.#tracked,
    };
    return { pipeline, problems: this.#problems };
  }

  /** DVC refuses an out that it would not see. */
  #checkHidden(path: string, stage: Stage): void {
    const { ignore } = this.#project;
    if (path.startsWith('../') || (!ignore.isHidden(path, false) && !ignore.isHidden(path, true))) return;
    const span = stage.outs.find((out) => out.path === path)?.span;
    const message = `\`${path}\`, an out of \`${stage.name}\`, is hidden by \`.dvcignore\``;
    const hint = 'name another path, or take the rule out of .dvcignore';
    this.#problems.push(problem('path-invalid', message, { span, hint, stage: stage.name }));
    this.#hasFailed = true;
  }

  /** One path, one owner: a stage or a `.dvc` file. */
  #checkTracked(): void {
    const files = new Map(this.#tracked.map(({ path, file }) => [path, file]));
    const outs = new Map(this.#stages.flatMap((stage) => stage.outs.map((out) => [out.path, { out, stage }] as const)));
    for (const [path, { out, stage }] of files.size === 0 ? [] : outs) {
      const tracked = pathsUpFrom(path).find((at) => files.has(at));
      if (tracked !== undefined) this.#overlap(out, stage, tracked, files.get(tracked) ?? '');
    }
    for (const [tracked, file] of files) {
      const above = pathsUpFrom(posix.dirname(tracked)).find((at) => outs.has(at));
      const owner = above === undefined ? undefined : outs.get(above);
      if (owner) this.#overlap(owner.out, owner.stage, tracked, file);
    }
  }

  #overlap(out: Out, stage: Stage, tracked: string, file: string): void {
    const message = `\`${out.path}\` is an out of \`${stage.name}\`, and \`${file}\` tracks \`${tracked}\``;
    const hint = 'remove the `.dvc` file if the stage makes the data';
    this.#problems.push(problem('out-overlap', message, { span: out.span, hint, stage: stage.name }));
    this.#hasFailed = true;
  }
}

function pathsUpFrom(path: string): string[] {
  const paths: string[] = [];
  for (let at = path; at !== '.' && at !== '' && at !== '/' && at !== '..'; at = posix.dirname(at)) paths.push(at);
  return paths;
}
