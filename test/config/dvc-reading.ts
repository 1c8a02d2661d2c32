// What our readers make of a case that DVC has answered, in the form of the answers (bench/dvc/answer.py). Values are
// written by `canon`: one text per value, typed, in order. Knows no schema: that is the pipeline's business.
import type { DvcCase, ParamsCase, ProjectCase } from '../../bench/dvc/case.ts';
import type { Problem } from '../../src/base/problem.ts';
import { readDvcFlags } from '../../src/config/dvc.ts';
import { expandStage, resolveStage } from '../../src/config/expand.ts';
import type { Node, Scalar } from '../../src/config/node.ts';
import { lookUpParam, readParams } from '../../src/config/params.ts';
import type { Dialect } from '../../src/config/stage.ts';
import { pythonText } from '../../src/config/template-text.ts';
import { ScalarNode, noPlace } from '../../src/config/node.ts';
import { NO_VARS, loadVars } from '../../src/config/vars.ts';
import type { Reading } from '../../src/config/vars.ts';
import { parseYaml } from '../../src/config/yaml.ts';

export interface Answer {
  readonly name: string;
  readonly of: string;
  readonly error?: string;
  readonly value?: string;
  readonly values?: Readonly<Record<string, string | null>>;
  readonly stages?: Readonly<Record<string, string>>;
}

export interface OurAnswer {
  readonly problems: readonly Problem[];
  readonly value?: string;
  readonly values?: Readonly<Record<string, string | null>>;
  readonly stages?: Readonly<Record<string, string>>;
}

export function ourAnswer(question: DvcCase, dialect: Dialect = 'dvc'): OurAnswer {
  switch (question.kind) {
    case 'project':
      return resolveProject(question, dialect);
    case 'params':
      return { problems: [], values: lookUpAll(question, dialect) };
    default: {
      const { node, problems } = parseYaml('case.yaml', question.text, { dialect });
      return { problems, ...(node && { value: canon(node) }) };
    }
  }
}

/** Files in memory, for the readers that take a port. */
export function readingOf(files: Readonly<Record<string, string>>): Reading {
  return {
    read: (path) => (path in files ? Buffer.from(files[path] ?? '') : null),
    kind: (path) => {
      if (path in files) return 'file';
      return Object.keys(files).some((file) => file.startsWith(`${path}/`)) ? 'folder' : null;
    },
  };
}

export function resolveProject(question: ProjectCase, dialect: Dialect): OurAnswer {
  const problems: Problem[] = [];
  const report = (found: Problem): void => {
    problems.push(found);
  };
  const reading = readingOf(question.files);
  const file = question.file ?? 'dvc.yaml';
  const { node, problems: syntax } = parseYaml(file, question.files[file] ?? '', { dialect });
  if (node?.kind !== 'map') return { problems: syntax };
  const source = { dialect, dir: '.', defaultFile: 'params.yaml' };
  const vars = loadVars(node.get('vars'), NO_VARS, source, reading, report);
  if (!vars) return { problems };
  const { flags } = readDvcFlags('.', reading);
  const stages: Record<string, string> = {};
  const entries = node.get('stages');
  for (const entry of entries?.kind === 'map' ? entries.entries : []) {
    for (const stage of expandStage(entry, { dialect, values: vars.values, flags }, report)) {
      const useOf = (field: string): 'cmd' | 'text' => (field === 'cmd' ? 'cmd' : 'text');
      const resolved = resolveStage(stage, { dir: '.', vars, useOf, reading }, report);
      if (resolved) stages[stage.name] = canon(resolved);
    }
  }
  return { problems, stages };
}

function lookUpAll(question: ParamsCase, dialect: Dialect): Record<string, string | null> {
  const { node } = readParams(question.file, question.text, dialect);
  const values: Record<string, string | null> = {};
  for (const key of question.keys) {
    const found = node ? lookUpParam(node, key, dialect) : { kind: 'missing' as const };
    values[key] = found.kind === 'found' ? canon(found.node) : found.kind === 'missing' ? null : '!ValueError';
  }
  return values;
}

export function canon(node: Node): string {
  if (node.kind === 'list') return `[${node.items.map(canon).join(',')}]`;
  if (node.kind === 'map') {
    return `{${node.entries.map((entry) => `${canonScalar(entry.typedKey)}:${canon(entry.value)}`).join(',')}}`;
  }
  if (node.special !== undefined) return node.special === 'timestamp' ? 'date' : 'bytes';
  return canonScalar(node.value);
}

function canonScalar(value: Scalar): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') return `f${pythonText(new ScalarNode(value, noPlace('')))}`;
  return String(value);
}
