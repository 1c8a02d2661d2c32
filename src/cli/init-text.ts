// The texts that `repro init` writes: a first pipeline.yaml and params.yaml, with comments that say what goes where. Text only.
import { scalarText } from '../config/stage-text.ts';
import type { FoundStage } from './init-scan.ts';

export interface FirstFiles {
  readonly pipeline: string;
  readonly params: string;
  /** Cached outs, for .gitignore. */
  readonly outs: readonly string[];
}

export function firstFiles(stages: readonly FoundStage[], schema: string, hasParams: boolean): FirstFiles {
  const head = `# yaml-language-server: $schema=${schema}
# What is made from what. \`repro\` runs what changed, restores what it knows, and leaves the rest.
# \`repro add --help\` shows how to add a stage, \`repro help\` lists the commands.
stages:
`;
  if (stages.length > 0)
    return { pipeline: head + stages.map(stageText).join('\n'), params: KNOBS_OF_YOUR_OWN, outs: [] };
  return { pipeline: head + example(hasParams), params: EXAMPLE_KNOBS, outs: ['hello.txt'] };
}

const KNOBS_OF_YOUR_OWN = `# The knobs of the pipeline. A stage that depends on one names it under \`params:\`.
# Its command gets them as JSON in the file that REPRO_PARAMS names, or as \${train.lr} in the command itself.
#
# train:
#   lr: 0.1
`;

const EXAMPLE_KNOBS = `# The knobs of the pipeline. A stage that depends on one names it under \`params:\`.
greeting: hello
`;

function example(hasParams: boolean): string {
  const word = hasParams ? 'hello' : '${greeting}';
  return `  # An example: change it, or put stages of your own in its place.
  hello:
    # What to run: a shell command in any language.
    cmd: echo "${word}, world" > hello.txt
    # What it reads. When one of these changes, the stage runs again.
    # deps: [hello.sh, data/names.csv]
${hasParams ? '    # Which keys of params.yaml it depends on.\n    # params: [greeting]\n' : '    # Which keys of params.yaml it depends on.\n    params: [greeting]\n'}    # What it makes: kept in the store, and put back instead of made again.
    outs: [hello.txt]
    # Numbers that it writes, small JSON files; and what must hold of them.
    # metrics: [metrics.json]
    # checks: ["accuracy > 0.9"]
`;
}

/** Found, not known: what a script makes is for its author to say. Until then the stages run in this order. */
function stageText(stage: FoundStage, at: number, all: readonly FoundStage[]): string {
  const before = all[at - 1];
  const lines = [`  ${scalarText(stage.name)}:`, `    cmd: ${scalarText(stage.cmd)}`];
  if (at === 0) lines.push('    # What the command reads. When one of these changes, the stage runs again.');
  if (stage.mentions.length > 0)
    lines.push(`    # The script names ${stage.mentions.join(', ')}: a dep if it is read, an out if it is made.`);
  if (stage.deps.length > 0) lines.push('    deps:', ...stage.deps.map((path) => `      - ${scalarText(path)}`));
  if (stage.param !== undefined) lines.push(`    params: [${scalarText(stage.param)}]`);
  if (at === 0) {
    lines.push('    # What it makes: kept in the store, and put back instead of made again.');
    lines.push('    # outs: [data/clean.csv]');
    lines.push('    # Numbers that it writes, and what must hold of them.');
    lines.push('    # metrics: [metrics.json]');
    lines.push('    # checks: ["accuracy > 0.9"]');
  } else lines.push('    # outs: []');
  if (before !== undefined) {
    if (at === 1) lines.push('    # An order without data. Not needed once this stage has a dep that the other makes.');
    lines.push(`    after: [${scalarText(before.name)}]`);
  }
  return `${lines.join('\n')}\n`;
}
