// One entry of `stages` -> the stages it stands for: itself, one per item of `foreach`, one per combination of `matrix`.
// Names and order are DVC's (dvc/parsing/__init__.py); where DVC would lose a stage or crash, there is a Problem.
// Nothing of the stage is copied or resolved here: a stage is its template and a scope, `resolveStage` puts them together.
import { posix } from 'node:path';
import { problem } from '../base/problem.ts';
import type { ProblemCode } from '../base/problem.ts';
import { Entry, MapNode, ScalarNode, nodeKind } from './node.ts';
import type { ListNode, Node, Place } from './node.ts';
import { combineMatrix } from './matrix.ts';
import { nameOfValue } from './repetition.ts';
import type { Repetition } from './repetition.ts';
import { isExactTemplate, resolve } from './template.ts';
import type { Report, Scope, TemplateUse } from './template.ts';
import { templateText } from './template-text.ts';
import { loadVars, visible } from './vars.ts';
import type { Reading, Vars } from './vars.ts';

export const MAX_STAGES = 200_000;

/** A stage before its templates are resolved. All stages of one group share the template. */
export interface Expanded {
  readonly name: string;
  /** The name before `@`. */
  readonly group: string;
  readonly template: MapNode;
  readonly scope: Scope;
  /** Where the stage's name stands. */
  readonly place: Place;
}

export interface ExpandOptions {
  /** How many stages there may be. */
  readonly limit?: number;
}

export function expandStage(entry: Entry, scope: Scope, report: Report, options: ExpandOptions = {}): Expanded[] {
  const { key: group, value: body, keyPlace: place } = entry;
  const stageReport: Report = (found) => report({ stage: group, ...found });
  if (body.kind !== 'map') {
    stageReport(problem('type-wrong', `a stage is a map, not ${nodeKind(body)}`, { span: body.span }));
    return [];
  }
  if (!nameIsAllowed(group, scope, place, stageReport)) return [];
  const limit = options.limit ?? MAX_STAGES;
  const matrix = body.entry('matrix');
  const foreach = body.entry('foreach');
  if (matrix) {
    const template = new MapNode(
      body.entries.filter((field) => field !== matrix),
      body.place,
    );
    if (foreach)
      stageReport(problem('key-unknown', '`matrix` and `foreach` exclude each other', { span: foreach.keySpan }));
    if (foreach) return [];
    const repetitions = combineMatrix(matrix.value, scope, limit, stageReport);
    return name(group, repetitions, template, scope, matrix.keyPlace, place, stageReport);
  }
  if (!foreach) return [{ name: group, group, template: body, scope, place }];
  const template = body.get('do');
  if (template?.kind !== 'map') {
    const span = template?.span ?? foreach.keySpan;
    stageReport(
      problem(template ? 'type-wrong' : 'key-missing', '`foreach` needs a map `do`: the stage to repeat', { span }),
    );
    return [];
  }
  const repetitions = repeatForeach(foreach.value, scope, limit, stageReport);
  return name(group, repetitions, template, scope, foreach.keyPlace, place, stageReport);
}

export interface ResolveStageOptions {
  /** Folder of the pipeline file, relative to the root. */
  readonly dir: string;
  /** What was loaded for the whole file: vars of the stage come on top of it. */
  readonly vars: Vars;
  /** Which values the templates of a field may give. */
  readonly useOf: (field: string) => TemplateUse;
  readonly reading: Reading;
}

/** A stage with its templates resolved and its own `vars` taken out; undefined when a problem was reported. */
export function resolveStage(stage: Expanded, options: ResolveStageOptions, report: Report): MapNode | undefined {
  const stageReport: Report = (found) => report({ stage: stage.name, ...found });
  const { template } = stage;
  const vars = template.get('vars');
  const scope = vars ? stageScope(stage, vars, options, stageReport) : stage.scope;
  if (!scope) return undefined;
  const entries: Entry[] = [];
  let failed = false;
  let changed = vars !== undefined;
  for (const field of template.entries) {
    if (field.key === 'vars') continue;
    const value = resolve(field.value, scope, options.useOf(field.key), stageReport);
    if (!value) failed = true;
    else if (value === field.value) entries.push(field);
    else entries.push(new Entry(field.key, field.typedKey, field.keyPlace, value));
    changed ||= value !== field.value;
  }
  if (failed) return undefined;
  return changed ? new MapNode(entries, template.place) : template;
}

