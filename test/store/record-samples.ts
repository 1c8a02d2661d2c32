// Manifests and records for tests, with only what matters there said. Imports no test library: child processes use it too.
import type { Manifest } from '../../src/store/fingerprint.ts';
import { fingerprint } from '../../src/store/fingerprint.ts';
import type { OutRecord, RunRecord } from '../../src/store/records.ts';

export function manifestOf(parts: Partial<Manifest> = {}): Manifest {
  return {
    cmd: ['true'],
    shell: 'sh',
    wdir: '.',
    deps: {},
    packages: {},
    params: {},
    env: {},
    runtime: {},
    outs: ['out'],
    persist: [],
    ...parts,
  };
}

export function recordOf(outs: Record<string, OutRecord>, parts: Partial<RunRecord> = {}): RunRecord {
  const manifest = parts.manifest ?? manifestOf({ outs: Object.keys(outs) });
  return {
    version: 1,
    fingerprint: fingerprint(manifest),
    manifest,
    stage: 'train',
    outs,
    startedAtMs: 1_000,
    durationMs: 5,
    exitCode: 0,
    runId: 'r1',
    host: 'h',
    platform: 'linux',
    node: '26',
    tool: '0',
    loaded: [],
    ...parts,
  };
}
