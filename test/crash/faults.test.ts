// Calls that fail, full disks, and a store that cannot be written. Every point with every error, and every disk size, by
// `node test/torture/faults.ts`.
import { chmodSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failpointNames } from '../rig/failpoints.ts';
import { project } from '../rig/project.ts';
import { treeDifferences, treeOf } from '../rig/tree.ts';
import { canMount, ERRNOS, FaultRig } from './fault-rig.ts';
import { inputs, killFiles, rightTree } from './project.ts';

const isCI = process.env['CI'] === 'true';

describe('a call that fails is told plainly, leaves the old state, and all works again afterwards', () => {
  const rig = new FaultRig();
  beforeAll(() => rig.prepare());
  afterAll(() => rig.dispose());

  // Each point once: the errors take turns, and so do failing once and failing from then on.
  const cases = failpointNames().map((point, n) => {
    const errno = Object.keys(ERRNOS)[n % 4] ?? 'EIO';
    return [point, errno, n % 3 === 0] as const;
  });
  test.each(cases)('%s: %s (from then on: %s)', async (point, errno, onwards) => {
    expect(await rig.failAt(point, errno, onwards)).toEqual([]);
  });
});

describe.skipIf(!canMount() && !isCI)('a disk that is too small', () => {
  const rig = new FaultRig();
  afterAll(() => rig.dispose());

  test('is said to be full at whichever write, and the run goes on when it is larger', async () => {
    const full: boolean[] = [];
    for (const sizeKiB of [28, 80, 200, 280, 4000]) {
      const { isFull, wrong } = await rig.fill(sizeKiB);
      expect(wrong, `${sizeKiB} KiB`).toEqual([]);
      full.push(isFull);
    }
    expect(full[0]).toBe(true);
    expect(full.at(-1)).toBe(false);
  });
});

const canDropRoot = process.getuid?.() === 0 && spawnSync('setpriv', ['--version']).status === 0;

describe.skipIf(!canMount() && !isCI)('a store that can only be read', () => {
  test('still serves what it has, says why it keeps nothing new, and is used again when it can be written', async () => {
    const workspace = project(killFiles('start'));
    await workspace.repro(['run']);
    const store = workspace.path('.repro');
    const mount = (...args: readonly string[]): void => {
      const ran = spawnSync('mount', args, { encoding: 'utf8' });
      expect(ran.stderr).toBe('');
    };
    mount('--bind', store, store);
    try {
      mount('-o', 'remount,ro,bind', store);
      await workspace.repro(['run']);
      await workspace.repro(['status']);
      workspace.write(inputs('other'));
      const ran = await workspace.repro(['run'], { code: 1 });
      expect(ran.stderr).toMatch(/read-only/);
      expect(workspace.read('final')).toContain('start');
    } finally {
      spawnSync('umount', ['-l', store]);
    }
    await workspace.repro(['run']);
    expect(treeDifferences(treeOf(workspace.root, ['.repro', 'pipeline.lock']), rightTree('other'))).toEqual([]);
  });
});

test.skipIf(!canDropRoot)('a store of somebody else is told as permission denied', () => {
  const workspace = project(killFiles('start'));
  chmodSync(workspace.outside, 0o755);
  const args = ['--reuid=65534', '--clear-groups', process.execPath, 'src/repro.ts', '--cd', workspace.root];
  const ran = spawnSync('setpriv', args, {
    cwd: `${import.meta.dirname}/../..`,
    env: workspace.env(),
    encoding: 'utf8',
  });
  expect(ran.stderr).toMatch(/permission denied/);
  expect(ran.status).toBe(1);
});
