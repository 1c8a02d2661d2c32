// Every branch of the one place that decides, as a table: facts in, decision and reasons out.
import { expect, test } from 'vitest';
import type { Reason } from '../../src/base/reason.ts';
import type { Stage } from '../../src/config/stage.ts';
import { decideStage, isCallback } from '../../src/plan/decide.ts';
import type { DecideOptions, StageFacts } from '../../src/plan/decide.ts';
import { buildManifest } from '../../src/plan/manifest.ts';
import type { KnownInputs } from '../../src/plan/manifest.ts';
import { fingerprint } from '../../src/store/fingerprint.ts';
import type { RunRecord } from '../../src/store/records.ts';

const SPAN = { file: 'pipeline.yaml', line: 1, column: 1, length: 1, text: '' };
const [OLD, NEW, OTHER] = ['0'.repeat(64), '1'.repeat(64), '2'.repeat(64)] as const;

function stageWith(fields: Partial<Stage> = {}): Stage {
  return {
    name: 's',
    group: 's',
    cmd: ['make'],
    script: true,
    wdir: '.',
    deps: [{ path: 'in', glob: false, imports: true, span: SPAN }],
    params: [],
    outs: [out('o')],
    env: [],
    secrets: [],
    runtime: [],
    shell: 'sh',
    frozen: false,
    alwaysChanged: false,
    always: false,
    resources: new Map(),
    after: [],
    checks: [],
    span: SPAN,
    places: {},
    ...fields,
  };
}

function out(path: string, persist = false): Stage['outs'][number] {
  return { path, kind: 'out', cache: true, persist, push: true, span: SPAN };
}

function manifestOf(stage: Stage, input: string): ReturnType<typeof buildManifest> {
  const inputs: KnownInputs = { deps: { in: input }, packages: {}, params: {}, env: {}, runtime: {} };
  return buildManifest(stage, inputs);
}

function recordOf(stage: Stage, input: string, digest: string, startedAtMs = 1): RunRecord {
  const manifest = manifestOf(stage, input);
  return {
    version: 1,
    fingerprint: fingerprint(manifest),
    manifest,
    stage: stage.name,
    outs: Object.fromEntries(stage.outs.map(({ path }) => [path, { digest, size: 1 }])),
    startedAtMs,
    durationMs: 5,
    exitCode: 0,
    runId: `run-${startedAtMs}`,
    host: '',
    platform: '',
    node: '',
    tool: '',
    loaded: [],
  };
}

interface Case {
  readonly stage?: Partial<Stage>;
  /** Digest of the input now. */
  readonly input?: string;
  /** Input and out that the lock names. */
  readonly locked?: readonly [input: string, out: string];
  /** Digest of the out now; absent when undefined. */
  readonly out?: string;
  readonly records?: readonly (readonly [input: string, out: string])[];
  readonly objects?: readonly string[];
  readonly open?: { readonly awaits?: readonly string[]; readonly absent?: readonly string[] };
  readonly hindrances?: readonly Reason[];
  readonly when?: boolean | 'undecided';
  readonly options?: Partial<DecideOptions>;
}

function decide(given: Case): string {
  const stage = stageWith(given.stage);
  const records = (given.records ?? []).map(([input, digest], i) => recordOf(stage, input, digest, 9 - i));
  const locked = given.locked && {
    manifest: manifestOf(stage, given.locked[0]),
    outs: Object.fromEntries(stage.outs.map(({ path }) => [path, given.locked?.[1] ?? ''])),
  };
  const facts: StageFacts = {
    stage,
    inputs: given.open
      ? { kind: 'open', awaits: given.open.awaits ?? [], absent: given.open.absent ?? [] }
      : { kind: 'known', manifest: manifestOf(stage, given.input ?? OLD) },
    locked,
    outsNow: new Map(stage.outs.map(({ path }) => [path, given.out ?? null])),
    records: (wanted) => records.filter((record) => record.fingerprint === wanted),
    hasObject: (digest) => given.objects?.includes(digest) ?? false,
    storeHasRecords: records.length > 0,
    hindrances: given.hindrances ?? [],
    ...(given.when !== undefined && { when: given.when }),
  };
  const decision = decideStage(facts, { force: false, restore: true, ...given.options });
  const reasons = decision.reasons.map((reason) =>
    [reason.kind, detailOf(reason)].filter((part) => part !== '').join(' '),
  );
  const result = decision.result === undefined ? '' : ` -> ${(decision.result.outs['o'] ?? '').slice(0, 1)}`;
  return `${decision.kind}: ${reasons.join(', ')}${result}`;
}

