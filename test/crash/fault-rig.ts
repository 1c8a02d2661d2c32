// A runner whose disk fails: at a named place, or because it is full. It has to say so plainly, leave the old outs and a
// readable lock behind, and work again when the disk does.
import { spawnSync } from 'node:child_process';
import { mkdirSync, statfsSync } from 'node:fs';
import { run } from '../rig/in-process.ts';
import { treeDifferences, treeOf } from '../rig/tree.ts';
import { Workspace } from '../rig/workspace.ts';
import { readLock } from '../../src/store/lock.ts';
import { scenarioOf } from './kill-rig.ts';
import { inputs, killFiles, rightTree, wordOf } from './project.ts';

/** What the system says, and what the user is told. */
export const ERRNOS: Readonly<Record<string, RegExp>> = {
  ENOSPC: /the disk is full/,
  EIO: /input\/output error/,
  EACCES: /permission denied/,
  EMFILE: /too many open files/,
};

const NOT_OURS = ['.repro', 'pipeline.lock'];
const OUTS = ['made', 'tree', 'big', 'knob.json', 'words.json', 'joined', 'final'];

export class FaultRig {
  readonly workspace = new Workspace(killFiles('start'));
  #rounds = 0;
  #word = 'start';

  async prepare(): Promise<void> {
    await run(this.workspace);
  }

  dispose(): Promise<void> {
    return this.workspace.dispose();
  }

  /** `onwards`: the call fails from then on, not once. Gives what is wrong. */
  async failAt(point: string, errno: string, onwards: boolean): Promise<string[]> {
    this.#rounds += 1;
    const scenario = scenarioOf(point);
    const before = this.#word;
    const { workspace } = this;
    if (scenario === 'restore') workspace.remove(...OUTS);
    else this.#next();
    if (scenario === 'failing') workspace.write({ fail: '' });
    if (scenario === 'first') workspace.remove('.repro', 'pipeline.lock', ...OUTS);
    const args = scenario === 'gc' ? ['gc', '--keep', '0s'] : ['run', '-j', '2'];
    if (scenario === 'set') args.push('-S', `word=${this.#word}x`);
    const ran = await workspace.repro(args, {
      code: 'any',
      env: { REPRO_FAILPOINT: `${point}:${onwards ? '1+' : '1'}:${errno}` },
    });
    const wrong = told(ran, errno);
    if (scenario === 'edit') wrong.push(...this.#halves(before));
    workspace.remove('fail');
    workspace.write(inputs(this.#word));
    return [...wrong, ...(await this.#worksAgain())];
  }

  /** The same on a disk of this size; on the first that is large enough `isFull` is false. Needs root. */
  async fill(sizeKiB: number): Promise<{ readonly isFull: boolean; readonly wrong: string[] }> {
    const disk = new Workspace();
    const at = disk.path('disk');
    mkdirSync(at);
    mount(['-t', 'tmpfs', '-o', `size=${sizeKiB}k`, 'tmpfs', at]);
    try {
      const files = Object.entries(killFiles('start')).map(([name, content]) => [`disk/${name}`, content] as const);
      disk.write(Object.fromEntries(files));
      const ran = await disk.repro(['run', '-j', '2'], { code: 'any', cwd: 'disk' });
      const isFull = ran.code !== 0;
      const wrong = told(ran, 'ENOSPC');
      if (isFull && !ERRNOS['ENOSPC']?.test(ran.stderr + ran.stdout) && !/No space left/.test(ran.stdout + ran.stderr))
        wrong.push(`nothing is said of the disk:\n${ran.stdout}${ran.stderr}`);
      mount(['-o', 'remount,size=64m', at]);
      await disk.repro(['run'], { cwd: 'disk' });
      wrong.push(...treeDifferences(treeOf(at, NOT_OURS), rightTree('start')));
      return { isFull, wrong };
    } catch (error) {
      return { isFull: true, wrong: [String(error)] };
    } finally {
      spawnSync('umount', ['-l', at]);
      await disk.dispose();
    }
  }

  #next(): void {
    this.#word = wordOf(this.#rounds);
    this.workspace.write(inputs(this.#word));
  }

  /** Each out is wholly that of before or wholly the new one, and the lock can be read. */
  #halves(before: string): string[] {
    const now = treeOf(this.workspace.root, NOT_OURS);
    const [old, next] = [rightTree(before), rightTree(this.#word)];
    const outs = [...old.keys()].filter((path) => OUTS.includes(path.split('/')[0] ?? ''));
    // `join` reads more than one stage, so what it makes may also be of both.
    const half = outs.filter((path) => ![old.get(path), next.get(path)].includes(now.get(path)));
    const lock = readLock(this.workspace.path('pipeline.lock'));
    return [...half.map((path) => `${path} is neither old nor new`), ...lock.problems.map((found) => found.message)];
  }

  async #worksAgain(): Promise<string[]> {
    try {
      await run(this.workspace, ['-j', '2']);
      return treeDifferences(treeOf(this.workspace.root, NOT_OURS), rightTree(this.#word));
    } catch (error) {
      return [`afterwards: ${String(error)}`];
    }
  }
}

/** Either it went well all the same, or it ended as a failure that is told in our words. */
function told(
  ran: { readonly code: number; readonly stdout: string; readonly stderr: string },
  errno: string,
): string[] {
  const text = ran.stdout + ran.stderr;
  if (/^ {4}at .+:\d+:\d+\)?$/m.test(text)) return [`a stack trace was shown:\n${text}`];
  if (ran.code === 0) return [];
  if (ran.code !== 1) return [`exit code ${ran.code}:\n${text}`];
  const isTold = ERRNOS[errno]?.test(text) === true || /fail/.test(text) || /No space left/.test(text);
  return isTold ? [] : [`${errno} is not told:\n${text}`];
}

/** Whether this process may mount a file system. */
export function canMount(): boolean {
  const probe = new Workspace();
  const ran = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', probe.root]);
  const isMounted = ran.status === 0 && statfsSync(probe.root).blocks <= 16;
  if (ran.status === 0) spawnSync('umount', ['-l', probe.root]);
  void probe.dispose();
  return isMounted;
}

function mount(args: readonly string[]): void {
  const ran = spawnSync('mount', args, { encoding: 'utf8' });
  if (ran.status !== 0) throw new Error(`mount ${args.join(' ')}: ${ran.stderr}`);
}
