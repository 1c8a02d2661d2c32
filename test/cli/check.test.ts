// `repro check` as its user sees it: the table, the blocks of a narrow terminal, what it says when there is nothing to judge.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { renderChecks } from '../../src/cli/check-table.ts';
import { width } from '../../src/cli/format.ts';
import { palette } from '../../src/cli/palette.ts';
import type { JudgedCheck } from '../../src/report/judged.ts';
import { run, show } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';
import { treeDifferences, treeOf } from '../rig/tree.ts';
import type { Workspace } from '../rig/workspace.ts';

const PIPELINE = `stages:
  train:
    matrix: { model: [ridge, forest] }
    cmd: cp in.json m_\${item.model}.json
    deps: [in.json]
    metrics: ["m_\${item.model}.json"]
    checks:
      - r2 > 0.7 and not (mae > 3)
      - r2 >= base - 0.01
      - { expr: 95% < r2, severity: warn }
  eval: { cmd: cp in.json e.json, deps: [in.json, m_ridge.json], metrics: [e.json], checks: [r3 > 0] }
checks: ["m_ridge.json:r2 >= m_forest.json:r2", "m_ridge.json:name == 'x'"]
`;

async function judged(): Promise<Workspace> {
  const work = project({ 'pipeline.yaml': PIPELINE, 'in.json': { r2: 0.8123456789, mae: 2, name: 'x' } });
  await run(work, [], { code: 4 });
  work.gitInit();
  return work;
}

test('each check has value, threshold, margin, base and verdict; a compound one shows its parts', async () => {
  const work = await judged();
  const before = treeOf(work.root);
  const { stdout, stderr } = await show(work, ['check'], { code: 4 });
  const commit = work.git('rev-parse', '--short=8', 'HEAD').trim();
  expect(stdout).toBe(`         STAGE         CHECK                                VALUE     THRESHOLD    MARGIN   BASE
passed   train@forest  r2 > 0.7 and not (mae > 3)
                       ✓ r2 > 0.7                           0.812346  > 0.7        +0.1123  0.812346
                       ✓ not (mae > 3)                      2         <= 3         +1       2
passed   train@forest  r2 >= base - 0.01                    0.812346  >= 0.802346  +0.01    0.812346
warning  train@forest  95% < r2                             0.812346  > 0.95       -0.1377  0.812346
passed   train@ridge   r2 > 0.7 and not (mae > 3)
                       ✓ r2 > 0.7                           0.812346  > 0.7        +0.1123  0.812346
                       ✓ not (mae > 3)                      2         <= 3         +1       2
passed   train@ridge   r2 >= base - 0.01                    0.812346  >= 0.802346  +0.01    0.812346
warning  train@ridge   95% < r2                             0.812346  > 0.95       -0.1377  0.812346
passed   train@ridge   m_ridge.json:name == 'x'             x         == x                  x
failed   eval          r3 > 0                               -         > 0                   -
         \`r3\` is missing
passed   (pipeline)    m_ridge.json:r2 >= m_forest.json:r2  0.812346  >= 0.812346  0

! train@forest: 95% < r2
  ──▶ pipeline.yaml:10
  r2 = 0.812346, as at HEAD (${commit})
  nothing that train@forest is made from changed since HEAD (${commit})

! train@ridge: 95% < r2
  ──▶ pipeline.yaml:10
  r2 = 0.812346, as at HEAD (${commit})
  nothing that train@ridge is made from changed since HEAD (${commit})

✗ eval: r3 > 0
  ──▶ pipeline.yaml:11
  \`r3\` is missing
  nothing that eval is made from changed since HEAD (${commit})

9 checks: 6 passed, 2 warnings, 1 failed
`);
  expect(stderr).toBe('');
  // It ran nothing, and wrote nothing but what makes the next command faster.
  expect(
    treeDifferences(treeOf(work.root, ['.repro']), new Map([...before].filter(([path]) => !path.startsWith('.repro')))),
  ).toEqual([]);
  expect(work.git('status', '--porcelain')).toBe('');
});

test('only the checks of the targets are judged: stages, groups, globs, outs', async () => {
  const work = await judged();
  const stages = async (...targets: readonly string[]): Promise<string[]> => {
    const { stdout } = await show(work, ['check', '--json', ...targets], { code: 'any' });
    const { checks } = JSON.parse(stdout) as { checks: { stage: string }[] };
    return [...new Set(checks.map((check) => check.stage))];
  };
  expect(await stages('train@forest')).toEqual(['train@forest']);
  expect(await stages('train')).toEqual(['train@forest', 'train@ridge', '']);
  expect(await stages('*@ridge')).toEqual(['train@ridge']);
  expect(await stages('e.json')).toEqual(['eval']);
  expect((await show(work, ['check', 'train'])).code).toBe(0);
  expect((await show(work, ['check', 'nope'], { code: 2 })).stderr).toContain('target-unknown');
});

test('a stage that is not fresh is judged on its old bytes, and that is said', async () => {
  const work = await judged();
  work.write({ 'in.json': { r2: 0.1, mae: 2 } });
  const { stdout, stderr } = await show(work, ['check', 'train']);
  expect(stdout).toContain('passed   train@ridge');
  expect(stderr).toBe(
    'warning: `train@forest`, `train@ridge` are not fresh: the verdict is about what an earlier run left (2 stages; see `repro status`)\n',
  );
  expect(work.read('m_ridge.json')).toContain('0.8123456789');
});

