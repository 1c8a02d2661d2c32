// The part of the field table that is below the fields of a stage: checks, outs, plots, deps, retries, and the shapes that
// several fields share. Knows no stage.
import {
  ANY,
  BOOLEAN,
  FILLED,
  STRING,
  dictOf,
  either,
  integerFrom,
  listOf,
  numberFrom,
  oneOf,
  record,
} from './shape.ts';
import type { Field } from './shape.ts';
import { MAX_DURATION_MS } from './duration.ts';

const MAX_SECONDS = MAX_DURATION_MS / 1000;
export const DURATION = either({ kind: 'string', format: 'duration' }, numberFrom(0, MAX_SECONDS));
export const ENV_NAMES = listOf({ kind: 'string', format: 'env-name' });

export const CHECK_FIELDS: readonly Field[] = [
  {
    name: 'expr',
    shape: FILLED,
    required: true,
    description: 'The condition that must hold. See [expressions](#expressions).',
    example: 'expr: test.r2 >= base - 0.01',
  },
  {
    name: 'severity',
    shape: oneOf('error', 'warn'),
    description:
      'What a failure means: `error` (the default) blocks the stages below and makes the exit code 4, `warn` is shown only.',
    example: 'severity: warn',
  },
];

export const CHECKS = listOf(either(FILLED, record(CHECK_FIELDS)));

export const ANNOTATION_FIELDS: readonly Field[] = [
  { name: 'desc', shape: STRING, description: 'A description for people.', example: 'desc: the trained model' },
  {
    name: 'type',
    shape: STRING,
    description: 'A word for what it is, such as `model` or `dataset`.',
    example: 'type: model',
  },
  { name: 'labels', shape: listOf(STRING), description: 'Words to group by.', example: 'labels: [churn, weekly]' },
  {
    name: 'meta',
    shape: ANY,
    description: 'Anything. Kept and shown, never acted upon.',
    example: 'meta: { owner: ana }',
  },
];

export const OUT_FIELDS: readonly Field[] = [
  ...ANNOTATION_FIELDS,
  {
    name: 'cache',
    shape: BOOLEAN,
    description:
      'Whether the content is kept in the store (default `true`). With `false` it is usually a small file that git tracks.',
    example: 'cache: false',
  },
  {
    name: 'persist',
    shape: BOOLEAN,
    description: 'Leave the out in place while the command runs, so that it can add to it (default `false`).',
    example: 'persist: true',
  },
  {
    name: 'checkpoint',
    shape: BOOLEAN,
    only: 'dvc',
    description: 'Read and without effect: DVC keeps the word for old files.',
  },
  {
    name: 'remote',
    shape: STRING,
    description: 'Read and without effect: kept for remotes, which do not exist yet.',
    example: 'remote: archive',
  },
  {
    name: 'push',
    shape: BOOLEAN,
    description: 'Read and without effect: kept for remotes, which do not exist yet.',
    example: 'push: false',
  },
];

/** What is written around a plot, of a stage or over several files. */
export const PLOT_TEXT_FIELDS: readonly Field[] = [
  {
    name: 'x_label',
    shape: STRING,
    description: 'The text beside the horizontal axis.',
    example: 'x_label: false positive rate',
  },
  {
    name: 'y_label',
    shape: STRING,
    description: 'The text beside the vertical axis.',
    example: 'y_label: true positive rate',
  },
  { name: 'title', shape: STRING, description: 'The text above the plot.', example: 'title: ROC of the test set' },
];

export const PLOT_FIELDS: readonly Field[] = [
  {
    name: 'template',
    shape: STRING,
    description:
      'The drawing: `linear`, `scatter`, `bar_horizontal`, `confusion`, ... or a file with a Vega-Lite template.',
    example: 'template: confusion',
  },
  { name: 'x', shape: STRING, description: 'The field of the data for the horizontal axis.', example: 'x: epoch' },
  { name: 'y', shape: STRING, description: 'The field of the data for the vertical axis.', example: 'y: loss' },
  ...PLOT_TEXT_FIELDS,
  {
    name: 'header',
    shape: BOOLEAN,
    description: 'Whether the first row of a CSV or TSV file holds the names of its columns.',
    example: 'header: false',
  },
];

export const PLOT_NAMES: readonly string[] = PLOT_FIELDS.map((field) => field.name);

export const OUTS = listOf(either(FILLED, dictOf('path of the out', record(OUT_FIELDS))));
const PLOT_OUT = record([...OUT_FIELDS, ...PLOT_FIELDS]);
export const PLOT_OUTS = listOf(either(FILLED, dictOf('path of the plot', PLOT_OUT)));

export const DEP_FIELDS: readonly Field[] = [
  {
    name: 'path',
    shape: FILLED,
    required: true,
    description: 'The file, folder or glob pattern.',
    example: 'path: stages/train.ts',
  },
  {
    name: 'imports',
    shape: BOOLEAN,
    description: 'Whether a JavaScript or TypeScript module stands for all that it imports (default `true`).',
    example: 'imports: false',
  },
];

export const RETRY_FIELDS: readonly Field[] = [
  {
    name: 'limit',
    shape: integerFrom(0, 100),
    required: true,
    description: 'How many more times to try after a failure.',
    example: 'limit: 2',
  },
  {
    name: 'delay',
    shape: DURATION,
    description: 'How long to wait before the first of them (default `1s`).',
    example: 'delay: 5s',
  },
  {
    name: 'backoff',
    shape: numberFrom(1, 100),
    description: 'By what each further wait is longer than the one before it (default 2).',
    example: 'backoff: 2',
  },
];

export const VARS = listOf(either(FILLED, dictOf('name of the value', ANY)));
