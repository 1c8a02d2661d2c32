// The package as npm would give it to others: packed here, unpacked below a folder, beside what it declares to need.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

interface LockEntry {
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly devOptional?: boolean;
  readonly link?: boolean;
}

/** Fills `<folder>/node_modules` with the package and copies of all that it needs, as the lock of this repository says. */
export function installPacked(folder: string, scratch: string): void {
  const env = { ...process.env, npm_config_cache: join(scratch, 'cache') };
  const pack = ['pack', '--offline', '--ignore-scripts', '--silent', '--pack-destination', scratch];
  execFileSync('npm', pack, { cwd: ROOT, env });
  const tarball = readdirSync(scratch).find((name) => name.endsWith('.tgz')) ?? '';
  const own = join(folder, 'node_modules/repro');
  mkdirSync(own, { recursive: true });
  execFileSync('tar', ['-xzf', join(scratch, tarball), '-C', own, '--strip-components=1']);
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, LockEntry>>;
  };
  for (const [path, { dev, optional, devOptional, link }] of Object.entries(lock.packages))
    if (path.startsWith('node_modules/') && !(dev ?? optional ?? devOptional ?? link))
      cpSync(join(ROOT, path), join(folder, path), { recursive: true });
  mkdirSync(join(folder, 'node_modules/.bin'));
  symlinkSync('../repro/dist/repro.js', join(folder, 'node_modules/.bin/repro'));
}
