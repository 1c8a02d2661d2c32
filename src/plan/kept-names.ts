// The names of a pipeline, for completion: read from what a command kept, without making a Pipeline of it. Whether that is
// still true is for the caller to know. Bytes in, names out.
import { unsealed } from '../store/sealed.ts';

export interface StageNames {
  readonly stages: readonly string[];
  /** Groups of more than one stage. */
  readonly groups: readonly string[];
  /** As a user names them: relative to the pipeline file. */
  readonly outs: readonly string[];
}

interface NamedStage {
  readonly name: string;
  readonly group: string;
  readonly outs: readonly { readonly path: string }[];
}

/** Null when they are not of this file, or were kept by another version. */
export function keptNames(bytes: Uint8Array, file: string, tool: string): StageNames | null {
  const text = unsealed(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  if (text === null) return null;
  const keep = JSON.parse(text) as {
    readonly tool: string;
    readonly pipeline: { readonly rest: { readonly file: string }; readonly stages: readonly NamedStage[] } | null;
  };
  if (keep.tool !== tool || keep.pipeline?.rest.file !== file) return null;
  return namesIn(keep.pipeline.stages, file);
}

export function namesIn(stages: readonly NamedStage[], file: string): StageNames {
  const folder = folderOf(file);
  const groups = stages.filter((stage) => stage.group !== stage.name).map((stage) => stage.group);
  const outs = stages.flatMap((stage) => stage.outs.map(({ path }) => path));
  return {
    stages: stages.map((stage) => stage.name),
    groups: [...new Set(groups)],
    outs: outs.map((path) => (path.startsWith(folder) ? path.slice(folder.length) : path)),
  };
}

/** With its slash; empty for the root. */
function folderOf(file: string): string {
  return file.slice(0, file.lastIndexOf('/') + 1);
}
