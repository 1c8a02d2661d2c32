// Kills a runner, lets the next one run to its end, and says what is not as if nothing had happened: bytes, lock,
// processes that survive, damage in the store, litter. One workspace goes through many rounds; a second one is never killed.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { run, show } from '../rig/in-process.ts';
import { processesByArgument, processesWith } from '../rig/processes.ts';
import { treeDifferences, treeOf } from '../rig/tree.ts';
import { CLI, Workspace } from '../rig/workspace.ts';
import { inputs, killFiles, rightTree, wordOf } from './project.ts';

export type Kill =
  | { readonly kind: 'failpoint'; readonly spec: string }
  | { readonly kind: 'after'; readonly ms: number };

/** What the killed command has to do, so that it comes by the place where it is killed. */
export const SCENARIOS = ['edit', 'restore', 'failing', 'first', 'gc', 'set'] as const;
export type Scenario = (typeof SCENARIOS)[number];

export interface Round {
  /** False when the runner had ended before it could be killed. */
  readonly wasKilled: boolean;
  /** What is wrong, in words; empty when all is right. */
  readonly wrong: readonly string[];
  /** From the start of the runner to its end. */
  readonly tookMs: number;
}

/** A process that is still there after so long has been forgotten by the reaper. */
const SURVIVAL_MS = 10_000;
const FSCK_EVERY = 10;
/** A run that is never killed costs as much as the round; the lock names every byte that the tree is compared by. */
const LOCK_EVERY = 3;
const OUTS = ['made', 'tree', 'big', 'knob.json', 'words.json', 'joined', 'final'];
const NOT_OURS = ['.repro', 'pipeline.lock'];

/** Where a failpoint is reached. */
export function scenarioOf(failpoint: string): Scenario {
  const [part = ''] = failpoint.split('.');
  if (part === 'restore') return 'restore';
  if (part === 'gc') return 'gc';
  if (part === 'place') return 'first';
  if (part === 'params') return 'set';
  return /^journal\.(?:before|after)-back$/.test(failpoint) ? 'failing' : 'edit';
}

export class KillRig {
  readonly #workspace = new Workspace(killFiles('start'));
  readonly #twin = new Workspace(killFiles('start'));
  #rounds = 0;
  #word = 'start';
  #left: ReadonlySet<string> = new Set();

  /** The first run, so that there are old outs to lose. */
  async prepare(): Promise<void> {
    await run(this.#workspace);
    await run(this.#twin);
  }

  async dispose(): Promise<void> {
    await this.#workspace.dispose();
    await this.#twin.dispose();
  }

  /** `again`: the runner that follows the killed one is killed too. */
  async round(kill: Kill, scenario: Scenario = 'edit', again?: Kill): Promise<Round> {
    this.#rounds += 1;
    const args = this.#set(scenario);
    const mark = `KILL_ROUND=${process.pid}-${this.#rounds}`;
    const first = await this.#killed(args, kill, mark);
    if (again) await this.#killed(args, again, mark);
    const wrong: string[] = [];
    this.#workspace.remove('fail');
    this.#workspace.write(inputs(this.#word));
    // At once: what the killed runner left behind may still be running.
    await run(this.#workspace, ['-j', '4']).catch((error: unknown) => wrong.push(`the next run: ${String(error)}`));
    wrong.push(...(await this.#contentFaults()), ...(await this.#survivors(mark, first.runIds)), ...this.#litter());
    if (this.#rounds % FSCK_EVERY === 0) wrong.push(...(await this.storeFaults()));
    return { wasKilled: first.wasKilled, wrong, tookMs: first.tookMs };
  }

  /** What `fsck` finds: it reads the whole store, which grows from round to round. */
  async storeFaults(): Promise<string[]> {
    const fsck = await show(this.#workspace, ['fsck']).catch((error: unknown) => String(error));
    return typeof fsck === 'string' ? [fsck] : [];
  }

  /** Gives the arguments of the command that is killed. */
  #set(scenario: Scenario): string[] {
    const runArgs = ['run', '--reporter', 'json', '-j', '4'];
    if (scenario === 'restore') {
      this.#workspace.remove(...OUTS);
      return runArgs;
    }
    this.#word = wordOf(this.#rounds);
    this.#workspace.write(inputs(this.#word));
    this.#twin.write(inputs(this.#word));
    if (scenario === 'failing') this.#workspace.write({ fail: '' });
    if (scenario === 'first') this.#workspace.remove('.repro', 'pipeline.lock', ...OUTS);
    if (scenario === 'gc') return ['gc', '--keep', '0s'];
    return scenario === 'set' ? [...runArgs, '-S', `word=${this.#word}x`] : runArgs;
  }

  async #contentFaults(): Promise<string[]> {
    const wrong = treeDifferences(treeOf(this.#workspace.root, NOT_OURS), rightTree(this.#word));
    if (this.#rounds % LOCK_EVERY !== 0) return wrong;
    await run(this.#twin, ['-j', '4']);
    if (this.#workspace.read('pipeline.lock') !== this.#twin.read('pipeline.lock')) wrong.push('pipeline.lock differs');
    return wrong;
  }

  async #survivors(mark: string, runIds: readonly string[]): Promise<string[]> {
    const left = (): number[] => [
      ...processesWith(mark),
      ...runIds.flatMap((id) => processesByArgument(`REPRO_RUN_ID=${id}`)),
    ];
    const deadlineMs = performance.now() + SURVIVAL_MS;
    while (left().length > 0 && performance.now() < deadlineMs) await wait(5);
    return left().map((pid) => `process ${pid} survives`);
  }

  /** Nothing that a killed runner leaves may stay after the next run, or it would grow. */
  #litter(): string[] {
    const names = readdirSync(this.#workspace.path('.repro'), { recursive: true, encoding: 'utf8' });
    // What lies in the folder of a run goes with that run.
    const kept = names.filter((name) => !/^runs\/[^/]+\//.test(name));
    // A runner that is killed while it says goodbye leaves nothing to do, so its temp file stays until there is.
    const before = this.#left;
    this.#left = new Set(kept.filter((name) => /(?:^|\/)\.tmp-/.test(name) || name.startsWith('journal/')));
    const stays = [...this.#left].filter((name) => before.has(name)).map((name) => `litter: .repro/${name}`);
    const epochs = kept.filter((name) => /^lock\/e\d+$/.test(name));
    return [...stays, ...(epochs.length === 1 ? [] : [`locks: ${epochs.join(' ')}`])];
  }

  #killed(
    args: readonly string[],
    kill: Kill,
    mark: string,
  ): Promise<{ wasKilled: boolean; tookMs: number; runIds: string[] }> {
    const [name = '', value = ''] = mark.split('=');
    const spec = kill.kind === 'failpoint' ? { REPRO_FAILPOINT: kill.spec } : {};
    const startMs = performance.now();
    const child = spawn(process.execPath, [CLI, ...args], {
      cwd: this.#workspace.root,
      env: this.#workspace.env({ [name]: value, ...spec }),
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    const timer = kill.kind === 'after' ? setTimeout(() => child.kill('SIGKILL'), kill.ms) : undefined;
    return new Promise((resolve) => {
      // Not `close`: stages of the killed runner may hold the pipe.
      child.once('exit', (_code, signal) => {
        clearTimeout(timer);
        const runIds = [...output.matchAll(/"runId":"([^"]+)"/g)].map(([, id]) => id ?? '');
        resolve({ wasKilled: signal === 'SIGKILL', tookMs: performance.now() - startMs, runIds: [...new Set(runIds)] });
      });
    });
  }
}
