// Which commit `base` in checks means: the one asked for, the one in the pipeline file, else what the surroundings say: a
// pull request, a push, HEAD. Reads git and the event of the CI only. Invariant: a revision that was left out of a shallow
// clone is never replaced by another one.
import { readText } from '../base/fs.ts';
import { headCommit, isShallow, mergeBase, resolveRevision } from '../base/git.ts';
import { problem, ReproError } from '../base/problem.ts';
import type { Problem } from '../base/problem.ts';
import { missingHint } from './revision.ts';

export interface WantedBase {
  readonly revision: string;
  /** Named on the command line, or written in the pipeline file. */
  readonly by: 'user' | 'pipeline';
}

export type BaseCommit =
  | {
      readonly kind: 'commit';
      readonly commit: string;
      /** As people call it: `HEAD`, `v1.0`, `the merge base with origin/main`. */
      readonly name: string;
    }
  /** `problem`: a check that compares with the base cannot be judged at all, and says so instead of passing. */
  | { readonly kind: 'none'; readonly why: string; readonly problem?: Problem };

type Environment = Readonly<Record<string, string | undefined>>;

/** Throws a usage error when the user named a revision that git does not know. */
export async function findBase(root: string, env: Environment, wanted: WantedBase | undefined): Promise<BaseCommit> {
  const head = headCommit(root) ?? (await resolveRevision(root, 'HEAD'));
  if (head === null && wanted?.by !== 'user') return { kind: 'none', why: 'there is no git commit' };
  if (wanted?.revision === 'HEAD' && head !== null) return { kind: 'commit', commit: head, name: 'HEAD' };
  if (wanted) {
    // A clone in CI often has the branches of its origin only.
    for (const name of [wanted.revision, `origin/${wanted.revision}`]) {
      const commit = await resolveRevision(root, name);
      if (commit !== null) return { kind: 'commit', commit, name };
    }
    if (wanted.by === 'user') throw new ReproError('usage', unavailable(wanted.revision, root));
    return missing(wanted.revision, root, isCi(env));
  }
  if (isCi(env)) return inCi(root, env);
  return head === null
    ? { kind: 'none', why: 'there is no git commit' }
    : { kind: 'commit', commit: head, name: 'HEAD' };
}

/** Pull request: where it left its base. Push: what was there before. */
async function inCi(root: string, env: Environment): Promise<BaseCommit> {
  const target = env['GITHUB_BASE_REF'] ?? '';
  if (target !== '') return pullRequest(root, `origin/${target}`);
  const before = beforePush(env['GITHUB_EVENT_PATH']);
  if (before !== undefined) {
    const commit = await resolveRevision(root, before);
    if (commit !== null) return { kind: 'commit', commit, name: 'the commit before the push' };
    // After a forced push it may be gone for good: then the commit before this one stands in.
    if (isShallow(root)) return missing(before.slice(0, 8), root, true);
  }
  const commit = await resolveRevision(root, 'HEAD^');
  if (commit !== null) return { kind: 'commit', commit, name: 'HEAD^' };
  if (isShallow(root)) return missing('HEAD^', root, true);
  if ((await resolveRevision(root, 'HEAD')) === null) return unreadable(env);
  return { kind: 'none', why: 'there is no commit before this one' };
}

/** A commit that the files of `.git` name, and that git does not give: it is not installed, or refuses this repository. */
export function unreadable(env: Environment): BaseCommit & { readonly kind: 'none' } {
  const why = 'git cannot read this repository';
  const found = problem('revision-missing', why, { hint: '`git status` says what is wrong' });
  return { kind: 'none', why, ...(isCi(env) && { problem: found }) };
}

async function pullRequest(root: string, target: string): Promise<BaseCommit> {
  const shared = await mergeBase(root, target, 'HEAD');
  if (shared !== null) return { kind: 'commit', commit: shared, name: `the merge base with ${target}` };
  const tip = isShallow(root) ? null : await resolveRevision(root, target);
  return tip === null ? missing(target, root, true) : { kind: 'commit', commit: tip, name: target };
}

function missing(revision: string, root: string, isError: boolean): BaseCommit {
  const found = unavailable(revision, root);
  const why = `the revision \`${revision}\` is not available${isShallow(root) ? ' in this shallow clone' : ''}`;
  return { kind: 'none', why, ...(isError && { problem: found }) };
}

function unavailable(revision: string, root: string): Problem {
  const message = `the base revision \`${revision}\` is not available`;
  return problem('revision-missing', message, { hint: missingHint(root) });
}

function isCi(env: Environment): boolean {
  return !['', '0', 'false', undefined].includes(env['CI']) || env['GITHUB_ACTIONS'] === 'true';
}

/** Absent for a new branch: there was nothing before. */
function beforePush(eventPath: string | undefined): string | undefined {
  const text = eventPath === undefined || eventPath === '' ? null : readText(eventPath);
  if (text === null) return undefined;
  try {
    const event: unknown = JSON.parse(text);
    const before = typeof event === 'object' && event !== null && 'before' in event ? event.before : undefined;
    return typeof before === 'string' && /^[0-9a-f]{40,64}$/.test(before) && !/^0+$/.test(before) ? before : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
