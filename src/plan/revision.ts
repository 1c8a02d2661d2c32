// A git revision that somebody named, as a commit, and what to do when git knows none. Asks git; reads no file.
import { isShallow, resolveRevision } from '../base/git.ts';
import { problem, ReproError } from '../base/problem.ts';

/** The full hash; throws a usage error when git knows no such revision. */
export async function commitNamed(root: string, revision: string): Promise<string> {
  const commit = await resolveRevision(root, revision);
  if (commit !== null) return commit;
  const message = `git knows no revision \`${revision}\``;
  throw new ReproError('usage', problem('revision-missing', message, { hint: missingHint(root) }));
}

/** Why a revision may be missing, and how it comes. */
export function missingHint(root: string): string {
  if (!isShallow(root)) return '`git branch --all` and `git tag` list what is here; fetch what is elsewhere first';
  return 'the clone is shallow: fetch the whole history (`fetch-depth: 0` in GitHub Actions, `git fetch --unshallow` elsewhere)';
}
