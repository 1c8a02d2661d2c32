// The one table of every field of a pipeline file (with schema-parts.ts): name, shape, dialect, description, example. The
// decoder, the JSON Schema (json-schema.ts) and the reference page (reference-page.ts) are made from it, so they cannot
// disagree.
// Knows no file: reading, templates and paths are the business of others.
import {
  ANY,
  BOOLEAN,
  FILLED,
  NULL,
  STRING,
  dictOf,
  either,
  integerFrom,
  listOf,
  numberFrom,
  oneOf,
  only,
  record,
} from './shape.ts';
import type { Field, Shape } from './shape.ts';
import {
  ANNOTATION_FIELDS,
  CHECKS,
  DEP_FIELDS,
  DURATION,
  ENV_NAMES,
  OUTS,
  PLOT_OUTS,
  RETRY_FIELDS,
  VARS,
  PLOT_TEXT_FIELDS,
} from './schema-parts.ts';
import { STAGE_SNIPPETS } from './stage-snippets.ts';

export const MATRIX_FIELDS: readonly Field[] = [
  {
    name: 'include',
    shape: either({ kind: 'string', format: 'template' }, listOf(dictOf('axis', ANY))),
    only: 'repro',
    description: 'Combinations to add. One that fits an existing combination adds its further values to that one.',
    example: 'include: [{ model: ridge, min_r2: 0.6 }]',
  },
  {
    name: 'exclude',
    shape: either({ kind: 'string', format: 'template' }, listOf(dictOf('axis', ANY))),
    only: 'repro',
    description: 'Combinations to leave out: each one that has all of these values.',
    example: 'exclude: [{ model: ridge, seed: 2 }]',
  },
];

const MATRIX_AXIS = either(only('repro', { kind: 'string', format: 'template' }), only('dvc', STRING), listOf(ANY));

const MATRIX_FIELD: Field = {
  name: 'matrix',
  shape: either(only('repro', { kind: 'string', format: 'template' }), record(MATRIX_FIELDS, MATRIX_AXIS)),
  description:
    'Makes one stage for each combination of the values of its axes, named `stage@a-b`. Inside, `${item.AXIS}` is a value and `${key}` the part of the name after `@`.',
  example: 'matrix: { model: [forest, ridge], seed: [1, 2] }',
};

/** The fields that DVC knows, in the order of its documentation. */
const SHARED_FIELDS: readonly Field[] = [
  {
    name: 'cmd',
    shape: either(FILLED, only('repro', listOf(FILLED)), only('dvc', listOf(ANY))),
    required: true,
    description:
      'What to run. A text is one shell script; of a list each item runs in a shell of its own, up to the first failure. In `dvc.yaml` each line of a text runs in a shell of its own.',
    example: 'cmd: node stages/train.ts',
  },
  {
    name: 'wdir',
    shape: FILLED,
    description:
      'The folder that the command runs in and that the paths of the stage are relative to. Itself relative to the folder of the pipeline file, which is the default.',
    example: 'wdir: experiments',
  },
  {
    name: 'deps',
    shape: listOf(either(FILLED, only('repro', record(DEP_FIELDS)))),
    description:
      'Files and folders that the command reads. In `pipeline.yaml` they may be glob patterns, and a JavaScript or TypeScript module stands for everything that it imports; in `dvc.yaml` they are taken literally.',
    example: 'deps: [stages/train.ts, "data/*.csv"]',
  },
  {
    name: 'params',
    shape: listOf(
      either(
        FILLED,
        only('repro', dictOf('params file', either(NULL, listOf(FILLED)))),
        only('dvc', dictOf('params file', ANY)),
      ),
    ),
    description:
      'Values that the command depends on: dotted keys of `params.yaml`, or `FILE: [keys]` for another file, or `FILE:` alone for the whole of it. Files may be YAML, JSON or TOML. `*` and `?` in a key stand for any characters, and must fit exactly one key.',
    example: 'params: [seed, "train.forest", { other.json: [lr] }]',
  },
  {
    name: 'outs',
    shape: OUTS,
    description: 'Files and folders that the command makes. Each is a path, or a path with flags.',
    example: 'outs: [models/forest.json, { logs: { persist: true } }]',
  },
  {
    name: 'metrics',
    shape: OUTS,
    description: 'Outs that are small JSON, YAML or TOML files with numbers to compare and to check.',
    example: 'metrics: [{ metrics/eval.json: { cache: false } }]',
  },
  {
    name: 'plots',
    shape: PLOT_OUTS,
    description: 'Outs that are data to draw (JSON, YAML, CSV, TSV) or images.',
    example: 'plots: [{ reports/roc.csv: { x: fpr, y: tpr } }]',
  },
  {
    name: 'vars',
    shape: VARS,
    description:
      'Values for `${...}`: files, `FILE:key,key`, or maps. `params.yaml` is always among them. Those of a stage hold in that stage only.',
    example: 'vars: [config.yaml, { rate: 0.1 }]',
  },
  {
    name: 'frozen',
    shape: BOOLEAN,
    description: 'Never run the stage; what it made is taken as it is (default `false`).',
    example: 'frozen: true',
  },
  {
    name: 'always_changed',
    shape: BOOLEAN,
    description: 'Run the stage each time, whatever has changed (default `false`).',
    example: 'always_changed: true',
  },
  { name: 'desc', shape: STRING, description: 'A description for people.', example: 'desc: trains the forest' },
  {
    name: 'meta',
    shape: ANY,
    description: 'Anything. Kept and shown, never acted upon.',
    example: 'meta: { owner: ana }',
  },
];