/** The stage's own vars on top of the file's; their files are relative to its `wdir`. */
function stageScope(stage: Expanded, vars: Node, options: ResolveStageOptions, report: Report): Scope | undefined {
  const written = stage.template.get('wdir');
  const wdir = written && resolve(written, stage.scope, 'text', report);
  if (written && !wdir) return undefined;
  const folder = wdir?.kind === 'scalar' && wdir.value !== null ? templateText(wdir) : '.';
  const dir = posix.join(options.dir, folder);
  const reserved = [...(stage.scope.local?.keys() ?? [])];
  const source = { dialect: stage.scope.dialect, dir, reserved };
  const loaded = loadVars(vars, options.vars, source, options.reading, report);
  return loaded && { ...stage.scope, values: loaded.values };
}

function name(
  group: string,
  repetitions: readonly Repetition[] | undefined,
  template: MapNode,
  scope: Scope,
  at: Place,
  place: Place,
  report: Report,
): Expanded[] {
  if (!repetitions) return [];
  if (repetitions.length === 0 && scope.dialect === 'repro') {
    report(problem('matrix-empty', `\`${group}\` expands to no stage`, { span: at.span }));
  }
  const stages = new Map<string, Expanded>();
  for (const { key, local } of repetitions) {
    const full = `${group}@${key}`;
    const wrong = wrongKey(key, scope);
    if (wrong !== undefined) {
      report(problem('stage-name-invalid', `the stage name \`${full}\` ${wrong}`, { span: at.span }));
      return [];
    }
    if (stages.has(full) && scope.dialect === 'repro') {
      const hint = 'make the values differ: each stage needs a name of its own';
      report(problem('stage-duplicate', `two stages are called \`${full}\``, { span: at.span, hint }));
      return [];
    }
    stages.set(full, { name: full, group, template, scope: { ...scope, local }, place });
  }
  return [...stages.values()];
}

function wrongKey(key: string, scope: Scope): string | undefined {
  if (key === '') return 'ends in nothing: the value is empty';
  if (key.includes('@')) return 'has a second `@`';
  // oxlint-disable-next-line no-control-regex
  if (scope.dialect === 'repro' && /[\u0000-\u001f\u007f]/.test(key)) return 'has a control character';
  return undefined;
}

function nameIsAllowed(group: string, scope: Scope, place: Place, report: Report): boolean {
  // oxlint-disable-next-line no-control-regex
  const odd = scope.dialect === 'repro' && /[\u0000-\u001f\u007f]/.test(group);
  if (group !== '' && !group.includes('@') && !odd) return true;
  const why =
    group === ''
      ? 'is empty'
      : odd
        ? 'has a control character'
        : 'has an `@`, which stands before the key of a repeated stage';
  report(problem('stage-name-invalid', `the stage name \`${group}\` ${why}`, { span: place.span }));
  return false;
}

function repeatForeach(data: Node, scope: Scope, limit: number, report: Report): Repetition[] | undefined {
  const fail = (code: ProblemCode, message: string): undefined => {
    report(problem(code, message, { span: data.span }));
  };
  const resolved = resolve(data, scope, 'any', report);
  if (!resolved) return undefined;
  if (resolved.kind === 'scalar')
    return fail('type-wrong', `\`foreach\` is a list or a map, not ${nodeKind(resolved)}`);
  const size = resolved.kind === 'list' ? resolved.items.length : resolved.entries.length;
  if (size > limit) return fail('expansion-limit', `\`foreach\` expands to ${size} stages, the limit is ${limit}`);
  return resolved.kind === 'map'
    ? repeatMap(resolved, scope, report)
    : repeatList(resolved, isExactTemplate(data) ? undefined : data, scope, report);
}

function repeatMap(data: MapNode, scope: Scope, report: Report): Repetition[] | undefined {
  const repetitions = new Map<string, Repetition>();
  for (const entry of data.entries) {
    const item = visible(entry.value, scope.dialect, report);
    if (!item) return undefined;
    const { key } = entry;
    // The key stands for the key itself: `1` is an integer in a template too.
    const keyNode = new ScalarNode(entry.typedKey, entry.keyPlace);
    repetitions.set(`${key}\u0000${typeof entry.typedKey}`, {
      key,
      local: new Map<string, Node>([
        ['item', item],
        ['key', keyNode],
      ]),
    });
  }
  return [...repetitions.values()];
}

/** A list of single values is named by them, any other by index. `written` is the list as it stands in the file. */
function repeatList(data: ListNode, written: Node | undefined, scope: Scope, report: Report): Repetition[] | undefined {
  const byIndex = data.items.some((item) => item.kind !== 'scalar');
  const repetitions: Repetition[] = [];
  for (const [index, value] of data.items.entries()) {
    const item = visible(value, scope.dialect, report);
    if (!item) return undefined;
    const source = written?.kind === 'list' ? written.items[index] : undefined;
    const key = byIndex ? String(index) : nameOfValue(value, source);
    repetitions.push({ key, local: new Map([['item', item]]) });
  }
  return repetitions;
}
