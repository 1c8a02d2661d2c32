// What real DVC said of random projects after random edits (bench/dvc/record_verdicts.py), against `repro status`. A stage
// below one that changed is not compared: DVC does not look that far. Differences that docs/from-dvc.md lists are allowed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Reason } from '../../src/base/reason.ts';
import { show } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';
import type { Workspace } from '../rig/workspace.ts';

interface Step {
  readonly edit: string;
  readonly files: Readonly<Record<string, string | null>>;
  readonly refused?: string;
  /** Whether it is (also) an object that DVC's cache lacks. */
  readonly changed: Readonly<Record<string, boolean>>;
  readonly frozen: readonly string[];
  readonly edges: readonly (readonly [string, string])[];
  readonly stages: readonly string[];
}

interface Case {
  readonly seed: number;
  readonly files: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

const CASES = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures/verdicts.json'), 'utf8')) as readonly Case[];

interface Ours {
  readonly name: string;
  readonly decision: string;
  readonly reasons: readonly Reason[];
}

test.each(CASES.flatMap(({ seed, files, steps }) => steps.map((step) => [seed, step.edit, files, step] as const)))(
  'project %d after the edit "%s"',
  async (_seed, _edit, files, step) => {
    const workspace = project();
    write(workspace, { ...files, ...step.files });
    if (step.refused !== undefined) {
      await show(workspace, ['status', '--all'], { code: 3 });
      return;
    }
    const { stdout } = await show(workspace, ['status', '--json', '--all']);
    const { stages } = JSON.parse(stdout) as { stages: readonly Ours[] };
    expect(stages.map((stage) => stage.name).sort()).toEqual(step.stages);
    const unsure = belowChanges(stages, step);
    const compared = stages.filter((stage) => !unsure.has(stage.name));
    const differing = compared.filter(
      (stage) => Object.hasOwn(step.changed, stage.name) !== (stage.decision !== 'fresh') && !isListed(stage, step),
    );
    expect(differing).toEqual([]);
  },
);

function write(workspace: Workspace, files: Readonly<Record<string, string | null>>): void {
  for (const [key, text] of Object.entries(files)) {
    if (text !== null) workspace.write({ [key.split('\0')[0] ?? '']: Buffer.from(text, 'latin1') });
  }
}

function belowChanges(stages: readonly Ours[], step: Step): ReadonlySet<string> {
  const isChanged = (name: string): boolean =>
    Object.hasOwn(step.changed, name) || stages.some((stage) => stage.name === name && stage.decision !== 'fresh');
  const below = new Set<string>();
  for (let before = -1; before !== below.size;) {
    before = below.size;
    for (const [from, to] of step.edges) if (isChanged(from) || below.has(from)) below.add(to);
  }
  return below;
}

/** A dropped input or out, a value of another type, a frozen stage, an object that the cache lacks. */
function isListed(ours: Ours, step: Step): boolean {
  if (Object.hasOwn(step.changed, ours.name))
    return step.frozen.includes(ours.name) || step.changed[ours.name] === true;
  const changes = ours.reasons.flatMap((reason) => (reason.kind === 'changed' ? [reason.change] : []));
  return changes.length > 0 && changes.every((change) => change.after === null || change.kind === 'param');
}
