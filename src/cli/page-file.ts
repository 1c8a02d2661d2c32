// Where a page goes: `--output`, or a name of its own in the store, where git does not see it. The path is what the command
// prints. A page of that name is replaced, whole or not at all.
import { relative, resolve } from 'node:path';
import { explain } from '../base/fs-problem.ts';
import { statPath } from '../base/fs.ts';
import { writeAtomic } from '../base/fs-write.ts';
import { makePlace } from '../store/place.ts';
import type { StorePlace } from '../store/place.ts';
import { text } from './command.ts';
import type { Invocation, Terminal } from './command.ts';
import { safe } from './format.ts';

export function writePage(invocation: Invocation, place: StorePlace, name: string, page: string): void {
  const asked = text(invocation.values, 'output');
  const { cwd } = invocation.terminal;
  const path = asked === undefined ? undefined : placeOf(resolve(cwd, asked), asked.endsWith('/'), name);
  putPage(invocation, place, name, path, page);
}

/** For who has rules of its own for the path (absolute): without one, in the store. */
export function putPage(
  { terminal }: Invocation,
  place: StorePlace,
  name: string,
  path: string | undefined,
  page: string,
): void {
  const at = path ?? `${place.local}/${name}`;
  const near = relative(terminal.cwd, at);
  const shown = near.startsWith('../../') ? at : near;
  if (path === undefined) explain(`write ${shown}`, () => makePlace(place));
  writeShown(terminal, at, shown, page);
}

/** Makes the folders above it. */
export function writeShown({ out }: Terminal, path: string, shown: string, content: string): void {
  explain(`write ${shown}`, () => writeAtomic(path, content, { durable: false, point: 'page' }));
  out(`${safe(shown)}\n`);
}

/** A folder, there or written as one, gets the page under its own name. */
function placeOf(path: string, isFolder: boolean, name: string): string {
  return isFolder || statPath(path)?.isDirectory() === true ? `${path}/${name}` : path;
}
