// Whatever the bytes are: values or Problems with a place, never an exception. test/torture/yaml.ts does more of it.
import { expect, test } from 'vitest';
import { mutatedBytes } from './mutations.ts';
import { readAnything } from './read-anything.ts';

test('2,000 mutated files give values or problems, in both dialects and all formats', () => {
  let problems = 0;
  for (let seed = 0; seed < 2000; seed++) {
    try {
      problems += readAnything(mutatedBytes(seed), seed % 2 === 0 ? 'repro' : 'dvc').length;
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
  }
  expect(problems).toBeGreaterThan(2000);
});
