// Which plots a project defines at one moment: the plots of its stages, those of the top level, and files that were named.
// Follows DVC in what belongs together. Reads no data; folders are listed. Knows no drawing.
import { posix } from 'node:path';
import type { Span } from '../base/problem.ts';
import { isList, isMap } from '../base/value.ts';
import type { Value } from '../base/value.ts';
import type { Pipeline, PlotSpec } from '../config/stage.ts';
import type { Snapshot } from '../plan/snapshot.ts';
import { isDataFile } from './plot-data.ts';
import { isImage } from './plot-image.ts';

/** What may be said about a plot, in the pipeline file or on the command line. */
export interface PlotProperties {
  readonly template?: string;
  /** A field of the plot's own file, or of each file. */
  readonly x?: string | ReadonlyMap<string, string>;
  readonly y?: readonly string[] | ReadonlyMap<string, readonly string[]>;
  readonly xLabel?: string;
  readonly yLabel?: string;
  readonly title?: string;
  readonly header?: boolean;
}

export interface PlotDefinition {
  /** A path relative to the root, or a name. */
  readonly id: string;
  /** The pipeline file; empty for the plots of stages and for files that were named. */
  readonly file: string;
  readonly properties: PlotProperties;
  /** Data files, relative to the root. */
  readonly sources: readonly string[];
  readonly span: Span | undefined;
}

/** Fields by file, not of the plot's own file. */
export function isByFile<T>(
  fields: string | readonly string[] | ReadonlyMap<string, T> | undefined,
): fields is ReadonlyMap<string, T> {
  return fields instanceof Map;
}

export async function definitionsOf(
  snapshot: Snapshot,
  given: PlotProperties,
  named: readonly string[],
): Promise<PlotDefinition[]> {
  const { pipeline } = snapshot;
  const found: PlotDefinition[] = [];
  for (const spec of pipeline?.plots ?? []) found.push(...(await topDefinitions(spec, pipeline, snapshot, given)));
  for (const out of pipeline?.stages.flatMap((stage) => stage.outs) ?? []) {
    if (out.kind !== 'plot') continue;
    const properties = { ...readProperties(out.plot ?? null, '.'), ...given };
    for (const id of await filesOf(snapshot, out.path)) found.push(definition(id, '', properties, out.span));
  }
  const known = new Set(found.map(({ id }) => id));
  for (const path of named)
    for (const id of await filesOf(snapshot, path))
      if (!known.has(id)) found.push(definition(id, '', given, undefined));
  return found;
}

/** Whether a file at this path has names in its first line; only the out that makes it can say no. */
export function hasHeader(pipeline: Pipeline | null, path: string, given: PlotProperties): boolean {
  if (given.header !== undefined) return given.header;
  for (const { outs } of pipeline?.stages ?? [])
    for (const out of outs)
      if (out.path === path || path.startsWith(`${out.path}/`)) {
        const plot = out.plot;
        return !(isMap(plot) && plot.get('header') === false);
      }
  return true;
}

async function topDefinitions(
  { id, spec, span }: PlotSpec,
  pipeline: Pipeline | null,
  snapshot: Snapshot,
  given: PlotProperties,
): Promise<PlotDefinition[]> {
  const folder = posix.dirname(span.file);
  const properties = { ...readProperties(spec, folder), ...given };
  const { y } = properties;
  if (isByFile(y)) return [definition(id, span.file, properties, span)];
  const path = posix.normalize(posix.join(folder, id));
  const files = await filesOf(snapshot, path);
  // The most specific of several definitions for a folder and what is in it.
  const others = (pipeline?.plots ?? [])
    .filter((other) => other.span.file === span.file)
    .map((other) => posix.normalize(posix.join(folder, other.id)));
  return files
    .filter((file) => !others.some((other) => other.length > path.length && isAtOrBelow(file, other)))
    .map((file) => definition(file, span.file, properties, span));
}

function definition(id: string, file: string, properties: PlotProperties, span: Span | undefined): PlotDefinition {
  const { x, y } = properties;
  const ofY = isByFile(y) ? [...y.keys()] : [id];
  const ofX = isByFile(x) ? [...x.keys()] : [];
  return { id, file, properties, sources: [...new Set([...ofY, ...ofX])], span };
}

/** A path that leads out of the project is never read. */
export function isOutside(path: string): boolean {
  const plain = posix.normalize(path);
  return posix.isAbsolute(plain) || plain === '..' || plain.startsWith('../');
}

/** The files of a folder that can be drawn; a path that is no folder stands for itself, even if nothing is there. */
async function filesOf(snapshot: Snapshot, path: string): Promise<readonly string[]> {
  const files = isOutside(path) ? [] : await snapshot.list(path);
  if (files.length === 0 || files.includes(path)) return [path];
  return files.filter((file) => isDataFile(file) || isImage(file));
}

export function isAtOrBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

function readProperties(spec: Value, folder: string): PlotProperties {
  if (!isMap(spec)) return {};
  const text = (name: string): string | undefined => {
    const value = spec.get(name);
    return typeof value === 'string' ? value : undefined;
  };
  const header = spec.get('header');
  const [x, y] = [readX(spec.get('x'), folder), readY(spec.get('y'), folder)];
  const [template, xLabel, yLabel, title] = [text('template'), text('x_label'), text('y_label'), text('title')];
  return {
    ...(template !== undefined && { template }),
    ...(x !== undefined && { x }),
    ...(y !== undefined && { y }),
    ...(xLabel !== undefined && { xLabel }),
    ...(yLabel !== undefined && { yLabel }),
    ...(title !== undefined && { title }),
    ...(typeof header === 'boolean' && { header }),
  };
}

function readX(value: Value | undefined, folder: string): PlotProperties['x'] {
  if (!isMap(value)) return typeof value === 'string' ? value : undefined;
  return new Map(
    [...value].flatMap(([file, field]) => (typeof field === 'string' ? [[inFolder(folder, file), field]] : [])),
  );
}

function readY(value: Value | undefined, folder: string): PlotProperties['y'] {
  if (typeof value === 'string') return [value];
  if (isList(value)) return texts(value);
  if (!isMap(value)) return undefined;
  return new Map(
    [...value].map(([file, fields]) => [inFolder(folder, file), isList(fields) ? texts(fields) : texts([fields])]),
  );
}

function texts(list: readonly Value[]): string[] {
  return list.filter((item) => typeof item === 'string');
}

function inFolder(folder: string, file: string): string {
  return posix.normalize(posix.join(folder, file));
}
