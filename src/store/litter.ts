// Temp files of runners that were killed. To be called by whoever holds the lock of the workspace, before it works: so
// they never pile up. Knows only names: what another host, or a process that still runs, has made is left alone.
import { explain } from '../base/fs-problem.ts';
import { readFolder, removeTree } from '../base/fs.ts';
import { isAbandonedTemp } from '../base/fs-write.ts';
import type { StorePlace } from './place.ts';

/** Gives how many there were. */
export function sweepLitter(place: StorePlace): number {
  const { root, local, shared } = place;
  const own = [local, `${local}/tmp`, `${local}/runs`, `${local}/folders`, `${local}/commits`];
  return explain('remove what a killed run left behind', () => {
    let swept = 0;
    for (const folder of new Set([root, ...own, shared, `${shared}/tmp`])) {
      for (const { name } of readFolder(folder)) {
        if (!isAbandonedTemp(name)) continue;
        removeTree(`${folder}/${name}`);
        swept += 1;
      }
    }
    return swept;
  });
}
