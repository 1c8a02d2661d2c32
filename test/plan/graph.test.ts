// The graph: what orders two stages, what is refused, and that size is no problem. Pipelines are texts in memory; random
// graphs are compared with a checker that looks at each pair of stages.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Problem } from '../../src/base/problem.ts';
import { buildGraph } from '../../src/plan/graph.ts';
import type { BuiltGraph } from '../../src/plan/graph.ts';
import { codesOf, loadGood } from '../config/memory.ts';

function graphOf(stages: string): BuiltGraph {
  return buildGraph(loadGood(`stages:\n${stages}`));
}

/** `a>b` for each edge, sorted. */
function edgesOf({ graph }: BuiltGraph): string {
  return graph.upstream
    .flatMap((list, to) => list.map((from) => `${graph.stages[from]?.name}>${graph.stages[to]?.name}`))
    .sort()
    .join(' ');
}

function pointed({ span }: Pick<Problem, 'span'>): string | undefined {
  return span && `${span.line} ${span.text.slice(span.column - 1, span.column - 1 + span.length)}`;
}

describe('an edge', () => {
  const cases: readonly (readonly [what: string, second: string, edges: string])[] = [
    ['goes from an out to an equal dep', 'deps: [d/x.txt]', 'a>b'],
    ['goes from an out to a dep written in another way', 'deps: [./d//x.txt]', 'a>b'],
    ['goes from an out inside a folder dep', 'deps: [d]', 'a>b'],
    ['goes from a folder out to a dep inside it', 'deps: [f/deep/er.txt]', 'a>b'],
    ['goes from an out that a glob matches', 'deps: ["d/*.txt"]', 'a>b'],
    ['goes from a folder out in which a glob may match', 'deps: ["f/**/*.csv"]', 'a>b'],
    ['goes from an out that is a params file', 'params: [{ d/p.yaml: [k] }]', 'a>b'],
    ['goes from a stage named in after', 'after: [a]', 'a>b'],
    ['goes from the maker of a file that `when` reads', 'when: "d/m.json:x > 1"', 'a>b'],
    ['is drawn once, whatever the number of its reasons', 'deps: [d, f], after: [a]', 'a>b'],
    ['is not drawn for a name that only begins alike', 'deps: [d/x.txt.old, f2/x]', ''],
    ['is not drawn for a glob that cannot match', 'deps: ["d/*.csv"]', ''],
    ['is not drawn for a dep without a maker', 'deps: [z]', ''],
  ];
  test.each(cases)('%s', (_, second, edges) => {
    const built = graphOf(
      `  a: { cmd: x, outs: [d/x.txt, f, d/p.yaml], metrics: [d/m.json] }\n  b: { cmd: y, outs: [q], ${second} }\n`,
    );
    expect(built.problems).toEqual([]);
    expect(edgesOf(built)).toBe(edges);
  });

  test('from `after` names a group as a whole', () => {
    const built = graphOf('  a: { foreach: [1, 2], do: { cmd: "x ${item}" } }\n  b: { cmd: y, after: [a] }\n');
    expect(edgesOf(built)).toBe('a@1>b a@2>b');
  });
});

describe('refused with a place', () => {
  test('is a cycle, with its path and the line of each edge', () => {
    const { problems } = graphOf(
      '  a: { cmd: x, deps: [c.txt], outs: [a.txt] }\n  b: { cmd: x, deps: [a.txt], outs: [b.txt] }\n  c: { cmd: x, deps: [b.txt], outs: [c.txt] }\n  d: { cmd: x, deps: [a.txt] }\n',
    );
    expect(codesOf(problems)).toEqual(['cycle']);
    const [cycle] = problems;
    expect(cycle?.message).toBe('stages depend on each other in a circle: `a` -> `b` -> `c` -> `a`');
    expect(cycle?.notes?.map((note) => `${note.message}: ${pointed(note)}`)).toEqual([
      '`b` needs `a`: 3 a.txt',
      '`c` needs `b`: 4 b.txt',
      '`a` needs `c`: 2 c.txt',
    ]);
  });

  test('is the shortest cycle of several', () => {
    const { problems } = graphOf(
      '  a: { cmd: x, after: [d] }\n  b: { cmd: x, after: [a] }\n  c: { cmd: x, after: [b, d] }\n  d: { cmd: x, after: [c] }\n',
    );
    expect(problems[0]?.message).toBe('stages depend on each other in a circle: `c` -> `d` -> `c`');
  });

  const own: readonly (readonly [what: string, fields: string])[] = [
    ['a stage that reads its own out', 'deps: [o/x], outs: [o/x]'],
    ['a folder dep that holds an own out', 'deps: [o], outs: [o/x]'],
    ['a dep inside an own folder out', 'deps: [o/x], outs: [o]'],
    ['a glob that catches an own out', 'deps: ["o/*"], outs: [o/x]'],
    ['an own out as params file', 'params: [{ o.yaml: [k] }], outs: [o.yaml]'],
  ];
  test.each(own)('is %s', (_, fields) => {
    const { problems } = graphOf(`  a: { cmd: x, ${fields} }\n`);
    expect(codesOf(problems)).toEqual(['out-is-dep']);
    expect(problems[0]?.span?.line).toBe(2);
  });

  test('is a stage that comes after itself', () => {
    expect(codesOf(graphOf('  a: { cmd: x, after: [a] }\n').problems)).toEqual(['cycle']);
  });

  test('are two makers of one out, both shown', () => {
    const { problems } = graphOf('  a: { cmd: x, outs: [o] }\n  b: { cmd: x, outs: [./o/] }\n');
    expect(codesOf(problems)).toEqual(['out-duplicate']);
    expect([problems[0]?.span?.line, problems[0]?.notes?.[0]?.span?.line]).toEqual([3, 2]);
  });

  test('is an out inside an out, even of one stage', () => {
    expect(codesOf(graphOf('  a: { cmd: x, outs: [o, o/y/z] }\n').problems)).toEqual(['out-overlap']);
    expect(codesOf(graphOf('  a: { cmd: x, outs: [o/y] }\n  b: { cmd: x, outs: [o] }\n').problems)).toEqual([
      'out-overlap',
    ]);
  });

  test('is an unknown name in after, with the nearest one', () => {
    const { problems } = graphOf('  prepare: { cmd: x }\n  b: { cmd: x, after: [prepair] }\n');
    expect(codesOf(problems)).toEqual(['after-unknown']);
    expect(problems[0]?.hint).toBe('did you mean `prepare`?');
  });

  test('are outs that some file systems hold for one: a warning only', () => {
    const { problems } = graphOf('  a: { cmd: x, outs: [Model.bin] }\n  b: { cmd: x, outs: [model.bin] }\n');
    expect(problems.map((each) => `${each.severity} ${each.code}`)).toEqual(['warning out-case-twin']);
    const forms = graphOf('  a: { cmd: x, outs: ["caf\\u00e9"] }\n  b: { cmd: x, outs: ["cafe\\u0301"] }\n');
    expect(codesOf(forms.problems)).toEqual(['out-case-twin']);
  });
});

