// Reads one text in every way that configuration is read, and says what came out wrong: for fuzzing.
import type { Problem } from '../../src/base/problem.ts';
import { expandStage, resolveStage } from '../../src/config/expand.ts';
import { toValue } from '../../src/config/node.ts';
import { lookUpParam, readParams } from '../../src/config/params.ts';
import type { Dialect } from '../../src/config/stage.ts';
import { NO_VARS, loadVars } from '../../src/config/vars.ts';
import type { Reading } from '../../src/config/vars.ts';
import { readDvcFlags } from '../../src/config/dvc.ts';

/** Problems of all ways; throws what a reader throws, and an Error for a Problem that cannot be shown. */
export function readAnything(bytes: Uint8Array, dialect: Dialect): Problem[] {
  const problems: Problem[] = [];
  const reading: Reading = { read: () => bytes, kind: () => 'file' };
  for (const file of ['p.yaml', 'p.json', 'p.toml']) {
    const { node, problems: found } = readParams(file, bytes, dialect);
    problems.push(...found);
    if ((node === undefined) === (found.length === 0)) throw new Error(`${file}: neither a value nor a problem`);
    if (!node) continue;
    toValue(node);
    for (const key of ['a.b', 'train.*', '**.lr', 'l[0]']) lookUpParam(node, key, dialect);
    if (node.kind === 'map') problems.push(...expandAll(node, dialect, reading));
  }
  readDvcFlags('.', reading);
  for (const found of problems) checkShown(found);
  return problems;
}

type MapNode = Extract<NonNullable<ReturnType<typeof readParams>['node']>, { kind: 'map' }>;

function expandAll(node: MapNode, dialect: Dialect, reading: Reading): Problem[] {
  const problems: Problem[] = [];
  const report = (found: Problem): void => {
    problems.push(found);
  };
  const source = { dialect, dir: '.', defaultFile: 'params.yaml' };
  const vars = loadVars(node.get('vars'), NO_VARS, source, reading, report) ?? NO_VARS;
  const stages = node.get('stages') ?? node;
  for (const entry of stages.kind === 'map' ? stages.entries : []) {
    for (const stage of expandStage(entry, { dialect, values: vars.values }, report, { limit: 1000 })) {
      resolveStage(stage, { dir: '.', vars, useOf: (field) => (field === 'cmd' ? 'cmd' : 'any'), reading }, report);
    }
  }
  return problems;
}

function checkShown(found: Problem): void {
  const { span } = found;
  if (found.message === '' || /\n/.test(found.message)) throw new Error(`message of ${found.code}: ${found.message}`);
  if (!span) return;
  const ok =
    span.line >= 1 &&
    span.column >= 1 &&
    span.length >= 1 &&
    span.column <= span.text.length + 1 &&
    !span.text.includes('\n');
  if (!ok) throw new Error(`place of ${found.code}: ${JSON.stringify(span)}`);
}