test('a metric that was never made fails its check, with the stage named', async () => {
  const work = project({ 'pipeline.yaml': PIPELINE, 'in.json': '{}' });
  const { stdout, stderr } = await show(work, ['check', 'train@ridge'], { code: 4 });
  expect(stdout).toContain('`r2` is missing: there is no `m_ridge.json`');
  expect(stderr).toContain('`train@ridge` is not fresh');
  expect(work.exists('.repro')).toBe(false);
});

test('--quiet shows the failures only, and nothing when all is well', async () => {
  const work = await judged();
  const { stdout } = await show(work, ['check', '-q'], { code: 4 });
  expect(stdout).not.toContain('passed');
  expect(stdout).toContain('failed   eval');
  work.write({ 'pipeline.yaml': PIPELINE.replace('95%', '5%') });
  expect(await show(work, ['check', 'train', '-q'])).toMatchObject({ stdout: '', stderr: '' });
});

test('without checks that is what it says: none in the file, none for a target, none in DVC', async () => {
  const none = project({ 'pipeline.yaml': 'stages: { a: { cmd: x } }' });
  expect((await show(none, ['check'])).stdout).toBe('there are no checks in pipeline.yaml\n');
  expect((await show(none, ['check', 'a'])).stdout).toBe('there are no checks for a\n');
  expect(JSON.parse((await show(none, ['check', '--json'])).stdout)).toEqual({
    version: 1,
    base: null,
    noBase: null,
    checks: [],
  });
  const dvc = project({ 'dvc.yaml': 'stages:\n  a:\n    cmd: echo\n    metrics: [m.json]\n' });
  expect((await show(dvc, ['check'])).stdout).toContain('a dvc.yaml has no checks');
});

test('--base names what is compared with', async () => {
  const work = await judged();
  work.write({ 'in.json': { r2: 0.9, mae: 2, name: 'x' } });
  await run(work, [], { code: 4 });
  work.git('commit', '--quiet', '--all', '--message', 'Better');
  work.git('tag', 'v1', 'HEAD~1');
  const { checks } = JSON.parse((await show(work, ['check', 'train@ridge', '--base', 'v1', '--json'])).stdout) as {
    checks: JudgedCheck[];
  };
  expect(checks[1]).toMatchObject({ value: 0.9, base: 0.8123456789, operator: '>=', judgement: 'passed' });
});

const ODD: JudgedCheck = {
  stage: 'train@\u001b[31mred\u202e, with a long name of many words',
  check: 'r2 > 0.7 and "\u001b]8;;x\u0007" == name or metrics/a/very/long/path.json:r2 >= base - 0.01',
  severity: 'error',
  passed: false,
  note: 'it is \u001b[2J missing',
  values: {},
  file: 'pipeline.yaml',
  line: 3,
  judgement: 'failed',
  stages: [],
  outdated: [],
  parts: [
    { text: 'r2 > 0.7', passed: true, value: 0.70000001, operator: '>', threshold: 0.7, margin: 1e-8, base: null },
    { text: '"\u001b]8;;x\u0007" == name', passed: null, operator: '==' },
    { text: 'r2 > 1', passed: false, value: 1e-12, operator: '>', threshold: 1, margin: -1, base: 3 },
  ],
  metrics: [],
};

test('a narrow terminal gets blocks; nothing is wider than it, and nothing acts on it', () => {
  for (const columns of [40, 60, 200, Number.POSITIVE_INFINITY]) {
    const text = renderChecks([ODD], palette(false), columns);
    // oxlint-disable-next-line no-control-regex -- the very characters that must not get through
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f\u202e]/);
    if (columns >= 60) expect(Math.max(...text.split('\n').map(width))).toBeLessThanOrEqual(columns);
  }
  const narrow = renderChecks([ODD], palette(false), 40);
  expect(narrow).toContain('is 0.70000001, asked > 0.7');
  const longest = narrow.split('\n').filter((line) => width(line) > 40);
  // Only a path may be longer: cut, it would be of no use.
  expect(longest.every((line) => line.includes('metrics/a/very/long/path.json'))).toBe(true);
});

test('the example in docs/checks.md is what happens', async () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/checks.md'), 'utf8');
  const [pipeline = '', example = ''] = [
    /```yaml\n([^]*?)```/,
    /```console\n\$ repro check --base HEAD~1\n([^]*?)```/,
  ].map((pattern) => pattern.exec(page)?.[1] ?? '');
  const work = project({
    'pipeline.yaml': pipeline,
    'params.yaml': 'train:\n  rate: 0.1\n',
    'train.mjs': `import { readFileSync, writeFileSync } from 'node:fs';
const { train } = JSON.parse(readFileSync(process.env.REPRO_PARAMS, 'utf8'));
writeFileSync('metrics.json', JSON.stringify({ test: { r2: 0.9 - train.rate, mae: 2 } }));
`,
    '.gitignore': '.repro\n',
  });
  await run(work);
  work.gitInit();
  work.write({ 'params.yaml': 'train:\n  rate: 0.3\n' });
  work.git('commit', '--quiet', '--all', '--author', 'Ada <ada@example.org>', '--message', 'Learn faster');
  await run(work, [], { code: 4 });
  const { stdout } = await show(work, ['check', '--base', 'HEAD~1'], { code: 4 });
  const told = stdout.replaceAll(/\b[0-9a-f]{8}\b/g, 'COMMIT').replaceAll(/\b\d{4}-\d\d-\d\d\b/g, 'DATE');
  expect(told).toBe(example);
});
