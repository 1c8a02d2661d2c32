// What DVC says of content at a commit: the md5 of each out in every dvc.lock, and of the data that `.dvc` files track.
// Reads texts that it is given; finds the pipeline files of the commit by their names. Knows no cache.
import { posix } from 'node:path';
import { filesAt } from '../base/git.ts';
import { readDvcLock } from '../config/dvc-lock.ts';
import { DVC_IGNORE_DEFAULTS, IgnoreRules } from '../config/dvc-ignore.ts';
import type { DvcContent, Pipeline } from '../config/stage.ts';
import { ownName } from './dvc-names.ts';
import { isPipelineMember } from './dvc-project.ts';
import type { DvcProject } from './dvc-project.ts';

/** The DVC project as a commit has it. `now` gives the place of the cache. */
export async function dvcProjectAt(root: string, commit: string, now: DvcProject): Promise<DvcProject> {
  const all = (await filesAt(root, commit)) ?? [];
  const ignore = new IgnoreRules({ fileName: '.dvcignore', defaults: DVC_IGNORE_DEFAULTS, read: () => null });
  const members = all.filter((path) => isPipelineMember(path) || /[^/]\.dvc$/.test(path));
  return {
    members: members.toSorted((a, b) => a.split('/').length - b.split('/').length),
    ignore,
    ignoreFiles: [],
    cacheDir: now.cacheDir,
  };
}

/** The `dvc.lock` beside each dvc.yaml. */
export function dvcLocksOf(pipeline: Pipeline): readonly string[] {
  const files = (pipeline.members ?? [pipeline.file]).filter(isPipelineMember);
  return files.map((file) => posix.join(posix.dirname(file), 'dvc.lock'));
}

/** Path relative to the root -> what DVC knows of its content. */
export function dvcContents(
  pipeline: Pipeline,
  locks: ReadonlyMap<string, Uint8Array | null>,
): ReadonlyMap<string, DvcContent> {
  const contents = new Map<string, DvcContent>();
  for (const { path, content } of pipeline.tracked ?? []) if (content) contents.set(path, content);
  for (const [lock, bytes] of locks) {
    if (bytes === null) continue;
    const member = posix.join(posix.dirname(lock), 'dvc.yaml');
    const results = readDvcLock(lock, bytes);
    for (const stage of pipeline.stages) {
      if (stage.span.file !== member) continue;
      for (const { path, content } of results.get(ownName(stage, pipeline))?.outs ?? [])
        contents.set(posix.normalize(posix.join(stage.wdir, path)), content);
    }
  }
  return contents;
}
