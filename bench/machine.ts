// What a figure was taken on: the part of a result without which the rest means little.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly hasShaHardware: boolean;
  readonly memoryGiB: number;
  readonly kernel: string;
  /** Of the folder in which the projects lie. */
  readonly fileSystem: string;
  readonly node: string;
  readonly git: string;
  readonly commit: string;
  readonly loadAtStart: number;
}

export function describeMachine(): Machine {
  const git = (args: readonly string[]): string =>
    execFileSync('git', args, { cwd: join(import.meta.dirname, '..'), encoding: 'utf8' }).trim();
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    hasShaHardware: /\bsha_ni\b|\bsha2\b/.test(textOf('/proc/cpuinfo')),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    fileSystem: fileSystemOf(tmpdir()),
    node: process.version,
    git: git(['--version']).replace('git version ', ''),
    commit: git(['rev-parse', '--short=12', 'HEAD']),
    loadAtStart: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}

/** One sentence for a page. */
export function machineText(machine: Machine): string {
  const sha = machine.hasShaHardware ? 'SHA hardware' : 'no SHA hardware';
  return `${machine.cores} cores (${machine.cpu}, ${sha}), ${machine.memoryGiB} GiB, Linux ${machine.kernel}, ${machine.fileSystem}, Node ${machine.node.slice(1)}, git ${machine.git}; load ${machine.loadAtStart} at the start`;
}

/** The type of the mount that is nearest above the folder. */
function fileSystemOf(folder: string): string {
  const mounts = textOf('/proc/self/mounts')
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, at = '']) => at === '/' || folder === at || folder.startsWith(`${at}/`));
  const [, , type = 'unknown'] = mounts.toSorted(([, a = ''], [, b = '']) => b.length - a.length)[0] ?? [];
  return type;
}

function textOf(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}
