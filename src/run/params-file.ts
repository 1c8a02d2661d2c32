// REPRO_PARAMS: exactly the declared params of a stage as a JSON file, nested by their dotted keys, so that a stage needs
// no YAML parser. Values of several params files are merged; the default file comes last and wins.
import { explain } from '../base/fs-problem.ts';
import { makeFolder } from '../base/fs.ts';
import { writeAtomic } from '../base/fs-write.ts';
import { isMap, parseCanonical, toPlain } from '../base/value.ts';
import type { Stage } from '../config/stage.ts';
import { fileNameOf } from '../store/file-name.ts';
import type { Manifest } from '../store/fingerprint.ts';
import type { RunContext } from './context.ts';

/** The path of the file; undefined for a stage without params. */
export function paramsFile(
  stage: Stage,
  params: Manifest['params'],
  context: Pick<RunContext, 'runFolder'>,
): string | undefined {
  if (stage.params.length === 0) return undefined;
  const folder = `${context.runFolder}/params`;
  const path = `${folder}/${fileNameOf(stage.name)}.json`;
  const text = `${JSON.stringify(nestedParams(stage, params), null, 2)}\n`;
  explain('write the params of a stage', () => {
    makeFolder(folder);
    writeAtomic(path, text, { durable: false, point: 'params-file' });
  });
  return path;
}

function nestedParams(stage: Stage, params: Manifest['params']): object {
  const root: Record<string, unknown> = {};
  for (const ref of stage.params.toReversed()) {
    for (const [key, canonical] of Object.entries(params[ref.file] ?? {})) {
      const value = parseCanonical(canonical);
      if (key !== '') setNested(root, key.split('.'), toPlain(value));
      else if (isMap(value)) for (const [name, item] of value) define(root, name, toPlain(item));
    }
  }
  return root;
}

function setNested(root: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let at = root;
  for (const [i, part] of path.slice(0, -1).entries()) {
    const next = Object.hasOwn(at, part) ? at[part] : undefined;
    if (holds(next, path[i + 1] ?? '')) at = next;
    else {
      const made: Record<string, unknown> = {};
      define(at, part, made);
      at = made;
    }
  }
  define(at, path.at(-1) ?? '', value);
}

/** Whether a key can stand in it: any in a map; in a list, which was declared whole, the place of an item. */
function holds(value: unknown, key: string): value is Record<string, unknown> {
  if (Array.isArray(value)) return Object.hasOwn(value, key) && key !== 'length';
  return typeof value === 'object' && value !== null;
}

/** A key may be called `__proto__`. */
function define(target: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}
