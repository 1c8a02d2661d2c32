// The plots of a project at one or several moments: definitions and data put together, one Plot for each id. What cannot
// be drawn is a Problem of its plot. Knows no Vega-Lite: plot-spec makes drawings of this.
import { posix } from 'node:path';
import { nameMatcher } from '../base/glob.ts';
import { didYouMean, problem, ReproError, warning } from '../base/problem.ts';
import type { Problem } from '../base/problem.ts';
import type { Snapshot } from '../plan/snapshot.ts';
import { customChart } from './plot-custom.ts';
import { readData } from './plot-data.ts';
import type { DataRows } from './plot-data.ts';
import { definitionsOf, hasHeader, isAtOrBelow, isOutside } from './plot-definition.ts';
import type { PlotDefinition, PlotProperties } from './plot-definition.ts';
import { imageType, isImage } from './plot-image.ts';
import { traitsOf } from './plot-names.ts';
import type { BuiltInTemplate } from './plot-names.ts';
import { pointsOf } from './plot-points.ts';
import { seriesOf } from './plot-series.ts';
import type { Series } from './plot-series.ts';
import { findTemplate } from './plot-template.ts';
import type { BuiltInChart, Plot, PlotImage } from './plot.ts';

export interface PlotsRequest {
  /** Ids, paths, folders, globs over ids; files that are no plot of the pipeline too. All plots when empty. */
  readonly targets?: readonly string[];
  /** What counts for all plots, whatever the pipeline file says. */
  readonly properties?: PlotProperties;
}

/** Throws a usage error when a target names nothing. */
export async function plotsOf(snapshots: readonly Snapshot[], request: PlotsRequest = {}): Promise<readonly Plot[]> {
  const { targets = [], properties = {} } = request;
  const moments: Moment[] = [];
  for (const snapshot of snapshots) {
    const named: string[] = [];
    for (const target of targets)
      if (!isOutside(target) && (await snapshot.list(target)).length > 0) named.push(target);
    const all = await definitionsOf(snapshot, properties, named);
    moments.push({ snapshot, all, files: new Map() });
  }
  checkTargets(targets, moments);
  const groups = groupById(moments, matcherOf(targets));
  for (const moment of moments) {
    const wanted = [...groups.values()].flatMap((group) =>
      group.filter((each) => each.moment === moment).flatMap(({ definition }) => definition.sources),
    );
    moment.files = await moment.snapshot.read([...new Set(wanted)].filter((path) => !isOutside(path)));
  }
  const plots: Plot[] = [];
  for (const [id, group] of groups) plots.push(await makePlot(id, group, { snapshots, given: properties }));
  return plots;
}

interface Moment {
  readonly snapshot: Snapshot;
  readonly all: readonly PlotDefinition[];
  files: ReadonlyMap<string, Uint8Array | null>;
}

interface Defined {
  readonly moment: Moment;
  readonly definition: PlotDefinition;
}

interface Project {
  readonly snapshots: readonly Snapshot[];
  readonly given: PlotProperties;
}

function fullId({ file, id }: PlotDefinition): string {
  return file === '' ? id : `${file}::${id}`;
}

function matcherOf(targets: readonly string[]): (definition: PlotDefinition) => boolean {
  if (targets.length === 0) return () => true;
  const globs = targets.filter((target) => /[*?[{]/.test(target)).map((target) => nameMatcher(target));
  return (definition) =>
    targets.some((target) => target === fullId(definition) || isAtOrBelow(definition.id, target)) ||
    globs.some((matches) => matches(definition.id));
}

function checkTargets(targets: readonly string[], moments: readonly Moment[]): void {
  const all = moments.flatMap((moment) => moment.all);
  const unknown = targets.filter((target) => !all.some(matcherOf([target])));
  if (unknown.length === 0) return;
  const ids = [...new Set(all.map(({ id }) => id))];
  const hint =
    ids.length === 0
      ? 'the pipeline defines no plots'
      : `there are ${ids
          .slice(0, 10)
          .map((id) => `\`${id}\``)
          .join(', ')}`;
  const found = unknown.map((target) =>
    problem('target-unknown', `there is no plot and no file \`${target}\``, { hint: didYouMean(target, ids) ?? hint }),
  );
  throw new ReproError('usage', found);
}

/** An id that stands in several pipeline files is led by the file, as in DVC. */
function groupById(
  moments: readonly Moment[],
  matches: (definition: PlotDefinition) => boolean,
): ReadonlyMap<string, readonly Defined[]> {
  const files = new Map<string, Set<string>>();
  for (const { all } of moments) for (const { id, file } of all) files.set(id, (files.get(id) ?? new Set()).add(file));
  const groups = new Map<string, Defined[]>();
  for (const moment of moments) {
    const seen = new Set<string>();
    for (const definition of moment.all.filter(matches)) {
      const id = (files.get(definition.id)?.size ?? 0) > 1 ? fullId(definition) : definition.id;
      if (seen.has(id)) continue;
      seen.add(id);
      const group = groups.get(id);
      if (group) group.push({ moment, definition });
      else groups.set(id, [{ moment, definition }]);
    }
  }
  return groups;
}