function detailOf(reason: Reason): string {
  if ('path' in reason) return reason.path;
  if ('stage' in reason) return reason.stage;
  if ('change' in reason) return reason.change.kind;
  return 'runId' in reason ? reason.runId : '';
}

const ACTION: Partial<Stage> = { outs: [] };
const CALLBACK: Partial<Stage> = { outs: [], deps: [] };
const PERSIST: Partial<Stage> = { outs: [out('o', true)] };
const FAILED: Reason = { kind: 'upstream-failed', stage: 'u' };
const SKIPPED: Reason = { kind: 'upstream-skipped', stage: 'u' };
const UNCHECKED: Reason = { kind: 'check-failed', stage: 'u', check: 'r2 > 1' };
const BLOCKED: Reason = { kind: 'upstream-blocked', stage: 'u' };

test.each<[string, string, Case]>([
  ['never ran', 'run: first-run', {}],
  ['never ran, and its out is there by chance', 'run: first-run', { out: NEW }],
  ['the lock holds and the out is there', 'fresh:  -> 1', { locked: [OLD, NEW], out: NEW }],
  ['an input changed', 'run: changed dep', { locked: [OTHER, NEW], out: NEW }],
  ['out gone, nothing in the store', 'run: out-absent o -> 1', { locked: [OLD, NEW] }],
  ['out gone, object there', 'restore: out-absent o -> 1', { locked: [OLD, NEW], objects: [NEW] }],
  [
    'out gone, object and record there',
    'restore: out-absent o, known-result run-9 -> 1',
    { locked: [OLD, NEW], objects: [NEW], records: [[OLD, NEW]] },
  ],
  ['out edited, object there', 'restore: out-modified o -> 1', { locked: [OLD, NEW], out: OTHER, objects: [NEW] }],
  ['out edited, object gone', 'run: out-modified o -> 1', { locked: [OLD, NEW], out: OTHER }],
  [
    'no lock, a record whose object is there',
    'restore: first-run, known-result run-9 -> 1',
    { records: [[OLD, NEW]], objects: [NEW] },
  ],
  [
    'no lock, a record, and the out is in place',
    'restore: first-run, known-result run-9 -> 1',
    { records: [[OLD, NEW]], out: NEW },
  ],
  ['no lock, a record without its object', 'run: first-run', { records: [[OLD, NEW]] }],
  ['a record for other inputs', 'run: first-run', { records: [[OTHER, NEW]], objects: [NEW] }],
  [
    'changed back to what a record knows',
    'restore: changed dep, known-result run-9 -> 1',
    { locked: [OTHER, OTHER], out: OTHER, records: [[OLD, NEW]], objects: [NEW] },
  ],
  [
    'of two records the newer',
    'restore: first-run, known-result run-9 -> 1',
    {
      records: [
        [OLD, NEW],
        [OLD, OTHER],
      ],
      objects: [NEW, OTHER],
    },
  ],
  [
    'of two records the one that can be had',
    'restore: first-run, known-result run-8 -> 2',
    {
      records: [
        [OLD, NEW],
        [OLD, OTHER],
      ],
      objects: [OTHER],
    },
  ],
  [
    'of two records the one that the lock names',
    'restore: out-absent o, known-result run-8 -> 2',
    {
      locked: [OLD, OTHER],
      records: [
        [OLD, NEW],
        [OLD, OTHER],
      ],
      objects: [NEW, OTHER],
    },
  ],
  [
    'the lock`s result is gone, another record is there',
    'restore: out-absent o, known-result run-9 -> 1',
    { locked: [OLD, OTHER], records: [[OLD, NEW]], objects: [NEW] },
  ],
  [
    'restoring is forbidden',
    'run: out-absent o -> 1',
    { locked: [OLD, NEW], objects: [NEW], options: { restore: false } },
  ],
  ['forced although fresh', 'run: forced -> 1', { locked: [OLD, NEW], out: NEW, options: { force: true } }],
  ['forced with changed inputs', 'run: forced', { locked: [OTHER, NEW], out: NEW, options: { force: true } }],
  [
    'always_changed although fresh',
    'run: always-changed -> 1',
    { stage: { alwaysChanged: true }, locked: [OLD, NEW], out: NEW },
  ],
  ['a callback', 'run: callback -> ', { stage: CALLBACK, locked: [OLD, NEW] }],
  ['an action that never ran', 'run: first-run', { stage: ACTION }],
  ['an action whose lock holds', 'fresh:  -> ', { stage: ACTION, locked: [OLD, NEW] }],
  [
    'an action with a changed input is not restored',
    'run: changed dep',
    { stage: ACTION, locked: [OTHER, NEW], records: [[OLD, NEW]] },
  ],
  [
    'persist: the lock`s own result is restored',
    'restore: out-absent o -> 1',
    { stage: PERSIST, locked: [OLD, NEW], objects: [NEW] },
  ],
  [
    'persist: another record is not',
    'run: changed dep',
    { stage: PERSIST, locked: [OTHER, OTHER], records: [[OLD, NEW]], objects: [NEW] },
  ],
  ['an input that nothing makes', 'blocked: input-absent in', { open: { absent: ['in'] } }],
  ['absent goes before awaited', 'blocked: input-absent in', { open: { absent: ['in'], awaits: ['u'] } }],
  ['input to come, nothing known', 'run: first-run, awaits u', { open: { awaits: ['u'] } }],
  ['input to come, a lock entry', 'maybe: awaits u', { open: { awaits: ['u'] }, locked: [OLD, NEW] }],
  ['input to come, records in the store', 'maybe: awaits u', { open: { awaits: ['u'] }, records: [[OTHER, NEW]] }],
  [
    'input to come, forced',
    'run: forced, awaits u',
    { open: { awaits: ['u'] }, locked: [OLD, NEW], options: { force: true } },
  ],
  [
    'frozen, outs there, inputs changed',
    'fresh: frozen',
    { stage: { frozen: true }, locked: [OTHER, NEW], out: OTHER },
  ],
  [
    'frozen, outs gone, object there',
    'restore: frozen, out-absent o -> 1',
    { stage: { frozen: true }, locked: [OTHER, NEW], objects: [NEW] },
  ],
  ['frozen, outs gone for good', 'blocked: frozen, input-absent o', { stage: { frozen: true }, locked: [OTHER, NEW] }],
  [
    'frozen and forced is still not run',
    'fresh: frozen',
    { stage: { frozen: true }, out: NEW, options: { force: true } },
  ],
  ['frozen, an input is missing', 'fresh: frozen', { stage: { frozen: true }, out: NEW, open: { absent: ['in'] } }],
  ['when is false', 'skip: when-false', { when: false, locked: [OLD, NEW], out: NEW }],
  [
    'when is false goes before all else',
    'skip: when-false',
    { when: false, open: { absent: ['in'] }, hindrances: [FAILED], stage: { frozen: true } },
  ],
  ['when is undecided', 'maybe: when-undecided', { when: 'undecided', locked: [OLD, NEW], out: NEW }],
  [
    'when is undecided and an input is missing',
    'blocked: input-absent in',
    { when: 'undecided', open: { absent: ['in'] } },
  ],
  ['when is true', 'fresh:  -> 1', { when: true, locked: [OLD, NEW], out: NEW }],
  ['upstream failed', 'skip: upstream-failed u', { hindrances: [FAILED], locked: [OLD, NEW], out: NEW }],
  ['upstream was skipped', 'skip: upstream-skipped u', { hindrances: [SKIPPED] }],
  ['a check upstream failed', 'blocked: check-failed u', { hindrances: [UNCHECKED] }],
  ['upstream is blocked', 'blocked: upstream-blocked u', { hindrances: [FAILED, BLOCKED].slice(1) }],
  [
    'upstream failed and a check failed',
    'blocked: upstream-failed u, check-failed u',
    { hindrances: [FAILED, UNCHECKED] },
  ],
  ['forced does not unblock', 'blocked: check-failed u', { hindrances: [UNCHECKED], options: { force: true } }],
])('%s: %s', (_name, expected, given) => {
  expect(decide(given)).toBe(expected);
});

test('what counts as an input keeps a stage without outs from being a callback', () => {
  expect(isCallback(stageWith(CALLBACK))).toBe(true);
  for (const fields of [
    { env: ['A'] },
    { runtime: ['x'] },
    { params: [{ file: 'params.yaml', keys: [], span: SPAN }] },
  ]) {
    expect(isCallback(stageWith({ ...CALLBACK, ...fields }))).toBe(false);
  }
  expect(isCallback(stageWith({ deps: [] }))).toBe(false);
});
