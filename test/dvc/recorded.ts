// Projects as real DVC left them (bench/dvc/record_projects.py), put into a folder of a test's own.
import { createHash } from 'node:crypto';
import { chmodSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { project } from '../rig/project.ts';
import type { Workspace } from '../rig/workspace.ts';

const RECORDED = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures/projects.json'), 'utf8')) as Readonly<
  Record<string, Readonly<Record<string, string>>>
>;

export function recorded(name: 'python' | 'r'): Workspace {
  const workspace = project();
  for (const [key, text] of Object.entries(RECORDED[name] ?? {})) {
    const [path = '', mode] = key.split('\0');
    workspace.write({ [path]: Buffer.from(text, 'latin1') });
    if (mode === 'x') chmodSync(workspace.path(path), 0o755);
  }
  return workspace;
}

/** The same with a commit before the one that is checked out, whose result is in the cache only. */
export function recordedTwice(): Workspace {
  const workspace = recorded('python');
  const now = Object.keys(RECORDED['python-earlier'] ?? {}).map((path) => [path, workspace.read(path)] as const);
  workspace.write(RECORDED['python-earlier'] ?? {});
  workspace.gitInit();
  workspace.write(Object.fromEntries(now));
  workspace.git('commit', '--quiet', '--all', '--message', 'second');
  return workspace;
}

/** Digest of every file that belongs to DVC, to be compared before and after. */
export function dvcFiles(workspace: Workspace): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(workspace.root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name).slice(workspace.root.length + 1);
    const isDvc =
      /(?:^|\/)(?:dvc\.yaml|dvc\.lock|\.gitignore|\.dvcignore)$|\.dvc$/.test(path) || path.startsWith('.dvc/');
    if (!entry.isFile() || !isDvc || path.startsWith('.repro/')) continue;
    found[path] = createHash('sha256')
      .update(readFileSync(workspace.path(path)))
      .digest('hex');
  }
  return found;
}
