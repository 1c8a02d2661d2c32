// Each flag of run, watch and ci does something; that none was forgotten: flags.test.ts.
import { describe, test } from 'vitest';
import { RUNNING_FLAGS } from './flags/running.ts';
import { expectDifference } from './flags/scenario.ts';

describe('what is seen is different with', () => {
  test.each(Object.entries(RUNNING_FLAGS))('%s', expectDifference);
});
