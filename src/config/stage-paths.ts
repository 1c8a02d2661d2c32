// The fields of a stage that name files: deps, params, outs, metrics, plots. From checked and filled-in nodes to paths
// relative to the root. One entry at a time: what two stages have to do with each other is the plan's business.
import { problem } from '../base/problem.ts';
import type { Problem, Span } from '../base/problem.ts';
import type { Value } from '../base/value.ts';
import type { Expression } from './expression.ts';
import { nodeKind, toValue } from './node.ts';
import type { MapNode, Node } from './node.ts';
import { DVC_RESERVED, REPRO_RESERVED, isInside, normalisePath } from './path.ts';
import { PLOT_NAMES } from './schema-parts.ts';
import type { Dep, Dialect, Out, OutKind, ParamsRef } from './stage.ts';

/** What the paths of a stage depend on. */
export interface PathContext {
  readonly dialect: Dialect;
  /** The pipeline file, relative to the root. */
  readonly file: string;
  /** The folder that paths are relative to, itself relative to the root. */
  readonly wdir: string;
  /** The absolute path of the root, for paths that are written in full. */
  readonly root?: string | undefined;
  /** Expressions that were read before, by use, wdir and text: the stages of a matrix share most of them. */
  readonly expressions?: Map<string, Expression>;
  readonly report: (found: Problem) => void;
}

const DEFAULT_PARAMS_FILE = 'params.yaml';

/** A path of a stage, or nothing after a report. `reads` paths may lie anywhere; those written may not. */
export function readPath(written: string, use: 'read' | 'write', what: string, span: Span, context: PathContext) {
  if (URL_START.test(written)) return reportUrl(written, what, span, context);
  const isDvc = context.dialect === 'dvc';
  const result = normalisePath(written, {
    base: context.wdir,
    root: context.root,
    reserved: use === 'read' && isDvc ? [] : isDvc ? DVC_RESERVED : REPRO_RESERVED,
    // DVC loads paths outside the project, and fails later if it has to keep one.
    mayLeaveRoot: isDvc,
  });
  if (result.kind === 'path') return result.path;
  const hint = result.code === 'path-outside' ? 'copy or link it into the project' : undefined;
  const shown = written.length > 80 ? `${written.slice(0, 80)}...` : written;
  context.report(problem(result.code, `${what} \`${shown}\` ${result.why}`, { span, hint }));
  return undefined;
}

export function readDeps(node: Node, context: PathContext): Dep[] {
  const found = new Map<string, Dep>();
  for (const item of itemsOf(node)) {
    const pathNode = item.kind === 'map' ? item.get('path') : item;
    const written = pathNode && textOf(pathNode);
    if (!pathNode || written === undefined) continue;
    const imports = context.dialect === 'repro' && (item.kind !== 'map' || flag(item, 'imports', true));
    const dep = readDep(written, imports, pathNode.span, context);
    // The same file named twice is one dep; the wider meaning holds.
    const earlier = dep && found.get(dep.path);
    if (dep) found.set(dep.path, earlier ? { ...earlier, imports: earlier.imports || dep.imports } : dep);
  }
  return [...found.values()];
}

export function readParamsRefs(node: Node, context: PathContext): ParamsRef[] {
  const files = new Map<string, { keys: Set<string>; whole: boolean; span: Span }>();
  const add = (written: string, keys: readonly string[], whole: boolean, span: Span): void => {
    const file = readPath(written, 'read', 'the params file', span, context);
    if (file === undefined) return;
    if (file.endsWith('.py')) return reportPython(written, span, context);
    const known = files.get(file) ?? { keys: new Set<string>(), whole: false, span };
    for (const key of keys) known.keys.add(key);
    known.whole ||= whole;
    files.set(file, known);
  };
  for (const item of itemsOf(node)) {
    if (item.kind !== 'map') {
      const key = textOf(item);
      if (key !== undefined) add(DEFAULT_PARAMS_FILE, [key], false, item.span);
      continue;
    }
    for (const entry of item.entries) {
      const keys = readKeys(entry.key, entry.value, context);
      if (keys) add(entry.key, keys, keys.length === 0, entry.keySpan);
    }
  }
  return [...files].map(([file, { keys, whole, span }]) => ({ file, keys: whole ? [] : [...keys], span }));
}

/** The outs of one of the three fields. The same path again adds its flags, as in DVC. */
export function readOuts(node: Node, kind: OutKind, context: PathContext): Out[] {
  const merged = new Map<string, { span: Span; flags: Map<string, Node> | undefined }>();
  for (const item of itemsOf(node)) {
    const entries = item.kind === 'map' ? item.entries : [];
    const written = item.kind === 'map' ? undefined : textOf(item);
    if (written !== undefined && !merged.has(written)) merged.set(written, { span: item.span, flags: undefined });
    for (const entry of entries) {
      const known = merged.get(entry.key);
      const flags = known?.flags ?? new Map<string, Node>();
      if (entry.value.kind === 'map') for (const each of entry.value.entries) flags.set(each.key, each.value);
      merged.set(entry.key, { span: known?.span ?? entry.keySpan, flags });
    }
  }
  const outs: Out[] = [];
  for (const [written, { span, flags }] of merged) {
    const path = readPath(written, 'write', `the ${kind}`, span, context);
    if (path === undefined) continue;
    if (isInside(context.file, path)) {
      const message = `the ${kind} \`${written}\` holds the pipeline file itself`;
      context.report(problem('path-invalid', message, { span, hint: 'name a file or a folder of its own' }));
    } else outs.push(makeOut(path, kind, flags, span));
  }
  return outs;
}

