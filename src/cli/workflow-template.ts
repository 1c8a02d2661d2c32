// The workflow of GitHub Actions that `repro init --github` writes: one job that restores what is known, runs `repro ci`,
// hands out what it made, and keeps the store for the next time. Text only. Invariant: names of others are quoted.

export interface WorkflowSpec {
  /** Whose pushes fill the cache. */
  readonly branch: string;
  /** Where the pipeline file stands, relative to the top of the repository as everything here; empty for the top. */
  readonly folder: string;
  /** The name of the pipeline file. */
  readonly pipelineFile: string;
  readonly storeFolder: string;
  /** Files whose content says what the store should hold. */
  readonly keyFiles: readonly string[];
  /** The folder of package-lock.json; undefined when there is none. */
  readonly packageFolder: string | undefined;
  /** Of repro, when package-lock.json does not name it. */
  readonly version: string | undefined;
  /** For pip; in the folder of the pipeline file. */
  readonly requirements: string | undefined;
}

/** Each action by its commit: a tag can be moved. */
const ACTIONS = {
  checkout: 'actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0',
  node: 'actions/setup-node@a0853c24544627f65ddf259abe73b1d18a591444 # v5.0.0',
  python: 'actions/setup-python@e797f83bcb11b83ae66e0230d6156d7c80228e7c # v6.0.0',
  restore: 'actions/cache/restore@0057852bfaa89a56745cba8c7296529d2fc39830 # v4.3.0',
  save: 'actions/cache/save@0057852bfaa89a56745cba8c7296529d2fc39830 # v4.3.0',
  upload: 'actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02 # v4.6.2',
} as const;

export function renderWorkflow(spec: WorkflowSpec): string {
  const { folder, branch } = spec;
  const repro = spec.version === undefined ? 'npx repro' : `npx --yes repro@${spec.version}`;
  const fileOption = spec.pipelineFile === 'pipeline.yaml' ? '' : ` --file ${shellWord(spec.pipelineFile)}`;
  const results = '"$RUNNER_TEMP/repro';
  const files = spec.keyFiles.map((path) => singleQuoted(path)).join(', ');
  return `# Written by \`repro init --github\`; it is yours to change.
name: repro

on:
  push:
    branches: [${singleQuoted(branch)}]
  pull_request:
  workflow_dispatch:

permissions: {}

concurrency:
  group: repro-\${{ github.event_name }}-\${{ github.ref }}
  cancel-in-progress: \${{ github.event_name == 'pull_request' }}

jobs:
  pipeline:
    runs-on: ubuntu-latest
    timeout-minutes: 60
    permissions:
      contents: read
${folder === '' ? '' : `    defaults:\n      run:\n        working-directory: ${quoted(folder)}\n`}    steps:
      - uses: ${ACTIONS.checkout}
        with:
          # Checks against \`base\` look back in the history.
          fetch-depth: 0
          persist-credentials: false
      - uses: ${ACTIONS.node}
        with:
          node-version: 24
${installSteps(spec)}      - id: known
        uses: ${ACTIONS.restore}
        with:
          path: ${quoted(spec.storeFolder)}
          key: ${quoted(`repro-\${{ runner.os }}-\${{ hashFiles(${files}) }}`)}
          restore-keys: repro-\${{ runner.os }}-
      - id: repro
        run: ${quoted(`${repro} ci${fileOption} --junit ${results}/junit.xml" --comment ${results}/comment.md" --report ${results}/report.html"`)}
      - if: \${{ !cancelled() }}
        uses: ${ACTIONS.upload}
        with:
          name: repro
          path: \${{ runner.temp }}/repro
      # Pull requests use the store and never change it. 4: a check failed, which is a result like any other.
      - id: keep
        if: \${{ !cancelled() && github.event_name != 'pull_request' && steps.known.outputs.cache-hit != 'true' && contains(fromJSON('["0", "4"]'), steps.repro.outputs.exit-code) }}
        run: ${quoted(`${repro} gc${fileOption}`)}
      - if: \${{ !cancelled() && steps.keep.outcome == 'success' }}
        uses: ${ACTIONS.save}
        with:
          path: ${quoted(spec.storeFolder)}
          key: \${{ steps.known.outputs.cache-primary-key }}
`;
}

function installSteps({ folder, packageFolder, requirements }: WorkflowSpec): string {
  const python = `      - uses: ${ACTIONS.python}
        with:
          python-version: '3.12'
      - run: ${quoted(`pip install -r ${shellWord(requirements ?? '')}`)}
`;
  const prefix = packageFolder === folder ? '' : ' --prefix "$GITHUB_WORKSPACE"';
  const npm = packageFolder === undefined ? '' : `      - run: npm ci${prefix}\n`;
  return `${npm}${requirements === undefined ? '' : python}`;
}

/** As a YAML scalar of a block: as it is where that means the same. */
function quoted(text: string): string {
  if (/\p{Cc}/u.test(text)) return JSON.stringify(text);
  return /^[A-Za-z.][^#:]*[^#:\s]$/.test(text) && !NOT_TEXT.test(text) ? text : singleQuoted(text);
}

/** What YAML, in one of its versions, takes for a boolean, a number or nothing. */
const NOT_TEXT = /^(?:true|false|null|yes|no|on|off|\.inf|\.nan|\.\d.*)$/i;

function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
