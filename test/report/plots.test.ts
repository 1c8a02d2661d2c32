// From data files to drawings: what is read, what is left out and said, which templates there are, and that a drawing is
// the same each time.
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { readData } from '../../src/report/plot-data.ts';
import { TEMPLATE_NAMES } from '../../src/report/plot-names.ts';
import type { BuiltInTemplate } from '../../src/report/plot-names.ts';
import { pointsOf } from '../../src/report/plot-points.ts';
import type { Series } from '../../src/report/plot-series.ts';
import { plotSpec, templateText } from '../../src/report/plot-spec.ts';
import { renderSvg } from '../../src/report/plot-svg.ts';
import type { BuiltInChart, Json } from '../../src/report/plot.ts';
import { show } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';
import type { Files, Workspace } from '../rig/workspace.ts';

const NAMES = Object.keys(TEMPLATE_NAMES) as BuiltInTemplate[];

function series(revision: string, xs: readonly Json[], ys: readonly Json[], file = 'a.csv'): Series {
  return { revision, file, field: 'y', xField: 'x', rows: [], xs, ys };
}

function chart(template: BuiltInTemplate, all: readonly Series[]): BuiltInChart {
  const points = pointsOf(template, all);
  const revisions = [...new Set(all.map(({ revision }) => revision))];
  const labels = { xLabel: 'x', yLabel: 'y' };
  return { kind: 'chart', id: 'a.csv', title: 'a.csv', problems: [], template, revisions, ...labels, ...points };
}

function sample(template: BuiltInTemplate, revision: string, file?: string): Series {
  const { x, y } = TEMPLATE_NAMES[template];
  const values = Array.from({ length: 30 }, (_, at) => (at * 7) % 31);
  const of = (kind: string, step: number): Json[] =>
    values.map((value) => (kind === 'name' ? `class ${(value * step) % 3}` : (value * step) / 31));
  return series(revision, of(x, 1), of(y, 2), file);
}

test.each(NAMES)(
  '%s draws one and several revisions and series, the same each time, in light and dark',
  async (name) => {
    const one = chart(name, [sample(name, 'workspace')]);
    const svg = await renderSvg(plotSpec(one), 'light');
    expect(svg).toMatch(/^<svg .*<\/svg>$/s);
    expect(await renderSvg(plotSpec(one), 'light')).toBe(svg);
    expect(await renderSvg(plotSpec(one), 'dark')).not.toBe(svg);
    expect(svg.length).toBeLessThan(60_000);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    const many = chart(name, [
      sample(name, 'workspace'),
      sample(name, 'HEAD'),
      sample(name, 'workspace', 'b.csv'),
      sample(name, 'HEAD', 'b.csv'),
    ]);
    const both = await renderSvg(plotSpec(many), 'light');
    for (const word of name === 'scatter' ? ['workspace', 'HEAD', 'a.csv', 'b.csv'] : ['workspace', 'HEAD'])
      expect(both).toContain(word);
  },
);

test.each(NAMES)('the template %s that is printed draws by itself when its anchors are filled', async (name) => {
  const files: Files = {
    'pipeline.yaml': 'stages: {}\n',
    'own.json': templateText(name),
    'a.csv': 'x,y\n1,0.5\n2,0.25\n3,0.1\n',
  };
  const workspace = project(files);
  await show(workspace, ['plots', 'show', 'a.csv', '-t', 'own.json', '-x', 'x', '--svg', 'out']);
  expect(workspace.read('out/a.csv.svg')).toContain('<svg');
});

test('cells that are no numbers, or empty, are left out and said, with the first of them', () => {
  const { points, notes } = pointsOf('linear', [series('workspace', [1, 2, 3, 4], ['0.5', 'oops', null, '0.1'])]);
  expect(points.map(({ y }) => y)).toEqual([0.5, 0.1]);
  expect(notes).toEqual([
    '`y` in `a.csv` has no value in 1 row, which is left out',
    '`y` in `a.csv` is no number in 1 row, which is left out (the first, row 2: `oops`)',
  ]);
});

test('the horizontal axis of a line reads numbers, times without a zone as UTC, and names in their order', () => {
  const typeOf = (xs: readonly Json[]): unknown => pointsOf('linear', [series('w', xs, [1, 2])]);
  expect(typeOf([1, '2'])).toMatchObject({ xType: 'quantitative' });
  expect(typeOf(['2026-01-01', '2026-01-02 10:00:00'])).toMatchObject({
    xType: 'temporal',
    points: [{ x: Date.UTC(2026, 0, 1) }, { x: Date.UTC(2026, 0, 2, 10) }],
  });
  expect(typeOf(['small', 'large'])).toMatchObject({ xType: 'nominal', points: [{ x: 'small' }, { x: 'large' }] });
});

