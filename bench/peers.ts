// The other programs that `repro` is measured beside: where they are on this machine, or what would install them. A peer is
// taken from REPRO_BENCH_<NAME> when that is set (empty: it is left out), else from bench/.peers (made by `npm run bench:setup`),
// else from PATH.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { cleanEnvironment } from './harness.ts';

export const PEER_NAMES = ['dvc', 'snakemake', 'make', 'ninja', 'turbo', 'wireit'] as const;
export type PeerName = (typeof PEER_NAMES)[number];

export interface FoundPeer {
  readonly kind: 'found';
  readonly program: string;
  readonly version: string;
}

export interface MissingPeer {
  readonly kind: 'missing';
  readonly how: string;
}

export const PEERS_FOLDER = process.env['REPRO_BENCH_PEERS'] ?? join(import.meta.dirname, '.peers');

/** Inside the folder of the peers; what Debian has is not installed there. */
export const PEER_PATHS: Readonly<Record<PeerName, string | undefined>> = {
  dvc: 'dvc/bin/dvc',
  snakemake: 'snakemake/bin/snakemake',
  make: undefined,
  ninja: undefined,
  turbo: 'npm/node_modules/.bin/turbo',
  wireit: 'npm/node_modules/.bin/wireit',
};

/** What the learning kit is compared with, each a module of one Python. */
export const KIT_MODULES = ['sklearn', 'lightgbm', 'optuna', 'evidently'] as const;
export type KitModule = (typeof KIT_MODULES)[number];
export const KIT_PATH = 'kit/bin/python';

const SETUP = 'npm run bench:setup';
const found = new Map<PeerName, FoundPeer | MissingPeer>();

export function findPeer(name: PeerName): FoundPeer | MissingPeer {
  const known = found.get(name);
  if (known) return known;
  const peer = lookUp(name);
  found.set(name, peer);
  return peer;
}

/** The Python that has this module, and the version of the module. */
export function findKitModule(module: KitModule): FoundPeer | MissingPeer {
  const python = process.env['REPRO_BENCH_PYTHON'] ?? join(PEERS_FOLDER, KIT_PATH);
  const how = `no Python with ${module}: ${SETUP}, or REPRO_BENCH_PYTHON`;
  if (!existsSync(python)) return { kind: 'missing', how };
  const version = output([python, '-c', `import importlib.metadata as m; print(m.version('${distribution(module)}'))`]);
  return version === undefined ? { kind: 'missing', how } : { kind: 'found', program: python, version };
}

/** All of them, by name: for the description of a result. */
export function peerVersions(): Record<string, string | null> {
  const all = [
    ...PEER_NAMES.map((name) => [name, findPeer(name)] as const),
    ...KIT_MODULES.map((name) => [name, findKitModule(name)] as const),
  ];
  return Object.fromEntries(all.map(([name, peer]) => [name, peer.kind === 'found' ? peer.version : null]));
}

function lookUp(name: PeerName): FoundPeer | MissingPeer {
  const own = PEER_PATHS[name];
  const named = process.env[`REPRO_BENCH_${name.toUpperCase()}`];
  const inPath = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name));
  const candidates =
    named === undefined ? [...(own === undefined ? [] : [join(PEERS_FOLDER, own)]), ...inPath] : [named];
  for (const program of candidates) {
    if (!existsSync(program)) continue;
    const version = versionOf(name, program);
    // What a version manager puts into PATH may lead to nothing.
    if (version !== undefined) return { kind: 'found', program, version };
  }
  return { kind: 'missing', how: `${name} is not installed: ${SETUP}` };
}

/** `wireit` has no option for it, and runs as a script of a package only. */
function versionOf(name: PeerName, program: string): string | undefined {
  if (name !== 'wireit') return output([program, '--version']);
  const own = join(dirname(program), '../wireit/package.json');
  return existsSync(own) ? (JSON.parse(readFileSync(own, 'utf8')) as { readonly version: string }).version : undefined;
}

function output([program = '', ...args]: readonly string[]): string | undefined {
  const end = spawnSync(program, args, { encoding: 'utf8', env: cleanEnvironment(), timeout: 60_000 });
  return end.status === 0 ? /\d+(?:\.\d+)+/.exec(end.stdout)?.[0] : undefined;
}

function distribution(module: KitModule): string {
  return module === 'sklearn' ? 'scikit-learn' : module;
}
