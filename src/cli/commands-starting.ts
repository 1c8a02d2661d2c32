// Commands that write the files a project starts with.
import type { Command } from './command.ts';
import { ADD, JSON_ONLY } from './options.ts';

export const STARTING: readonly Command[] = [
  {
    name: 'init',
    summary: 'Write the files that a project starts with',
    operands: '',
    details:
      'Writes pipeline.yaml, with a stage for each script that looks like one (prepare, train, evaluate, ... in TypeScript, JavaScript, Python, R or shell, and scripts of package.json), else with an example; params.yaml if there is none; and the lines that .gitignore needs. On a terminal it asks at most two questions.',
    options: {
      yes: { type: 'boolean', short: 'y', help: 'ask nothing' },
      github: { type: 'boolean', help: 'only a workflow for GitHub Actions that runs `repro ci`' },
      force: { type: 'boolean', short: 'f', help: 'also over a pipeline.yaml or workflow that is there' },
    },
    examples: [
      ['repro init -y', 'begin in this folder, without questions'],
      ['repro init --github', 'write .github/workflows/repro.yml, made for this project'],
    ],
    load: async () => (await import('./commands/init.ts')).init,
  },
  {
    name: 'add',
    summary: 'Add a stage to pipeline.yaml, made of flags',
    operands: '-n NAME [OPTIONS] [--] COMMAND...',
    details:
      'Everything behind the first word of the command belongs to the command. Quote what your shell must leave alone: `repro add -n up -d in.txt -o up.txt "tr a-z A-Z < in.txt > up.txt"`. Comments and order of the file stay as they are, and cached outs are added to .gitignore. The new file is loaded before it is written: a stage that would be wrong is refused.',
    takesCommand: true,
    completes: ['file'],
    options: ADD,
    examples: [
      [
        'repro add -n count -d data.csv -o lines.txt "wc -l < data.csv > lines.txt"',
        'a stage that reads one file and makes one',
      ],
      [
        'repro add -n fit -d fit.sh -d lines.txt -p lr -M fit.json --check "r2 > 0.7" sh fit.sh',
        'with a param, a metric that git keeps, and a check',
      ],
      [
        'repro add -n count -f --dry-run -d data.csv -o lines.txt "sort data.csv > lines.txt"',
        'what replacing the stage would change',
      ],
    ],
    load: async () => (await import('./commands/add.ts')).add,
  },
  {
    name: 'import',
    summary: 'Print the pipeline.yaml that means the same as a dvc.yaml',
    operands: 'dvc',
    completes: [['dvc']],
    options: {
      write: { type: 'boolean', help: 'write pipeline.yaml and its lock, so that what is up to date stays so' },
      all: { type: 'boolean', help: 'every dvc.yaml of the project, each to a pipeline.yaml beside it' },
      ...JSON_ONLY,
    },
    examples: [
      ['repro import dvc', 'print it, and what is gained and lost'],
      ['repro import dvc --write', 'write pipeline.yaml; nothing has to run again'],
    ],
    load: async () => (await import('./commands/import.ts')).importFrom,
  },
  {
    name: 'completion',
    summary: 'Print the script that makes a shell complete commands, options and stages',
    operands: 'bash|zsh|fish',
    details: 'Put one line into the file that your shell reads when it starts: see the examples.',
    completes: [['bash', 'zsh', 'fish']],
    options: {},
    examples: [
      ['repro completion bash', 'in ~/.bashrc: `source <(repro completion bash)`'],
      ['repro completion zsh', 'in ~/.zshrc: `source <(repro completion zsh)`'],
      ['repro completion fish', 'in ~/.config/fish/config.fish: `repro completion fish | source`'],
    ],
    load: async () => (await import('./commands/completion.ts')).completion,
  },
];
