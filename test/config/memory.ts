// A project in memory for the loader: path -> text or bytes. The loader's only door is `Reading`, so nothing else is needed.
import { renderProblems } from '../../src/base/problem-text.ts';
import type { Problem } from '../../src/base/problem.ts';
import { loadPipeline } from '../../src/config/pipeline.ts';
import type { LoadOptions, LoadedPipeline } from '../../src/config/pipeline.ts';
import type { Pipeline } from '../../src/config/stage.ts';
import type { Reading } from '../../src/config/vars.ts';

export type MemoryFiles = Readonly<Record<string, string | Uint8Array>>;

export function memoryReading(files: MemoryFiles): Reading {
  const get = (path: string): string | Uint8Array | undefined => (Object.hasOwn(files, path) ? files[path] : undefined);
  return {
    read(path) {
      const content = get(path);
      return content === undefined ? null : typeof content === 'string' ? Buffer.from(content) : content;
    },
    kind(path) {
      if (get(path) !== undefined) return 'file';
      return path === '.' || Object.keys(files).some((file) => file.startsWith(`${path}/`)) ? 'folder' : null;
    },
  };
}

/** Loads a text as `pipeline.yaml`, or files by name of which the first is the pipeline file. */
export function load(files: string | MemoryFiles, options?: LoadOptions): LoadedPipeline {
  const all = typeof files === 'string' ? { 'pipeline.yaml': files } : files;
  return loadPipeline(Object.keys(all)[0] ?? '', memoryReading(all), options);
}

export function loadGood(files: string | MemoryFiles, options?: LoadOptions): Pipeline {
  const { pipeline, problems } = load(files, options);
  if (!pipeline) throw new Error(renderProblems(problems));
  return pipeline;
}

export function codesOf(problems: readonly Problem[]): string[] {
  return problems.map((each) => each.code);
}
