// Problems as one line each, for tables: `code line:column+length text | hint`.
import type { Problem } from '../../src/base/problem.ts';
import { NO_VARS, loadVars } from '../../src/config/vars.ts';
import type { Vars } from '../../src/config/vars.ts';
import { parseYaml } from '../../src/config/yaml.ts';
import { expandStage, resolveStage } from '../../src/config/expand.ts';
import type { Expanded } from '../../src/config/expand.ts';
import type { Dialect } from '../../src/config/stage.ts';
import { canon, readingOf } from './dvc-reading.ts';
import type { MapNode } from '../../src/config/node.ts';

export function shown(problems: readonly Problem[]): string[] {
  return problems.map(({ code, message, span, hint }) => {
    const place = span ? ` ${span.line}:${span.column}+${span.length}` : '';
    return `${code}${place} ${message}${hint === undefined ? '' : ` | ${hint}`}`;
  });
}

/** The text that a Problem points at. */
export function pointed(found: Problem | undefined): string | undefined {
  const span = found?.span;
  return span?.text.slice(span.column - 1, span.column - 1 + span.length);
}

export interface ReadProject {
  readonly problems: readonly Problem[];
  readonly vars: Vars | undefined;
  readonly stages: readonly Expanded[];
  /** Stage -> its resolved fields, as `canon` writes them. */
  readonly resolved: Readonly<Record<string, string>>;
}

/** Reads a pipeline without its schema: vars, expansion, templates. */
export function readProject(
  files: Readonly<Record<string, string>>,
  dialect: Dialect = 'repro',
  limit?: number,
): ReadProject {
  const problems: Problem[] = [];
  const report = (found: Problem): void => {
    problems.push(found);
  };
  const reading = readingOf(files);
  const { node, problems: syntax } = parseYaml('pipeline.yaml', files['pipeline.yaml'] ?? '', { dialect });
  if (node?.kind !== 'map') return { problems: syntax, vars: undefined, stages: [], resolved: {} };
  const source = { dialect, dir: '.', defaultFile: 'params.yaml' };
  const vars = loadVars(node.get('vars'), NO_VARS, source, reading, report);
  if (!vars) return { problems, vars, stages: [], resolved: {} };
  const written = node.get('stages');
  const options = limit === undefined ? {} : { limit };
  const entries = written?.kind === 'map' ? written.entries : [];
  const stages = entries.flatMap((entry) => expandStage(entry, { dialect, values: vars.values }, report, options));
  const useOf = (field: string): 'cmd' | 'any' => (field === 'cmd' ? 'cmd' : 'any');
  const resolved = stages
    .map((stage): [string, MapNode | undefined] => [
      stage.name,
      resolveStage(stage, { dir: '.', vars, useOf, reading }, report),
    ])
    .flatMap(([name, fields]): [string, string][] => (fields ? [[name, canon(fields)]] : []));
  return { problems, vars, stages, resolved: Object.fromEntries(resolved) };
}