test('of 100,000 points few are drawn, with the extremes of a line, and a note says so', async () => {
  const xs = Array.from({ length: 100_000 }, (_, at) => at);
  const ys = xs.map((x) => (x === 43_210 ? 9 : Math.sin(x / 5000)));
  const line = pointsOf('linear', [series('workspace', xs, ys)]);
  expect(line.points.length).toBeLessThanOrEqual(1000);
  expect(line.points.some(({ y }) => y === 9)).toBe(true);
  expect(line.notes).toEqual([
    'of lines with up to 100,000 points the lowest and the highest of each stretch are drawn',
  ]);
  const cloud = pointsOf('scatter', [series('workspace', xs, ys)]);
  expect(cloud.points.length).toBeGreaterThan(900);
  expect(cloud.points.length).toBeLessThan(1100);
  expect(cloud.notes[0]).toMatch(/of 100,000 points are drawn, evenly chosen$/);
  // Counts are exact, so there is nothing to say.
  const bins = pointsOf('histogram', [series('workspace', xs, ys)]);
  expect(bins.points.reduce((sum, { weight }) => sum + weight, 0)).toBe(100_000);
  expect(bins.notes).toEqual([]);
  expect((await renderSvg(plotSpec(chart('scatter', [series('workspace', xs, ys)])), 'light')).length).toBeLessThan(
    3e5,
  );
});

test('bins have round edges, hold what lies on the last edge, and one value is a bin of its own', () => {
  const { points } = pointsOf('histogram', [series('w', [0, 1, 2, 3], [0, 0.1, 0.3, 3])]);
  expect(points.map(({ x, y, weight }) => [x, y, weight])).toEqual([
    [0, 0.1, 1],
    [0.1, 0.2, 1],
    [0.3, 0.4, 1],
    [2.9, 3, 1],
  ]);
  expect(pointsOf('histogram', [series('w', [0, 1], [5, 5])]).points).toMatchObject([{ weight: 2 }]);
});

test('a confusion matrix counts pairs of classes, and shows those that never occur', async () => {
  const counts = pointsOf('confusion', [series('w', ['a', 'a', 'b'], ['a', 'b', 'b'])]);
  expect(counts.points.map(({ x, y, weight }) => [x, y, weight])).toEqual([
    ['a', 'a', 1],
    ['a', 'b', 1],
    ['b', 'b', 1],
  ]);
  const svg = await renderSvg(plotSpec(chart('confusion', [series('w', ['a', 'a', 'b'], ['a', 'b', 'b'])])), 'light');
  expect(svg.match(/>0<\/text>/g)).toHaveLength(1);
});

test.each([
  ['an empty file', 'a.csv', '', 'plot-data', '`a.csv` is empty'],
  ['names without rows', 'a.csv', 'x,y\n', 'plot-data', '`a.csv` has names of columns, but no rows'],
  ['no list', 'a.json', '{"a": 1}', 'plot-data', '`a.json` holds no list of points'],
  ['damaged JSON', 'a.json', '[{"a": 1}', 'json-syntax', ''],
  ['another kind of file', 'a.parquet', 'PAR1', 'plot-data', '`a.parquet` is no kind of file that can be drawn'],
  ['text in another encoding', 'a.csv', Buffer.from([0xff, 0xfe, 0x41, 0]), 'encoding-invalid', ''],
])('%s is a problem', (_name, path, content, code, message) => {
  const read = readData(path, Buffer.from(content), { header: true });
  expect('problem' in read && read.problem).toMatchObject({ code, ...(message !== '' && { message }) });
});

test('a name that only looks like a number stays a name, and `__proto__` is a column', () => {
  const read = readData('a.csv', Buffer.from('id,__proto__\n007,1\n010,2\n'), { header: true });
  if ('problem' in read) throw new Error(read.problem.message);
  expect(read.rows.map((row) => Object.entries(row))).toEqual([
    [
      ['id', '007'],
      ['__proto__', 1],
    ],
    [
      ['id', '010'],
      ['__proto__', 2],
    ],
  ]);
});

const PIPELINE = `stages:
  train:
    cmd: printf 'step,loss\\n1,0.%s\\n2,0.1\\n' \${n} > loss.csv
    params: [n]
    plots: [loss.csv: {x: step}]
`;

async function twoCommits(): Promise<Workspace> {
  const workspace = project({
    'pipeline.yaml': PIPELINE,
    'params.yaml': 'n: 5\n',
    '.gitignore': '.repro/\nloss.csv\n',
  });
  await show(workspace, ['run']);
  workspace.gitInit();
  workspace.write({ 'params.yaml': 'n: 7\n' });
  await show(workspace, ['run']);
  return workspace;
}

interface Printed {
  readonly data: Readonly<
    Record<
      string,
      readonly {
        readonly revisions: readonly string[];
        readonly content: BuiltInChart & { data: { values: object[] } };
      }[]
    >
  >;
}

