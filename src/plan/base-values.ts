// The values that metrics had at the base revision: from git, else through that revision's lock from the store. Which
// revision that is: the one asked for, the one in the file, else what the surroundings say (pull request, push, HEAD).
// Touches no file of the workspace. What a commit holds never changes, so it is kept between commands.
import { readText } from '../base/fs.ts';
import { headCommit, mergeBase, resolveRevision } from '../base/git.ts';
import { problem, ReproError } from '../base/problem.ts';
import { canonicalText, parseCanonical } from '../base/value.ts';
import type { Dialect } from '../config/stage.ts';
import type { Objects } from '../store/objects.ts';
import type { BaseContent } from './check.ts';
import { PastFiles } from './past-files.ts';
import { parseValueFile } from './value-files.ts';
import type { KnownValues } from './value-files.ts';

export interface BasePorts {
  readonly root: string;
  readonly dialect: Dialect;
  /** The lock of the pipeline, absolute. */
  readonly lockPath: string;
  readonly objects: Objects;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly known: KnownValues;
}

/** Kept in place of a value: the commit has no such file. */
const ABSENT = 'absent';

export class BaseValues {
  readonly #ports: BasePorts;
  readonly #wanted: string | undefined;
  #commit: Promise<string | { readonly why: string }> | undefined;
  #past: PastFiles | undefined;
  /** Whether `known` holds something new. */
  changed = false;

  /** `wanted`: a revision that was named, on the command line or in the pipeline file. */
  constructor(ports: BasePorts, wanted: string | undefined) {
    this.#ports = ports;
    this.#wanted = wanted;
  }

  /** The commit that is compared with, or why there is none. */
  commit(): Promise<string | { readonly why: string }> {
    this.#commit ??= this.#findCommit();
    return this.#commit;
  }

  async load(paths: readonly string[]): Promise<ReadonlyMap<string, BaseContent>> {
    const contents = new Map<string, BaseContent>();
    if (paths.length === 0) return contents;
    this.#commit ??= this.#findCommit();
    const commit = await this.#commit;
    for (const path of paths)
      contents.set(path, typeof commit === 'string' ? await this.#at(commit, path) : { kind: 'no-base', ...commit });
    return contents;
  }

  async #at(commit: string, path: string): Promise<BaseContent> {
    const key = `${commit}:${path}`;
    const kept = this.#ports.known.get(key);
    if (kept !== undefined && kept !== ABSENT) return { kind: 'value', value: parseCanonical(kept) };
    const absent: BaseContent = { kind: 'no-base', why: `there was no \`${path}\` at ${commit.slice(0, 8)}` };
    if (kept === ABSENT) return absent;
    this.#past ??= new PastFiles(commit, this.#ports);
    const bytes = (await this.#past.read([path])).get(path) ?? null;
    const content = bytes === null ? absent : await parseValueFile(path, bytes, this.#ports.dialect);
    if (content.kind === 'value' || bytes === null) {
      this.#ports.known.set(key, content.kind === 'value' ? canonicalText(content.value) : ABSENT);
      this.changed = true;
    }
    return content;
  }

  async #findCommit(): Promise<string | { readonly why: string }> {
    const { root, env } = this.#ports;
    const head = headCommit(root) ?? (await resolveRevision(root, 'HEAD'));
    if (head === null) return { why: 'there is no git commit' };
    const revision = this.#wanted ?? (await surroundings(root, env));
    if (revision === 'HEAD') return head;
    const commit = await resolveRevision(root, revision);
    if (commit !== null) return commit;
    const hint =
      'the clone may be shallow: fetch the whole history (`fetch-depth: 0` in GitHub Actions, `git fetch --unshallow` elsewhere)';
    if (this.#wanted !== undefined || env['CI'] !== undefined) {
      throw new ReproError(
        'config',
        problem('revision-missing', `the base revision \`${revision}\` is not available`, { hint }),
      );
    }
    return { why: `the revision ${revision} is not available` };
  }
}

/** Pull request: where it left its base. Push: what was there before. Elsewhere: the last commit. */
async function surroundings(root: string, env: Readonly<Record<string, string | undefined>>): Promise<string> {
  if (env['GITHUB_ACTIONS'] === undefined) return 'HEAD';
  const target = env['GITHUB_BASE_REF'];
  if (target !== undefined && target !== '')
    return (await mergeBase(root, `origin/${target}`, 'HEAD')) ?? `origin/${target}`;
  const before = beforePush(env['GITHUB_EVENT_PATH']);
  return before !== undefined && (await resolveRevision(root, before)) !== null ? before : 'HEAD^';
}

function beforePush(eventPath: string | undefined): string | undefined {
  const text = eventPath === undefined ? null : readText(eventPath);
  if (text === null) return undefined;
  try {
    const event = JSON.parse(text) as { readonly before?: unknown };
    return typeof event.before === 'string' && !/^0+$/.test(event.before) ? event.before : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
