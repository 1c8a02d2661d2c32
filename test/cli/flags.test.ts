// Each flag of each command does something: a scenario in which it does is kept for every one, so that a flag without
// effect, and a new one that nobody tried, are found. Those of the commands that run stages: flags-running.test.ts.
import { afterAll, describe, expect, test } from 'vitest';
import { COMMON_OPTIONS } from '../../src/cli/arguments.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { JUDGING_FLAGS } from './flags/judging.ts';
import { KEEPING_FLAGS } from './flags/keeping.ts';
import { COMMON_FLAGS, LOOKING_FLAGS } from './flags/looking.ts';
import { RUNNING_FLAGS } from './flags/running.ts';
import { disposeShared, expectDifference } from './flags/scenario.ts';

const HERE = { ...LOOKING_FLAGS, ...JUDGING_FLAGS, ...KEEPING_FLAGS, ...COMMON_FLAGS };

afterAll(disposeShared);

test('every flag has a scenario, and every scenario a flag', () => {
  const flags = [
    ...COMMANDS.flatMap(({ name, options }) => Object.keys(options).map((flag) => `${name} --${flag}`)),
    ...Object.keys(COMMON_OPTIONS).map((flag) => `repro --${flag}`),
  ];
  expect(Object.keys({ ...HERE, ...RUNNING_FLAGS }).toSorted()).toEqual(flags.toSorted());
});

describe('what is seen is different with', () => {
  test.each(Object.entries(HERE))('%s', expectDifference);
});