test('diff draws the last commit and the workspace in one, also of outs that git does not track', async () => {
  const workspace = await twoCommits();
  const { stdout } = await show(workspace, ['plots', 'diff', '--json']);
  const [plot] = (JSON.parse(stdout) as Printed).data['loss.csv'] ?? [];
  expect(plot?.revisions).toEqual(['workspace', 'HEAD']);
  expect(plot?.content.data.values).toMatchObject([
    { x: 1, y: 0.7, rev: 'workspace' },
    { x: 2, y: 0.1, rev: 'workspace' },
    { x: 1, y: 0.5, rev: 'HEAD' },
    { x: 2, y: 0.1, rev: 'HEAD' },
  ]);
});

test('the page goes to .repro, a file or a folder, is announced on stdout, and is the same each time', async () => {
  const workspace = await twoCommits();
  expect((await show(workspace, ['plots', 'show', '--static'])).stdout).toBe('.repro/plots.html\n');
  expect((await show(workspace, ['plots', 'show', '--static', '-o', 'p.html'])).stdout).toBe('p.html\n');
  expect((await show(workspace, ['plots', 'show', '--static', '-o', 'out/deep'])).stdout).toBe('out/deep/index.html\n');
  expect(workspace.read('out/deep/index.html')).toBe(workspace.read('p.html'));
  expect(workspace.read('p.html')).not.toContain('<script');
  expect((await show(workspace, ['plots', 'show', '--svg', 'svg', '--theme', 'dark'])).stdout).toBe(
    'svg/loss.csv.svg\n',
  );
});

test('what is asked for is said when it is not there', async () => {
  const workspace = await twoCommits();
  const said = async (...args: string[]): Promise<string> =>
    (await show(workspace, ['plots', ...args], { code: 'any' })).stderr;
  expect(await said('show', 'lose.csv')).toContain('did you mean `loss.csv`?');
  expect(await said('shwo')).toContain('did you mean `show`?');
  expect(await said('show', '-x', 'stepp', '--static')).toContain('`loss.csv` has no field `stepp`');
  expect(await said('show', '-t', 'lineer', '--static')).toContain('did you mean `linear`?');
  expect(await said('diff', 'nowhere')).toContain('git knows no revision `nowhere`');
  expect(await said('show', '--json', '--svg', 'x')).toContain('exclude each other');
  expect(await said('show', '../other.csv')).toContain('there is no plot and no file `../other.csv`');
  expect(await said('templates', 'roc_curve')).toContain('there is no plot template `roc_curve`');
});

test.each([
  ['without a place for data', { mark: 'point' }, 'has no place for the data'],
  [
    'with data from elsewhere',
    { layer: [{ data: { url: 'http://127.0.0.1/x.csv' } }, { data: { values: '<DVC_METRIC_DATA>' } }] },
    'takes data from `http://127.0.0.1/x.csv`',
  ],
  ['that is no Vega-Lite', { data: { values: '<DVC_METRIC_DATA>' } }, 'cannot be drawn with `own.json`'],
])('a template %s is refused with its name', async (_name, content, message) => {
  const workspace = project({ 'pipeline.yaml': 'stages: {}\n', 'a.csv': 'x,y\n1,2\n', 'own.json': content });
  const shown = await show(workspace, ['plots', 'show', 'a.csv', '-t', 'own.json', '--static'], { code: 3 });
  expect(shown.stderr).toContain(message);
});

test('printed specifications are valid Vega-Lite', async () => {
  const schema = (await import('vega-lite/vega-lite-schema.json', { with: { type: 'json' } })) as { default: object };
  const ajv = new Ajv({ strict: false, allowUnionTypes: true, validateFormats: false });
  const validate = ajv.compile(schema.default);
  // The bandwidth of a smooth line follows a slider, which the schema does not foresee and the compiler takes.
  for (const name of NAMES.filter((each) => each !== 'smooth')) {
    const spec = plotSpec(chart(name, [sample(name, 'workspace'), sample(name, 'HEAD')]));
    validate(spec);
    expect([name, validate.errors?.slice(0, 3)]).toEqual([name, undefined]);
  }
});

test('nothing outside the project is read, whatever the pipeline file names', async () => {
  const workspace = project({
    'pipeline.yaml': 'plots: [../secret.csv, { both: { x: a, y: { ../secret.csv: b } } }]\n',
    '../secret.csv': 'a,b\n1,424242\n',
  });
  const shown = await show(workspace, ['plots', 'show', '--json'], { code: 3 });
  expect(shown.stdout.match(/leads outside the project/g)).toHaveLength(2);
  expect(shown.stdout).not.toContain('424242');
});

test('without a commit there is nothing to compare with, and that is said', async () => {
  const workspace = project({ 'pipeline.yaml': 'plots: [a.csv]\n', 'a.csv': 'a,b\n1,2\n' });
  const shown = await show(workspace, ['plots', 'diff'], { code: 2 });
  expect(shown.stderr).toContain('there is no git commit to compare with');
});
