// Where a page goes: `--output`, or a name of its own in the store, where git does not see it. The path is what the command
// prints. A page of that name is replaced, whole or not at all.
import { dirname, relative, resolve } from 'node:path';
import { explain } from '../base/fs-problem.ts';
import { makeFolder, statPath } from '../base/fs.ts';
import { writeAtomic } from '../base/fs-write.ts';
import { makePlace } from '../store/place.ts';
import type { StorePlace } from '../store/place.ts';
import { text } from './command.ts';
import type { Invocation } from './command.ts';
import { safe } from './format.ts';

export function writePage({ values, terminal }: Invocation, place: StorePlace, name: string, page: string): void {
  const asked = text(values, 'output');
  const path =
    asked === undefined ? `${place.local}/${name}` : placeOf(resolve(terminal.cwd, asked), asked.endsWith('/'), name);
  const near = relative(terminal.cwd, path);
  const shown = near.startsWith('../../') ? path : near;
  explain(`write ${shown}`, () => {
    if (asked === undefined) makePlace(place);
    else makeFolder(dirname(path));
    writeAtomic(path, page, { durable: false, point: 'page' });
  });
  terminal.out(`${safe(shown)}\n`);
}

/** A folder, there or written as one, gets the page under its own name. */
function placeOf(path: string, isFolder: boolean, name: string): string {
  return isFolder || statPath(path)?.isDirectory() === true ? `${path}/${name}` : path;
}
