// The manifest: what is compared is what is hashed. Two random manifests have the same fingerprint exactly when no
// difference between them can be named.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { diffManifests } from '../../src/plan/manifest.ts';
import { fingerprint, sameManifest } from '../../src/store/fingerprint.ts';
import type { Manifest } from '../../src/store/fingerprint.ts';

const word = fc.constantFrom('a', 'b', 'c', '__proto__', '');
const texts = fc.dictionary(word, fc.constantFrom('1', '1.0', 'true'), { maxKeys: 2, noNullPrototype: true });
const names = fc.uniqueArray(fc.constantFrom('x', 'y', 'z'), { maxLength: 2 }).map((list) => list.sort());

const manifests: fc.Arbitrary<Manifest> = fc
  .record({
    cmd: fc.array(word, { maxLength: 2 }),
    shell: fc.constantFrom('sh', 'bash'),
    wdir: fc.constantFrom('.', 'w'),
    deps: texts,
    packages: texts,
    params: fc.dictionary(
      fc.constantFrom('p', 'q'),
      texts.filter((map) => Object.keys(map).length > 0),
      { maxKeys: 2, noNullPrototype: true },
    ),
    env: texts,
    runtime: texts,
    outs: names,
    persisting: fc.boolean(),
  })
  .map(({ persisting, ...rest }) => ({ ...rest, persist: persisting ? rest.outs : [] }));

test('fingerprints differ exactly when a difference can be named', () => {
  fc.assert(
    fc.property(manifests, manifests, (a, b) => {
      const differences = diffManifests(a, b);
      expect(fingerprint(a) === fingerprint(b)).toBe(differences.length === 0);
      expect(sameManifest(a, b)).toBe(differences.length === 0);
      expect(diffManifests(b, a)).toHaveLength(differences.length);
    }),
    { numRuns: 500 },
  );
});

test('the order in which maps were filled does not count', () => {
  fc.assert(
    fc.property(manifests, (manifest) => {
      const turned = (map: Readonly<Record<string, string>>): Record<string, string> =>
        Object.fromEntries(Object.entries(map).toReversed());
      const other = {
        ...manifest,
        deps: turned(manifest.deps),
        env: turned(manifest.env),
        packages: turned(manifest.packages),
      };
      expect(fingerprint(other)).toBe(fingerprint(manifest));
      expect(diffManifests(manifest, other)).toEqual([]);
    }),
  );
});
