// Ends every process of a run when the runner dies, however it dies: a tiny shell in a session of its own that reads a
// pipe from the runner. At the end of the pipe it kills the process groups that are still registered, then whatever
// carries the run's id in its environment, until nothing is left. Knows no stages. Never touches another process.
import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { markedProcesses, signalGroup, signalProcess } from './process-tree.ts';
import { canEnterRunGroup, runGroupOf } from './run-group.ts';
import type { RunGroup } from './run-group.ts';

export interface Reaper {
  /** A process is about to be started: from now on the death of this one must not leave it behind. */
  prepare(): void;
  /** The process group is alive from now on. */
  register(group: number): void;
  /** The process group is empty. */
  release(group: number): void;
  /** Kills what is still alive of this run; how many processes that were. The reaper is not needed any more. */
  close(): Promise<number>;
}

/** The environment variable by which the processes of a run are known, also those that left their group. */
export const RUN_ID_VARIABLE = 'REPRO_RUN_ID';

/** A reaper that dies is replaced; one that always dies at once is not worth a loop. */
const RESTART_LIMIT = 3;

/**
 * Groups are told to the reaper in batches: each message wakes it up, which costs a tenth of a trivial command. A group
 * that it has not been told yet is found by the mark of its leader.
 */
const BATCH_MS = 25;

/** A killed process is gone within a few of these; one of another user, or one that hangs in the kernel, never is. */
const ROUND_MS = 5;
const ROUNDS = 200;

/**
 * `$1` is the mark, `$2` the folder of the run's control group, if there is one: a reaper that replaces another one is
 * started inside it, and leaves it. `=` says that nothing of the run is left, and that the group alone is to be removed,
 * which can be done when the runner has ended. A process that is being forked while the list is read can be missed, so
 * two empty looks in a row are asked for. The number of rounds has a limit because a process of another user cannot be
 * killed.
 */
const SCRIPT = `
trap '' INT TERM HUP QUIT PIPE
[ -z "$2" ] || while read -r line; do
  case $line in *"/\${2##*/}") echo $$ > "\${2%/*}/cgroup.procs" ;; esac
done < /proc/self/cgroup
remove() {
  round=0
  until ! [ -d "$1" ] || rmdir "$1" || [ $round -gt 100 ]; do round=$((round + 1)); [ $round -lt 10 ] || sleep 0.05; done
}
groups=' ' over=''
while read -r verb group; do
  case $verb in
    +) groups="$groups$group " ;;
    -) case $groups in *" $group "*) groups="\${groups%% $group *} \${groups#* $group }" ;; esac ;;
    =) over=1 ;;
  esac
done
[ -z "$over" ] || { [ -z "$2" ] || remove "$2"; exit 0; }
for group in $groups; do kill -KILL "-$group"; done
if [ -n "$2" ]; then
  echo 1 > "$2/cgroup.kill"
  remove "$2"
fi
[ -d /proc/self ] || exit 0
empty=0 round=0
while [ $empty -lt 2 ] && [ $round -lt 200 ]; do
  round=$((round + 1))
  found=$(grep -lszxF -e "$1" /proc/[0-9]*/environ)
  if [ -z "$found" ]; then
    empty=$((empty + 1))
    [ $empty -gt 1 ] || sleep 0.1
  else
    empty=0
    for file in $found; do pid=\${file#/proc/} pid=\${pid%/environ}; kill -KILL "-$pid"; kill -KILL "$pid"; done
    [ $round -lt 20 ] || sleep 0.05
  fi
done
`;

/** The reaper of one run. Its process starts before the first one of the run. */
export function createReaper(runId: string): Reaper {
  return new ShellReaper(runId, undefined);
}

/**
 * The same. `confine`: this process does nothing else but this run, so it enters a control group, where the system has one,
 * in which all that it starts from then on is kept. That takes a while in which other things can be done. The reaper is to
 * stay outside, so it is started before.
 */
export async function startReaper(runId: string, confine: boolean): Promise<Reaper> {
  const group = confine ? runGroupOf(runId) : undefined;
  if (!group) return createReaper(runId);
  const reaper = new ShellReaper(runId, group);
  await reaper.enter(group);
  return reaper;
}