/** A path may stand in one place only: as two kinds of out, or in two spellings, its flags would be in doubt. */
export function reportRepeatedOuts(outs: readonly Out[], context: PathContext): void {
  if (outs.length < 2) return;
  const seen = new Map<string, Out>();
  for (const out of outs) {
    const first = seen.get(out.path);
    if (first) {
      const message = `\`${out.path}\` stands twice among the outs of the stage`;
      const notes = [
        { message: `it is ${first.kind === 'out' ? 'an out' : `a ${first.kind}`} here`, span: first.span },
      ];
      context.report(problem('out-duplicate', message, { span: out.span, notes }));
    } else seen.set(out.path, out);
  }
}

/** The text of a scalar; DVC reads a number that a template gave as its text. */
export function textOf(node: Node): string | undefined {
  if (node.kind !== 'scalar' || node.value === null) return undefined;
  return String(node.value);
}

export function itemsOf(node: Node): readonly Node[] {
  return node.kind === 'list' ? node.items : [];
}

/** Whether a path is a pattern: these characters stand for themselves only behind a backslash. */
export function isGlob(path: string): boolean {
  return /(?<!\\)(?:[*?]|\[[^\]]+\]|\{[^{}]*(?:,|\.\.)[^{}]*\})/.test(path);
}

const URL_START = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//;

function readDep(written: string, imports: boolean, span: Span, context: PathContext): Dep | undefined {
  if (context.dialect === 'dvc' || !isGlob(written)) {
    const path = readPath(written, 'read', 'the dep', span, context);
    return path === undefined ? undefined : { path, glob: false, imports, span };
  }
  if (written.startsWith('!')) {
    const hint = 'name what the command reads, in one pattern or several';
    context.report(problem('glob-invalid', `the pattern \`${written}\` cannot start with \`!\``, { span, hint }));
    return undefined;
  }
  if (written.length > MAX_PATTERN_LENGTH || braceCombinations(written) > MAX_BRACE_COMBINATIONS) {
    const message = `the pattern \`${written.slice(0, 60)}...\` stands for too many patterns`;
    context.report(problem('glob-invalid', message, { span }));
    return undefined;
  }
  const wdir = context.wdir.replaceAll(/[\\*?[\]{}()!]/g, String.raw`\$&`);
  const path = readPath(written, 'read', 'the dep', span, { ...context, wdir });
  return path === undefined ? undefined : { path, glob: true, imports, span };
}

const MAX_PATTERN_LENGTH = 4096;
const MAX_BRACE_COMBINATIONS = 10_000;

/** What the braces of a pattern multiply to: `{1..1000000}` would fill the memory when it is matched. */
function braceCombinations(pattern: string): number {
  let total = 1;
  for (const [, inside = ''] of pattern.matchAll(/\{([^{}]*)\}/g)) {
    const range = /^(-?\d+|[^.])\.\.(-?\d+|[^.])(?:\.\.-?\d+)?$/.exec(inside);
    total *= range ? Math.abs(rangeEnd(range[2]) - rangeEnd(range[1])) + 1 : inside.split(',').length;
  }
  return total;
}

/** `{1..9}` counts numbers, `{a..z}` characters. */
function rangeEnd(text = ''): number {
  return /^-?\d+$/.test(text) ? Number(text) : text.charCodeAt(0);
}

/** No keys, and none given at all, mean the whole file. */
function readKeys(file: string, node: Node, context: PathContext): string[] | undefined {
  if (node.kind === 'list') return node.items.flatMap((item) => textOf(item) ?? []);
  const isEmpty = node.kind === 'map' ? node.entries.length === 0 : FALSY.has(node.value);
  if (isEmpty) return [];
  const message = `the params of \`${file}\` are a list of keys, not ${nodeKind(node)}`;
  context.report(problem('type-wrong', message, { span: node.span }));
  return undefined;
}

/** What Python takes for "nothing". */
const FALSY: ReadonlySet<unknown> = new Set([null, false, '', 0, 0n]);

function makeOut(path: string, kind: OutKind, flags: ReadonlyMap<string, Node> | undefined, span: Span): Out {
  if (!flags) return { path, kind, cache: true, persist: false, push: true, span };
  const isSet = (name: string, fallback: boolean): boolean => {
    const node = flags.get(name);
    return node?.kind === 'scalar' && typeof node.value === 'boolean' ? node.value : fallback;
  };
  const extra: { plot?: Value; desc?: string } = {};
  if (kind === 'plot') {
    const plot = new Map<string, Value>();
    for (const name of PLOT_NAMES) {
      const node = flags.get(name);
      if (node) plot.set(name, toValue(node));
    }
    if (plot.size > 0) extra.plot = plot;
  }
  const desc = flags.get('desc');
  if (desc) extra.desc = textOf(desc) ?? '';
  const [cache, persist, push] = [isSet('cache', true), isSet('persist', false), isSet('push', true)];
  return { path, kind, cache, persist, push, ...extra, span };
}

function flag(map: MapNode, name: string, fallback: boolean): boolean {
  const node = map.get(name);
  return node?.kind === 'scalar' && typeof node.value === 'boolean' ? node.value : fallback;
}

function reportPython(written: string, span: Span, context: PathContext): undefined {
  const message = `\`${written}\` is Python: params cannot be read from it`;
  const hint = 'move the values into a YAML, JSON or TOML file';
  context.report(problem(context.dialect === 'dvc' ? 'dvc-unsupported' : 'path-invalid', message, { span, hint }));
}

function reportUrl(written: string, what: string, span: Span, context: PathContext): undefined {
  const message = `${what} \`${written}\` is not a file of the project`;
  const hint = 'let a stage fetch it, and depend on what that stage makes';
  context.report(problem(context.dialect === 'dvc' ? 'dvc-unsupported' : 'path-invalid', message, { span, hint }));
}