/** What pipeline.yaml has beyond DVC. */
const ADDED_FIELDS: readonly Field[] = [
  {
    name: 'checks',
    shape: CHECKS,
    only: 'repro',
    description:
      'Conditions on the metrics of the stage, judged after it has run and whenever it is found fresh. See [expressions](#expressions).',
    example: 'checks: ["test.r2 > 0.7", { expr: "test.r2 >= base - 0.01", severity: warn }]',
  },
  {
    name: 'env',
    shape: ENV_NAMES,
    only: 'repro',
    description:
      'Environment variables that the result depends on. A digest of each value is recorded, never the value.',
    example: 'env: [TZ]',
  },
  {
    name: 'secrets',
    shape: ENV_NAMES,
    only: 'repro',
    description:
      'Environment variables that the command gets, that are hidden wherever they would be shown, and that the result does not depend on.',
    example: 'secrets: [API_KEY]',
  },
  {
    name: 'runtime',
    shape: listOf(FILLED),
    only: 'repro',
    description: 'Commands whose output is an input, such as the version of an interpreter.',
    example: 'runtime: ["node --version"]',
  },
  {
    name: 'shell',
    shape: oneOf('sh', 'bash'),
    only: 'repro',
    description: 'What runs the command: `/bin/sh -e` (the default `sh`), or `bash` with `-e` and `pipefail`.',
    example: 'shell: bash',
  },
  {
    name: 'timeout',
    shape: DURATION,
    only: 'repro',
    description: 'How long the command may take: `90s`, `10m`, `1h30m`, or a number of seconds. Then it is ended.',
    example: 'timeout: 10m',
  },
  {
    name: 'retry',
    shape: either(integerFrom(0, 100), record(RETRY_FIELDS)),
    only: 'repro',
    description: 'How many more times to try a command that failed, and how long to wait in between.',
    example: 'retry: { limit: 2, delay: 5s, backoff: 2 }',
  },
  {
    name: 'resources',
    shape: dictOf('name of the resource', numberFrom(0, Number.MAX_SAFE_INTEGER)),
    only: 'repro',
    description:
      'Named amounts that the stage takes of what the machine offers. Stages run at once only as far as these suffice; nothing is enforced on the command.',
    example: 'resources: { gpu: 1, memory_gb: 2 }',
  },
  {
    name: 'when',
    shape: either(FILLED, BOOLEAN),
    only: 'repro',
    description:
      'A condition: when it is false the stage is skipped and what it made before stays. A metrics file in it makes the stage wait for the one that writes it.',
    example: 'when: params.deploy and metrics/eval.json:r2 >= 0.7',
  },
  {
    name: 'after',
    shape: listOf(FILLED),
    only: 'repro',
    description: 'Stages, or groups of them, that must have ended before, although no data passes between them.',
    example: 'after: [prepare]',
  },
  {
    name: 'always',
    shape: BOOLEAN,
    only: 'repro',
    description:
      'Run the stage when all else has ended, even after failures (default `false`): for reports and messages.',
    example: 'always: true',
  },
];

/** What a stage and the `do` of a foreach have in common. */
export const DEFINITION_FIELDS: readonly Field[] = [...SHARED_FIELDS, ...ADDED_FIELDS];

/** One entry of `stages` that is not a foreach. */
export const STAGE_FIELDS: readonly Field[] = [MATRIX_FIELD, ...DEFINITION_FIELDS];

