// A `.dvc` file: data that DVC tracks beside the pipeline, by md5. What it names is a source here: it is read, or restored
// from DVC's cache, and never written. Text in, tracked paths out.
import { problem, warning } from '../base/problem.ts';
import type { Problem } from '../base/problem.ts';
import type { Node } from './node.ts';
import { folderOf, joinPath } from './path.ts';
import { readPath } from './stage-paths.ts';
import type { DvcContent, TrackedOut } from './stage.ts';
import { parseYaml } from './yaml.ts';

export interface DvcFile {
  readonly outs: readonly TrackedOut[];
  readonly problems: readonly Problem[];
}

export function readDvcFile(file: string, bytes: Uint8Array): DvcFile {
  const { node, problems } = parseYaml(file, bytes, { dialect: 'dvc' });
  const found: Problem[] = [...problems];
  if (!node || node.kind !== 'map') {
    if (found.length === 0) found.push(problem('type-wrong', `\`${file}\` is no map`, { span: node?.span }));
    return { outs: [], problems: found };
  }
  const cmd = node.entry('cmd');
  if (cmd) {
    const hint = 'move the command into a stage of a dvc.yaml';
    const message = `\`${file}\` is a stage of an old form: a \`.dvc\` file with a command is not run`;
    return { outs: [], problems: [...found, warning('dvc-unsupported', message, { span: cmd.keySpan, hint })] };
  }
  const wdirNode = node.get('wdir');
  const wdir = wdirNode?.kind === 'scalar' && typeof wdirNode.value === 'string' ? wdirNode.value : '.';
  const base = wdir === '.' ? folderOf(file) : joinPath(folderOf(file), wdir);
  const outs = node.get('outs');
  const tracked: TrackedOut[] = [];
  for (const item of outs?.kind === 'list' ? outs.items : []) {
    const pathNode = item.kind === 'map' ? item.get('path') : undefined;
    if (!pathNode || pathNode.kind !== 'scalar') continue;
    const report = (each: Problem): void => void found.push(each);
    const path = readPath(String(pathNode.value), 'write', 'the data', pathNode.span, {
      dialect: 'dvc',
      file,
      wdir: base,
      report,
    });
    const content = readDvcContent(item);
    if (path !== undefined) tracked.push({ path, file, ...(content && { content }) });
  }
  return { outs: tracked, problems: found };
}

/** The md5 of an entry of `outs` or `deps`, in a `.dvc` file, a dvc.lock or the run cache. */
export function readDvcContent(item: Node): DvcContent | undefined {
  if (item.kind !== 'map') return undefined;
  const md5 = textAt(item, 'md5');
  if (md5 === undefined || !/^[0-9a-f]{32}(?:\.dir)?$/.test(md5)) return undefined;
  const size = item.get('size');
  const sizeBytes = size?.kind === 'scalar' && typeof size.value === 'bigint' ? Number(size.value) : undefined;
  const execNode = item.get('isexec');
  return {
    md5,
    legacy: textAt(item, 'hash') === undefined,
    exec: execNode?.kind === 'scalar' && execNode.value === true,
    ...(sizeBytes !== undefined && { sizeBytes }),
  };
}

/** An md5 of digits alone, or like `1e10`, reads as a number: what was written counts. */
function textAt(item: Node, name: string): string | undefined {
  const node = item.kind === 'map' ? item.get(name) : undefined;
  if (!node || node.kind !== 'scalar' || node.value === null) return undefined;
  return typeof node.value === 'string' ? node.value : node.place.raw;
}