/** What `doctor` says about the means of this system. */
export function reaperMeans(platform: NodeJS.Platform = process.platform): string {
  if (platform === 'linux' && canEnterRunGroup())
    return 'a control group of the kernel for each run: nothing can leave it';
  return platform === 'linux'
    ? 'process groups, and a search of /proc for the id of the run'
    : 'process groups only: a process that leaves its group can outlive a killed runner';
}

class ShellReaper implements Reaper {
  readonly #mark: string;
  /** Its folder is the reaper's to remove. */
  readonly #runGroup: RunGroup | undefined;
  #isInside = false;
  readonly #groups = new Set<number>();
  /** The groups that the child knows. */
  readonly #told = new Set<number>();
  #batch: NodeJS.Timeout | undefined;
  #child: ChildProcess | undefined;
  #starts = 0;
  #closing = false;

  constructor(runId: string, runGroup: RunGroup | undefined) {
    this.#mark = `${RUN_ID_VARIABLE}=${runId}`;
    this.#runGroup = runGroup;
  }

  async enter(group: RunGroup): Promise<void> {
    this.#start();
    this.#isInside = await group.enter();
  }

  prepare(): void {
    if (this.#child === undefined) this.#start();
  }

  register(group: number): void {
    this.#groups.add(group);
    this.#batch ??= setTimeout(() => this.#tell(), BATCH_MS).unref();
  }

  release(group: number): void {
    this.#groups.delete(group);
    if (this.#told.has(group)) this.#batch ??= setTimeout(() => this.#tell(), BATCH_MS).unref();
  }

  async close(): Promise<number> {
    if (this.#closing) return 0;
    this.#closing = true;
    clearTimeout(this.#batch);
    return this.#starts === 0 ? 0 : this.#killAll();
  }

  async #killAll(): Promise<number> {
    const killed = new Set<number>();
    for (const group of this.#groups) if (signalGroup(group, 'SIGKILL')) killed.add(group);
    let left = this.#left();
    for (let round = 0; left.length > 0 && round < ROUNDS; round++) {
      for (const pid of left) {
        killed.add(pid);
        signalProcess(pid, 'SIGKILL');
      }
      await wait(ROUND_MS);
      left = this.#left();
    }
    // Nothing is left for the reaper to look for: it is told so, and not waited for.
    if (left.length === 0) this.#child?.stdin?.write('= 0\n');
    // The group is in use until this process has ended, which the reaper sees by the end of the pipe.
    if (this.#runGroup === undefined) this.#child?.stdin?.end();
    return killed.size;
  }

  /** The control group knows exactly; without one all processes are searched for the mark. */
  #left(): number[] {
    if (!this.#isInside || !this.#runGroup) return markedProcesses([this.#mark]);
    return this.#runGroup.others().filter((pid) => pid !== this.#child?.pid);
  }

  #tell(): void {
    clearTimeout(this.#batch);
    this.#batch = undefined;
    const gone = [...this.#told].filter((group) => !this.#groups.has(group));
    const fresh = [...this.#groups].filter((group) => !this.#told.has(group));
    for (const group of gone) this.#told.delete(group);
    for (const group of fresh) this.#told.add(group);
    const text = [...gone.map((group) => `- ${group}\n`), ...fresh.map((group) => `+ ${group}\n`)].join('');
    if (text !== '') this.#child?.stdin?.write(text);
  }

  #start(): void {
    if (this.#closing || this.#starts >= RESTART_LIMIT) return;
    this.#starts += 1;
    const child = spawn('/bin/sh', ['-c', SCRIPT, 'repro-reaper', this.#mark, this.#runGroup?.folder ?? ''], {
      cwd: '/',
      // Nothing of the user's environment but the way to grep, kill and sleep; above all not the mark of an outer run.
      env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' },
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    this.#child = child;
    // The runner ends when its own work is done: neither the child nor its pipe keeps the event loop alive.
    child.unref();
    const pipe = child.stdin as typeof child.stdin & { unref?: () => void };
    pipe?.unref?.();
    const lost = (): void => {
      if (this.#child !== child || this.#closing) return;
      this.#child = undefined;
      this.#told.clear();
      if (this.#groups.size > 0) this.#start();
    };
    child.once('exit', lost);
    child.once('error', lost);
    // A write to a reaper that has just died fails; its exit is what is acted on.
    child.stdin?.on('error', () => {});
    this.#tell();
  }
}
