// `npm run bench:setup [NAME...]`: installs the peers that the benches compare with into bench/.peers (ignored by git): one
// virtual environment of Python for each program, one folder of npm. Touches nothing of the project and installs nothing on
// the system: what Debian has, it asks for.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findPeer, peerVersions, PEERS_FOLDER } from './peers.ts';

const ENVIRONMENTS: Readonly<Record<string, readonly string[]>> = {
  dvc: ['dvc==3.67.1'],
  snakemake: ['snakemake==9.27.0'],
  kit: ['scikit-learn', 'lightgbm', 'optuna==5.0.0', 'evidently==0.7.23', 'pandas<3'],
};
const NPM = ['turbo@2.11.11', 'wireit@0.14.13'];
const DEBIAN = { make: 'make', ninja: 'ninja-build' } as const;

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => name !== 'npm' && !Object.hasOwn(ENVIRONMENTS, name));
if (unknown.length > 0) {
  console.error(`there is nothing called ${unknown.join(', ')}; names: ${Object.keys(ENVIRONMENTS).join(', ')}, npm`);
  process.exit(2);
}
const isWanted = (name: string): boolean => wanted.length === 0 || wanted.includes(name);
let failures = 0;

mkdirSync(PEERS_FOLDER, { recursive: true });
for (const [name, packages] of Object.entries(ENVIRONMENTS)) {
  if (!isWanted(name)) continue;
  const folder = join(PEERS_FOLDER, name);
  const isMade = run('python3', ['-m', 'venv', folder], PEERS_FOLDER);
  if (
    !isMade ||
    !run(join(folder, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', ...packages], folder)
  )
    failures += 1;
}
if (isWanted('npm')) {
  const folder = join(PEERS_FOLDER, 'npm');
  mkdirSync(folder, { recursive: true });
  // A package of its own: npm would else look for one above, and find the project's.
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  if (!run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--save-exact', ...NPM], folder))
    failures += 1;
}

const absent = Object.entries(DEBIAN).filter(([name]) => findPeer(name as keyof typeof DEBIAN).kind === 'missing');
if (absent.length > 0) console.log(`not installed: apt-get install ${absent.map(([, name]) => name).join(' ')}`);
for (const [name, version] of Object.entries(peerVersions())) console.log(`${name.padEnd(10)} ${version ?? 'missing'}`);
process.exitCode = failures > 0 ? 1 : 0;

function run(program: string, args: readonly string[], cwd: string): boolean {
  console.log(`${program} ${args.join(' ')}`);
  return spawnSync(program, args, { cwd, stdio: 'inherit' }).status === 0;
}
