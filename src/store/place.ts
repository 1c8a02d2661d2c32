// Where things lie: the project root, its own `.repro/`, and the folder of objects and records, which several workspaces
// may share (REPRO_STORE). Makes folders only when something is about to be written. Knows nothing of their content.
import { explain } from '../base/fs-problem.ts';
import { existsPath, makeFolder } from '../base/fs.ts';
import { writeAtomic } from '../base/fs-write.ts';

export interface StorePlace {
  /** Absolute, real path of the project. */
  readonly root: string;
  /** `<root>/.repro`: stat index, journal, runs, workspace lock, temp files. */
  readonly local: string;
  /** Objects and records; the same as `local` unless REPRO_STORE names another folder. */
  readonly shared: string;
}

export function storePlace(root: string, sharedFolder?: string): StorePlace {
  const local = `${root}/.repro`;
  const shared = sharedFolder === undefined || sharedFolder === '' ? local : absolute(root, sharedFolder);
  return { root, local, shared };
}

const IGNORE = '*\n';
const CACHE_TAG = 'Signature: 8a477f597d28d172789f06886806bc55\n# This folder can be made again by running repro.\n';

/** Makes both folders; git ignores them and backup programs know them as caches. */
export function makePlace(place: StorePlace): void {
  explain('make the store', () => {
    for (const folder of new Set([place.local, place.shared])) {
      if (existsPath(`${folder}/CACHEDIR.TAG`)) continue;
      makeFolder(`${folder}/tmp`);
      writeAtomic(`${folder}/.gitignore`, IGNORE, { durable: false, point: 'place' });
      writeAtomic(`${folder}/CACHEDIR.TAG`, CACHE_TAG, { durable: false, point: 'place' });
    }
  });
}

function absolute(root: string, path: string): string {
  const whole = path.startsWith('/') ? path : `${root}/${path}`;
  return whole.length > 1 ? whole.replace(/\/+$/, '') : whole;
}
