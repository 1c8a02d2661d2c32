// `repro doctor`: what this system offers and which guarantees follow, one line each. Changes nothing.
import { availableParallelism, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { existsPath, fileSystemKind, mayWriteInto, realPath } from '../../base/fs.ts';
import { reaperMeans } from '../../base/reaper.ts';
import { captureTool } from '../../base/process.ts';
import { findProject } from '../../plan/project.ts';
import { storePlace } from '../../store/place.ts';
import type { StorePlace } from '../../store/place.ts';
import { flag, text } from '../command.ts';
import type { Invocation } from '../command.ts';
import { formatBytes, renderTable, safe } from '../format.ts';
import { printJson } from '../open.ts';
import { VERSION } from '../version.ts';
import { ReproError } from '../../base/problem.ts';

interface Finding {
  readonly name: string;
  readonly value: string;
  readonly ok: boolean;
}

export async function doctor(invocation: Invocation): Promise<number> {
  const findings = await examine(invocation);
  if (flag(invocation.values, 'json')) printJson(invocation.terminal, { findings });
  else
    invocation.terminal.out(
      renderTable(
        [],
        findings.map(({ name, value, ok }) => [ok ? 'ok' : '!!', name, safe(value)]),
      ),
    );
  return findings.every((finding) => finding.ok) ? 0 : 1;
}

async function examine({ terminal, values }: Invocation): Promise<Finding[]> {
  const findings: Finding[] = [
    { name: 'repro', value: VERSION, ok: true },
    {
      name: 'node',
      value: `${process.version} (${process.execPath})`,
      ok: Number(process.versions.node.split('.')[0]) >= 24,
    },
    {
      name: 'system',
      value: `${process.platform} ${process.arch}, ${availableParallelism()} cores, ${formatBytes(totalmem())} memory`,
      ok: true,
    },
    { name: 'stages that outlive a killed runner', value: reaperMeans(), ok: process.platform === 'linux' },
  ];
  const git = await captureTool('git', ['--version'], { cwd: terminal.cwd, timeoutMs: 10_000 });
  findings.push({
    name: 'git',
    value:
      git.code === 0
        ? git.stdout.trim().replace('git version ', '')
        : 'not found: runs are recorded without commit and branch',
    ok: true,
  });
  const root = projectRoot(terminal.cwd, text(values, 'file'));
  if (root === undefined)
    return [...findings, { name: 'project', value: 'there is no pipeline file here or above', ok: true }];
  const place = storePlace(root, terminal.env['REPRO_STORE']);
  findings.push({ name: 'project', value: root, ok: true }, storeFinding(place));
  findings.push(...fileSystemFindings(existsPath(place.shared) ? place.shared : root));
  return findings;
}

/** Both of its folders are needed; one that is not made yet, where it would be made. */
function storeFinding({ local, shared }: StorePlace): Finding {
  const closed = [...new Set([local, shared])].find((folder) => !mayWriteInto(nearestThere(folder)));
  const state = existsPath(shared) ? '' : ' (not made yet)';
  if (closed === undefined) return { name: 'store', value: `${shared}${state}`, ok: true };
  return { name: 'store', value: `${shared}${state}; nothing can be written into ${closed}`, ok: false };
}

function nearestThere(folder: string): string {
  return existsPath(folder) || folder === dirname(folder) ? folder : nearestThere(dirname(folder));
}

function projectRoot(cwd: string, file: string | undefined): string | undefined {
  try {
    return findProject(cwd, file).root;
  } catch (error) {
    if (error instanceof ReproError && file === undefined) return undefined;
    throw error;
  }
}

/** Magic numbers of statfs(2): which file systems share blocks between copies, and which keep no locks or exact times. */
const FILE_SYSTEMS: Readonly<
  Record<number, { readonly name: string; readonly reflink: boolean; readonly network: boolean }>
> = {
  0xef53: { name: 'ext4', reflink: false, network: false },
  0x58465342: { name: 'xfs', reflink: true, network: false },
  0x9123683e: { name: 'btrfs', reflink: true, network: false },
  0x01021994: { name: 'tmpfs', reflink: false, network: false },
  0x794c7630: { name: 'overlay', reflink: false, network: false },
  0x2fc12fc1: { name: 'zfs', reflink: true, network: false },
  0x6969: { name: 'nfs', reflink: false, network: true },
  0xff534d42: { name: 'cifs', reflink: false, network: true },
  0x65735546: { name: 'fuse', reflink: false, network: true },
};

function fileSystemFindings(folder: string): Finding[] {
  const kind = fileSystemKind(realPath(folder) ?? folder);
  if (!kind) return [];
  const known = FILE_SYSTEMS[kind.type];
  const name = known?.name ?? `type 0x${kind.type.toString(16)}`;
  return [
    {
      name: 'file system of the store',
      value: `${name}; ${known?.reflink ? 'copies share blocks (reflink)' : 'copies are full copies'}${known?.network ? '; over a network: time stamps get a wider margin' : ''}`,
      ok: true,
    },
    { name: 'free space', value: formatBytes(kind.freeBytes), ok: kind.freeBytes > 1 << 28 },
  ];
}
