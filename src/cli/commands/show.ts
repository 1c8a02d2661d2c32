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

function fieldsOf(stage: Stage): ShownField[] {
  const fields: ShownField[] = [];
  const add = (name: string, values: readonly (readonly [string, Span | undefined])[]): void => {
    if (values.length > 0)
      fields.push({
        name,
        values: values.map(([text, span]) => ({ text, place: place(span ?? stage.places[name] ?? stage.span) })),
      });
  };
  const own = stage.places;
  add('desc', stage.desc === undefined ? [] : [[stage.desc, own['desc']]]);
  add(
    'cmd',
    stage.cmd.map((cmd) => [cmd, own['cmd']]),
  );
  add('wdir', stage.wdir === '.' ? [] : [[stage.wdir, own['wdir']]]);
  add(
    'deps',
    stage.deps.map((dep) => [
      `${dep.path}${dep.glob ? ' (glob)' : ''}${dep.imports ? '' : ' (imports: false)'}`,
      dep.span,
    ]),
  );
  add(
    'params',
    stage.params.map((ref) => [
      `${ref.file}: ${ref.keys.length === 0 ? '(whole file)' : ref.keys.join(', ')}`,
      ref.span,
    ]),
  );
  for (const [name, kind] of [
    ['outs', 'out'],
    ['metrics', 'metric'],
    ['plots', 'plot'],
  ] as const) {
    add(
      name,
      stage.outs
        .filter((out) => out.kind === kind)
        .map((out) => [`${out.path}${out.cache ? '' : ' (cache: false)'}${out.persist ? ' (persist)' : ''}`, out.span]),
    );
  }
  add(
    'checks',
    stage.checks.map((check) => [`${check.text}${check.severity === 'warn' ? ' (warn)' : ''}`, check.span]),
  );
  add(
    'env',
    stage.env.map((name) => [name, own['env']]),
  );
  add(
    'secrets',
    stage.secrets.map((name) => [name, own['secrets']]),
  );
  add(
    'runtime',
    stage.runtime.map((command) => [command, own['runtime']]),
  );
  add('when', stage.when ? [[stage.when.text, stage.when.span]] : []);
  add(
    'after',
    stage.after.map((each) => [each.name, each.span]),
  );
  add('shell', stage.shell === 'sh' ? [] : [[stage.shell, own['shell']]]);
  add('timeout', stage.timeoutMs === undefined ? [] : [[`${stage.timeoutMs / 1000} s`, own['timeout']]]);
  add(
    'retry',
    stage.retry === undefined
      ? []
      : [
          [
            `${stage.retry.limit} times, after ${stage.retry.delayMs / 1000} s, times ${stage.retry.backoff}`,
            own['retry'],
          ],
        ],
  );
  add(
    'resources',
    [...stage.resources].map(([name, amount]) => [`${name}: ${amount}`, own['resources']]),
  );
  for (const [name, on] of [
    ['frozen', stage.frozen],
    ['always_changed', stage.alwaysChanged],
    ['always', stage.always],
  ] as const)
    add(name, on ? [['true', own[name]]] : []);
  add('meta', stage.meta === undefined ? [] : [[JSON.stringify(toPlain(stage.meta)), own['meta']]]);
  return fields;
}

function place(span: Span): string {
  return `${span.file}:${span.line}:${span.column}`;
}
