// Which stages a target means, and what comes with them.
import { describe, expect, test } from 'vitest';
import { buildGraph } from '../../src/plan/graph.ts';
import type { Graph } from '../../src/plan/graph.ts';
import { selectStages } from '../../src/plan/targets.ts';
import type { Reach } from '../../src/plan/targets.ts';
import { loadGood } from '../config/memory.ts';

const TEXT = `stages:
  get: { cmd: x, outs: [data/raw.csv] }
  prepare: { cmd: x, deps: [data/raw.csv], outs: [data/clean] }
  train:
    foreach: [a, b]
    do: { cmd: "x \${item}", deps: [data/clean], outs: ["models/\${item}.json"] }
  "odd * [name]": { cmd: x, outs: [odd] }
  last: { cmd: x, deps: [models] }
`;

function graphOf(text: string, file = 'pipeline.yaml'): Graph {
  return buildGraph(loadGood({ [file]: text })).graph;
}

function selected(graph: Graph, targets: readonly string[], reach: Reach): string {
  const { stages, problems } = selectStages(graph, targets, reach);
  const names = [...stages].sort((a, b) => a - b).map((at) => graph.stages[at]?.name);
  return [...names, ...problems.map((each) => `! ${each.message} (${each.hint})`)].join(', ');
}

describe('a target', () => {
  const cases: readonly (readonly [what: string, target: string, stages: string])[] = [
    ['is a stage', 'prepare', 'prepare'],
    ['is a stage of a group', 'train@a', 'train@a'],
    ['is a group', 'train', 'train@a, train@b'],
    ['is a glob over names', 'train@*', 'train@a, train@b'],
    ['is a glob with a set', '{get,prep*}', 'get, prepare'],
    ['is an out', 'data/raw.csv', 'get'],
    ['is an out as a user types it', './models/a.json', 'train@a'],
    ['is a file inside an out', 'data/clean/x.csv', 'prepare'],
    ['is a folder out with a slash', 'data/clean/', 'prepare'],
    ['is a name first, whatever it looks like', 'odd * [name]', 'odd * [name]'],
  ];
  test.each(cases)('%s', (_, target, stages) => {
    expect(selected(graphOf(TEXT), [target], 'single')).toBe(stages);
  });

  test('that is nothing is answered with the nearest name or out', () => {
    expect(selected(graphOf(TEXT), ['prepar', 'models/x.json'], 'single')).toBe(
      '! `prepar` is no stage, group or out of `pipeline.yaml` (did you mean `prepare`?), ' +
        '! `models/x.json` is no stage, group or out of `pipeline.yaml` (did you mean `models/a.json`?)',
    );
    expect(selected(graphOf(TEXT), ['zzzzzzzz'], 'single')).toContain('(`repro list` shows the stages)');
  });

  test('is relative to the folder of the pipeline file', () => {
    const graph = graphOf('stages: { a: { cmd: x, outs: [o] } }', 'sub/pipeline.yaml');
    expect(selected(graph, ['o'], 'single')).toBe('a');
    expect(selected(graph, ['sub/o'], 'single')).toMatch(/^!/);
  });
});

describe('with a target come', () => {
  test('the stages that it needs', () => {
    expect(selected(graphOf(TEXT), ['train@b'], 'with-upstream')).toBe('get, prepare, train@b');
  });

  test('with --downstream those that need it', () => {
    expect(selected(graphOf(TEXT), ['prepare'], 'downstream')).toBe('last, prepare, train@a, train@b');
  });

  test('nothing above a frozen stage, which needs nothing', () => {
    const graph = graphOf(TEXT.replace('prepare: {', 'prepare: { frozen: true,'));
    expect(selected(graph, ['train@b'], 'with-upstream')).toBe('prepare, train@b');
  });

  test('all stages when there is no target', () => {
    expect(selected(graphOf(TEXT), [], 'with-upstream').split(', ')).toHaveLength(6);
  });
});