describe('size', () => {
  const SIZE = 10_000;

  test('a chain of 10,000 stages is ordered from its beginning', () => {
    const lines = Array.from({ length: SIZE }, (_, i) => `  s${i}: { cmd: x, deps: [f${i}], outs: [f${i + 1}] }`);
    const { graph, problems } = graphOf(lines.join('\n'));
    expect(problems).toEqual([]);
    expect(graph.order.map((at) => graph.stages[at]?.name)).toEqual(lines.map((_, i) => `s${i}`));
  });

  test('a ring of 10,000 stages is one problem', () => {
    const lines = Array.from(
      { length: SIZE },
      (_, i) => `  s${i}: { cmd: x, deps: [f${i}], outs: [f${(i + 1) % SIZE}] }`,
    );
    expect(codesOf(graphOf(lines.join('\n')).problems)).toEqual(['cycle']);
  });

  test('a stage may read what 10,000 others make', () => {
    const lines = Array.from({ length: SIZE }, (_, i) => `  s${i}: { cmd: x, outs: [d/f${i}] }`);
    const { graph } = graphOf([...lines, '  all: { cmd: x, deps: [d] }'].join('\n'));
    expect(graph.upstream[graph.position.get('all') ?? -1]).toHaveLength(SIZE);
  });
});

describe('random graphs', () => {
  const NAMES = ['a', 'b', 'a/b', 'a/c', 'a/b/c', 'b/c', 'c', 'c/a', 'd', 'd/d'] as const;
  const paths = (most: number): fc.Arbitrary<string[]> =>
    fc.uniqueArray(fc.constantFrom(...NAMES), { maxLength: most });
  const stagesOf = fc.array(
    fc.record({ deps: paths(3), outs: paths(2), after: fc.uniqueArray(fc.nat(7), { maxLength: 1 }) }),
    {
      minLength: 1,
      maxLength: 8,
    },
  );

  const covers = (a: string, b: string): boolean => a === b || b.startsWith(`${a}/`);
  const related = (a: string, b: string): boolean => covers(a, b) || covers(b, a);

  test('have the edges and faults that looking at each pair finds', () => {
    fc.assert(
      fc.property(stagesOf, (random) => {
        const stages = random.map((each) => ({ ...each, after: each.after.filter((n) => n < random.length) }));
        const text = stages.map(
          (each, i) =>
            `  s${i}: { cmd: x, deps: [${each.deps.join(', ')}], outs: [${each.outs.join(', ')}], after: [${each.after.map((n) => `s${n}`).join(', ')}] }`,
        );
        const built = graphOf(text.join('\n'));
        const codes = new Set(codesOf(built.problems));
        const all = stages.flatMap((each, i) => each.outs.map((path) => ({ path, i })));
        const pairs = all.flatMap((a, k) => all.slice(k + 1).map((b) => [a, b] as const));
        expect(codes.has('out-duplicate')).toBe(pairs.some(([a, b]) => a.path === b.path));
        expect(codes.has('out-overlap')).toBe(pairs.some(([a, b]) => a.path !== b.path && related(a.path, b.path)));
        if (codes.has('out-duplicate') || codes.has('out-overlap')) return;
        const own = stages.some((each) => each.deps.some((dep) => each.outs.some((out) => related(dep, out))));
        expect(codes.has('out-is-dep')).toBe(own);
        const edges = new Set<string>();
        stages.forEach((to, at) => {
          for (const [from, maker] of stages.entries()) {
            const data = maker.outs.some((out) => to.deps.some((dep) => related(dep, out)));
            if ((data && from !== at) || to.after.includes(from)) edges.add(`s${from}>s${at}`);
          }
        });
        expect(edgesOf(built)).toBe([...edges].sort().join(' '));
        if (!own) expect(codes.has('cycle')).toBe(hasCycle(stages.length, edges));
      }),
      { numRuns: 200 },
    );
  });

  /** Warshall's closure. */
  function hasCycle(count: number, edges: ReadonlySet<string>): boolean {
    const reach = Array.from({ length: count }, (_, a) =>
      Array.from({ length: count }, (__, b) => edges.has(`s${a}>s${b}`)),
    );
    for (let k = 0; k < count; k++)
      for (const row of reach) if (row[k]) for (let b = 0; b < count; b++) row[b] ||= reach[k]?.[b] ?? false;
    return reach.some((row, a) => row[a]);
  }
});