async function makePlot(id: string, group: readonly Defined[], project: Project): Promise<Plot> {
  const first = group[0]?.definition;
  if (!first) throw new Error('a plot without a definition');
  // What the first moment says counts for all of them: they are drawn together.
  const properties: PlotProperties = Object.assign({}, ...group.map((each) => each.definition.properties).reverse());
  const title = properties.title ?? id;
  if (isImage(first.id)) return imagePlot(id, title, group);
  const found = await findTemplate(
    properties.template ?? 'linear',
    posix.dirname(first.file),
    project.snapshots,
    project.given.template === undefined ? first.span : undefined,
  );
  if ('code' in found) return { kind: 'broken', id, title, problems: [found] };
  const traits = found.kind === 'built-in' ? traitsOf(found.name) : undefined;
  const problems: Problem[] = [];
  const series: Series[] = [];
  for (const { moment, definition } of group) {
    const where = project.snapshots.length > 1 ? ` at ${moment.snapshot.name}` : '';
    const data = readSources(definition, moment, project.given, where, problems);
    const { span } = first;
    const revision = moment.snapshot.name;
    const made = seriesOf({ id: first.id, properties, traits, revision, where, span, data });
    problems.push(...made.problems);
    series.push(...made.series);
  }
  if (series.length === 0) return { kind: 'broken', id, title, problems };
  const base = {
    kind: 'chart' as const,
    id,
    title,
    problems,
    revisions: [...new Set(series.map((each) => each.revision))],
  };
  if (found.kind === 'custom') return { ...base, ...customChart(found, series, properties) };
  return builtInChart({ ...base, template: found.name }, series, properties);
}

function readSources(
  definition: PlotDefinition,
  { snapshot, files }: Moment,
  given: PlotProperties,
  where: string,
  problems: Problem[],
): ReadonlyMap<string, DataRows> {
  const data = new Map<string, DataRows>();
  const { span } = definition;
  for (const path of definition.sources) {
    if (isOutside(path)) {
      problems.push(problem('path-outside', `the data \`${path}\` of a plot leads outside the project`, { span }));
      continue;
    }
    const bytes = files.get(path);
    if (!bytes) {
      problems.push(warning('file-missing', `there is no \`${path}\`${where}`, { span, hint: MISSING_HINT }));
      continue;
    }
    const read = readData(path, bytes, { header: hasHeader(snapshot.pipeline, path, given) });
    if ('problem' in read) problems.push(span && !read.problem.span ? { ...read.problem, span } : read.problem);
    else data.set(path, read);
  }
  return data;
}

const MISSING_HINT = '`repro` makes the plots of stages, `repro checkout` brings back those of an earlier result';

function builtInChart(
  base: Pick<BuiltInChart, 'kind' | 'id' | 'title' | 'problems' | 'revisions'> & { readonly template: BuiltInTemplate },
  series: readonly Series[],
  properties: PlotProperties,
): Plot {
  const { points, xType, series: names, notes } = pointsOf(base.template, series);
  if (points.length === 0) {
    const fields = [...new Set(series.map(({ field, file }) => `\`${field}\` of \`${file}\``))].join(', ');
    const none = problem('plot-data', `there is no point to draw in ${fields}`, { hint: notes[0] });
    return { ...base, kind: 'broken', problems: [...base.problems, none] };
  }
  const inferred = labelsOf(base.template, series);
  return {
    ...base,
    points,
    xType,
    series: names,
    notes,
    xLabel: properties.xLabel ?? inferred.x,
    yLabel: properties.yLabel ?? inferred.y,
  };
}

function labelsOf(template: BuiltInTemplate, series: readonly Series[]): { readonly x: string; readonly y: string } {
  const only = (names: readonly string[], many: string): string =>
    new Set(names).size === 1 ? (names[0] ?? many) : many;
  const x = only(
    series.map(({ xField }) => xField ?? 'step'),
    'x',
  );
  const y = only(
    series.map(({ field }) => field),
    'y',
  );
  switch (template) {
    case 'histogram':
      return { x: y, y: 'count' };
    case 'qq':
      return { x: 'normal quantile', y };
    case 'residuals':
      return { x: y, y: `${x} \u2212 ${y}` };
    default:
      return { x, y };
  }
}

function imagePlot(id: string, title: string, group: readonly Defined[]): Plot {
  const images: PlotImage[] = [];
  const problems: Problem[] = [];
  for (const { moment, definition } of group) {
    const { span } = definition;
    const revision = moment.snapshot.name;
    const bytes = moment.files.get(definition.id);
    const mediaType = bytes ? imageType(definition.id, bytes) : undefined;
    if (!bytes)
      problems.push(
        warning('file-missing', `there is no \`${definition.id}\` at ${revision}`, { span, hint: MISSING_HINT }),
      );
    else if (mediaType === undefined)
      problems.push(problem('plot-data', `\`${definition.id}\` is not the image that its ending says`, { span }));
    else images.push({ revision, path: definition.id, mediaType, bytes });
  }
  return images.length === 0 ? { kind: 'broken', id, title, problems } : { kind: 'image', id, title, problems, images };
}
