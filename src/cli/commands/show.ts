// `repro show STAGE`: the stage after expansion, each value with the place it came from.
import type { Span } from '../../base/problem.ts';
import { toPlain } from '../../base/value.ts';
import type { Stage } from '../../config/stage.ts';
import { usage } from '../arguments.ts';
import { flag } from '../command.ts';
import type { Invocation } from '../command.ts';
import { renderTable, safe } from '../format.ts';
import { openWorkspace, printJson, projectOf, selectionOf } from '../open.ts';
import { palette } from '../palette.ts';

export async function show(invocation: Invocation): Promise<number> {
  const { project, targets } = projectOf(invocation);
  if (targets.length === 0) throw usage('`repro show` needs a stage', '`repro list` shows the stages');
  const workspace = await openWorkspace(invocation, project);
  const { named } = selectionOf(workspace, targets, 'single');
  const stages = [...named]
    .sort((a, b) => a - b)
    .map((at) => workspace.graph.stages[at])
    .filter((stage) => stage !== undefined);
  workspace.close();
  const shown = stages.map((stage) => ({ name: stage.name, place: place(stage.span), fields: fieldsOf(stage) }));
  if (flag(invocation.values, 'json')) {
    printJson(invocation.terminal, { stages: shown });
    return 0;
  }
  const { bold, dim } = palette(invocation.terminal.color.out);
  for (const { name, place: at, fields } of shown) {
    const rows = fields.flatMap((field) =>
      field.values.map((value, i) => [
        i === 0 ? `  ${field.name}` : '',
        value.text.trimEnd().split('\n').map(safe).join('\n  │ '),
        dim(safe(value.place)),
      ]),
    );
    invocation.terminal.out(`${bold(safe(name))}  ${dim(safe(at))}\n${renderTable([], rows)}`);
  }
  return 0;
}

interface ShownValue {
  readonly text: string;
  readonly place: string;
}

interface ShownField {
  readonly name: string;
  readonly values: readonly ShownValue[];
}

/** A value without a place of its own has that of its field, or of the stage. */
type Value = readonly [text: string, span?: Span];
type Field = readonly [name: string, values: readonly Value[]];

function fieldsOf(stage: Stage): ShownField[] {
  const fields = [...commandFields(stage), ...dataFields(stage), ...surroundingFields(stage), ...limitFields(stage)];
  return fields
    .filter(([, values]) => values.length > 0)
    .map(([name, values]) => ({
      name,
      values: values.map(([text, span]) => ({ text, place: place(span ?? stage.places[name] ?? stage.span) })),
    }));
}

function commandFields({ desc, cmd, wdir }: Stage): Field[] {
  return [
    ['desc', desc === undefined ? [] : [[desc]]],
    ['cmd', cmd.map((each) => [each])],
    ['wdir', wdir === '.' ? [] : [[wdir]]],
  ];
}

function dataFields({ deps, params, outs, checks }: Stage): Field[] {
  const made = (kind: Stage['outs'][number]['kind']): Value[] =>
    outs
      .filter((out) => out.kind === kind)
      .map((out) => [`${out.path}${out.cache ? '' : ' (cache: false)'}${out.persist ? ' (persist)' : ''}`, out.span]);
  return [
    [
      'deps',
      deps.map((dep) => [`${dep.path}${dep.glob ? ' (glob)' : ''}${dep.imports ? '' : ' (imports: false)'}`, dep.span]),
    ],
    [
      'params',
      params.map((ref) => [`${ref.file}: ${ref.keys.length === 0 ? '(whole file)' : ref.keys.join(', ')}`, ref.span]),
    ],
    ['outs', made('out')],
    ['metrics', made('metric')],
    ['plots', made('plot')],
    ['checks', checks.map((check) => [`${check.text}${check.severity === 'warn' ? ' (warn)' : ''}`, check.span])],
  ];
}

function surroundingFields({ env, secrets, runtime, when, after, shell }: Stage): Field[] {
  return [
    ['env', env.map((name) => [name])],
    ['secrets', secrets.map((name) => [name])],
    ['runtime', runtime.map((command) => [command])],
    ['when', when ? [[when.text, when.span]] : []],
    ['after', after.map((each) => [each.name, each.span])],
    ['shell', shell === 'sh' ? [] : [[shell]]],
  ];
}

function limitFields(stage: Stage): Field[] {
  const { timeoutMs, retry, resources, meta } = stage;
  const isOn = (on: boolean): Value[] => (on ? [['true']] : []);
  return [
    ['timeout', timeoutMs === undefined ? [] : [[`${timeoutMs / 1000} s`]]],
    [
      'retry',
      retry === undefined ? [] : [[`${retry.limit} times, after ${retry.delayMs / 1000} s, times ${retry.backoff}`]],
    ],
    ['resources', [...resources].map(([name, amount]) => [`${name}: ${amount}`])],
    ['frozen', isOn(stage.frozen)],
    ['always_changed', isOn(stage.alwaysChanged)],
    ['always', isOn(stage.always)],
    ['meta', meta === undefined ? [] : [[JSON.stringify(toPlain(meta))]]],
  ];
}

function place(span: Span): string {
  return `${span.file}:${span.line}:${span.column}`;
}