export const FOREACH_FIELDS: readonly Field[] = [
  {
    name: 'foreach',
    shape: either(FILLED, listOf(ANY), dictOf('key', ANY)),
    required: true,
    description:
      'Makes one stage for each item of a list or map, named `stage@item` or `stage@key`. Inside `do`, `${item}` is the value and, for maps, `${key}` the key.',
    example: 'foreach: [us, uk]',
  },
  {
    name: 'do',
    // DVC reads a matrix here and ignores it; in pipeline.yaml it would be a mistake that nobody sees.
    shape: record([{ ...MATRIX_FIELD, only: 'dvc' }, ...DEFINITION_FIELDS]),
    required: true,
    description: 'The stage to make for each item: the fields of a stage.',
    example: 'do: { cmd: "node clean.ts ${item}" }',
  },
];

export const STAGE: Shape = {
  kind: 'keyed',
  keys: ['foreach', 'do'],
  present: record(FOREACH_FIELDS),
  absent: record(STAGE_FIELDS),
};

const TEXT_OR_TEXTS = either(STRING, listOf(STRING));

export const TOP_PLOT_FIELDS: readonly Field[] = [
  {
    name: 'x',
    shape: either(STRING, dictOf('data file', STRING)),
    description: 'The field for the horizontal axis, or one field for each data file.',
    example: 'x: fpr',
  },
  {
    name: 'y',
    shape: either(STRING, listOf(STRING), dictOf('data file', TEXT_OR_TEXTS)),
    description: 'The fields for the vertical axis, or fields for each data file.',
    example: 'y: { a.csv: tpr, b.csv: tpr }',
  },
  ...PLOT_TEXT_FIELDS,
  {
    name: 'template',
    shape: STRING,
    description: 'The drawing, as for the plots of a stage.',
    example: 'template: linear',
  },
];

export const ARTIFACT_FIELDS: readonly Field[] = [
  { name: 'path', shape: FILLED, required: true, description: 'The file or folder.', example: 'path: models/best' },
  ...ANNOTATION_FIELDS,
];

export const TOP_FIELDS: readonly Field[] = [
  {
    name: 'stages',
    shape: dictOf('name of the stage', STAGE),
    description: 'The stages by name. See [stages](#stages).',
    example: 'stages: { hello: { cmd: echo hello } }',
    snippets: STAGE_SNIPPETS,
  },
  {
    name: 'vars',
    shape: VARS,
    description: 'Values for `${...}` in all stages: files, `FILE:key,key`, or maps.',
    example: 'vars: [config.yaml, { rate: 0.1 }]',
  },
  {
    name: 'params',
    shape: listOf(FILLED),
    description: 'Further params files to show and compare.',
    example: 'params: [other.yaml]',
  },
  {
    name: 'metrics',
    shape: listOf(FILLED),
    description: 'Further metrics files to show and compare.',
    example: 'metrics: [metrics/summary.json]',
  },
  {
    name: 'plots',
    shape: listOf(either(FILLED, dictOf('data file or id of the plot', either(NULL, record(TOP_PLOT_FIELDS))))),
    description: 'Plots over one or several data files.',
    example: 'plots: [{ roc: { x: fpr, y: { a.csv: tpr, b.csv: tpr } } }]',
  },
  {
    name: 'artifacts',
    shape: dictOf('name of the artifact', record(ARTIFACT_FIELDS)),
    description: 'Outs with a name that others refer to, such as a model that is released.',
    example: 'artifacts: { churn: { path: models/churn.json, type: model } }',
  },
  {
    name: 'datasets',
    shape: ANY,
    description: 'Kept as it is, for DVC.',
    example: 'datasets: [{ name: reviews, type: url, url: "https://example.org/reviews" }]',
  },
  {
    name: 'checks',
    shape: CHECKS,
    only: 'repro',
    description:
      'Conditions on any metrics files, each named with its file: `FILE:KEY`. See [expressions](#expressions).',
    example: 'checks: ["metrics/a.json:r2 >= metrics/b.json:r2"]',
  },
  {
    name: 'base',
    shape: FILLED,
    only: 'repro',
    description: 'The git revision that `base` in a check means.',
    example: 'base: origin/main',
  },
  {
    name: 'better',
    shape: dictOf('name of a metric', oneOf('higher', 'lower')),
    only: 'repro',
    description: 'Whether a higher or a lower value of a metric is the better one, where its name does not tell.',
    example: 'better: { rmse: lower }',
  },
];

export const PIPELINE: Shape = record(TOP_FIELDS);
