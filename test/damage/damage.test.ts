// Damage to every kind of file that is ours. What a damage can cost is time: never a wrong byte, never a stack trace.
// More of it by `node test/torture/faults.ts`.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Random } from '../rig/random.ts';
import { DAMAGES, DamageRig, KINDS, SITUATIONS } from './damage-rig.ts';

describe('a run makes the right bytes whatever happened to our files', () => {
  const rig = new DamageRig(5);
  beforeAll(() => rig.prepare());
  afterAll(() => rig.dispose());

  test.each(
    KINDS.filter((kind) => kind !== 'folder plan').flatMap((kind) => DAMAGES.map((damage) => [kind, damage] as const)),
  )('%s: %s', async (kind, damage) => {
    const files = rig.files(kind);
    expect(files).not.toEqual([]);
    const random = new Random(KINDS.indexOf(kind) * 100 + DAMAGES.indexOf(damage));
    for (const situation of SITUATIONS) {
      const file = files[random.below(files.length)] ?? '';
      expect(await rig.check(kind, file, damage, situation, random), `${file}, ${situation}`).toEqual([]);
    }
  });
});

describe('a run makes the right bytes whatever happened to the plan of a large folder', () => {
  const rig = new DamageRig(260);
  beforeAll(() => rig.prepare());
  afterAll(() => rig.dispose());

  test.each(DAMAGES)('%s', async (damage) => {
    const [file = ''] = rig.files('folder plan');
    expect(await rig.check('folder plan', file, damage, 'as it was', new Random(1))).toEqual([]);
  });
});
