// The key under which DVC's run cache keeps a result: the text of command, deps, params and out paths as Python's
// json.dumps writes it with sorted keys (dvc/stage/cache.py, dvc/stage/serialize.py). Pure.
import { byCodeUnit, isList, isMap, parseCanonical } from '../base/value.ts';
import type { Value } from '../base/value.ts';
import { fromValue, noPlace } from '../config/node.ts';
import { pythonText } from '../config/template-text.ts';
import type { Stage } from '../config/stage.ts';
import type { Manifest } from '../store/fingerprint.ts';
import { pythonJson } from '../store/md5.ts';
import { posix } from 'node:path';

export interface RunKeySpec {
  readonly stage: Stage;
  readonly manifest: Manifest;
  /** Relative to the wdir. */
  readonly deps: readonly { readonly path: string; readonly md5: string; readonly isExecutable: boolean }[];
  readonly outs: readonly string[];
}

/** To be hashed with SHA-256. */
export function runCacheKey({ stage, manifest, deps, outs }: RunKeySpec): string {
  const parts: [string, string][] = [];
  const commands = stage.cmd.map(pythonJson);
  parts.push(['cmd', stage.script ? (commands[0] ?? '""') : `[${commands.join(', ')}]`]);
  if (deps.length > 0) {
    const items = deps
      .toSorted((a, b) => byCodeUnit(a.path, b.path))
      .map(({ path, md5, isExecutable }) => {
        const exec = isExecutable && !md5.endsWith('.dir') ? ', "isexec": true' : '';
        return `{"hash": "md5"${exec}, "md5": ${pythonJson(md5)}, "path": ${pythonJson(path)}}`;
      });
    parts.push(['deps', `[${items.join(', ')}]`]);
  }
  parts.push(['outs', `[${[...outs].sort(byCodeUnit).map(pythonJson).join(', ')}]`]);
  const params = paramsOf(stage, manifest);
  if (params.size > 0) parts.push(['params', jsonText(params)]);
  return `{${parts.map(([key, text]) => `"${key}": ${text}`).join(', ')}}`;
}

function paramsOf(stage: Stage, manifest: Manifest): Map<string, Value> {
  const files = new Map<string, Value>();
  for (const [file, texts] of Object.entries(manifest.params)) {
    const whole = texts[''];
    const values = new Map(Object.entries(texts).map(([key, text]) => [key, parseCanonical(text)]));
    files.set(posix.relative(stage.wdir, file), whole === undefined ? values : parseCanonical(whole));
  }
  return files;
}

function jsonText(value: Value): string {
  if (isMap(value)) {
    const keys = [...value.keys()].sort(byCodeUnit);
    return `{${keys.map((key) => `${pythonJson(key)}: ${jsonText(value.get(key) ?? null)}`).join(', ')}}`;
  }
  if (isList(value)) return `[${value.map(jsonText).join(', ')}]`;
  if (typeof value === 'string') return pythonJson(value);
  if (value === null) return 'null';
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return pythonText(fromValue(value, noPlace('')));
}
