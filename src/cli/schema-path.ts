// Where an editor finds the JSON Schema of a pipeline file, as its first line names it. Looks at names only.
import { relative, resolve } from 'node:path';
import { existsPath } from '../base/fs.ts';

const NAME = 'schema/pipeline.schema.json';

/** Of the installed package, at or above the folder; else one of the folder's own; else of this very program. */
export function schemaPath(folder: string): string {
  for (let at = folder; ; at = resolve(at, '..')) {
    const installed = `${at}/node_modules/repro/${NAME}`;
    if (existsPath(installed)) return beside(folder, installed);
    if (at === '/') break;
  }
  // Two folders up from here is the package, both in the sources and in what is built of them.
  return existsPath(`${folder}/${NAME}`) ? `./${NAME}` : resolve(import.meta.dirname, '../..', NAME);
}

function beside(folder: string, path: string): string {
  const near = relative(folder, path);
  return near.startsWith('.') ? near : `./${near}`;
}
