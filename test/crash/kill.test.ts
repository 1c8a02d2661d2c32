// The runner is killed with -9 at every failpoint and at random instants of a parallel run. Thousands of instants by
// `node test/torture/kill.ts N [SEED]`.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failpointNames } from '../rig/failpoints.ts';
import { Random } from '../rig/random.ts';
import { KillRig, scenarioOf } from './kill-rig.ts';

/** Reached only by a fault of the program itself, and in folders of very many files. */
const OUT_OF_REACH = /^(?:crash-log|folder-plan)\./;
const INSTANTS = 50;

describe('after a runner was killed the next one makes the same bytes and lock, and nothing of the killed one is left', () => {
  const rig = new KillRig();
  beforeAll(() => rig.prepare());
  afterAll(() => rig.dispose());

  test.each(failpointNames().filter((name) => !OUT_OF_REACH.test(name)))('killed at %s', async (name) => {
    const { wasKilled, wrong } = await rig.round({ kind: 'failpoint', spec: `${name}:1:kill` }, scenarioOf(name));
    expect(wrong).toEqual([]);
    expect(wasKilled).toBe(true);
  });

  test(`killed at ${INSTANTS} random instants`, async () => {
    const random = new Random(1);
    const { tookMs } = await rig.round({ kind: 'failpoint', spec: 'none:kill' });
    for (let n = 0; n < INSTANTS; n++) {
      const ms = tookMs * (0.1 + random.next());
      expect((await rig.round({ kind: 'after', ms })).wrong).toEqual([]);
    }
    expect(await rig.storeFaults()).toEqual([]);
  }, 600_000);
});
