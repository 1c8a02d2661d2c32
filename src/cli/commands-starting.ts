// Commands that write the files a project starts with.
import type { Command } from './command.ts';
import { JSON_ONLY } from './options.ts';

export const STARTING: readonly Command[] = [
  {
    name: 'init',
    summary: 'Write the files that a project starts with',
    operands: '',
    options: {
      github: { type: 'boolean', help: 'a workflow for GitHub Actions that runs `repro ci`' },
      force: { type: 'boolean', help: 'also over a file that is there' },
    },
    examples: [['repro init --github', 'write .github/workflows/repro.yml, made for this project']],
    load: async () => (await import('./commands/init.ts')).init,
  },
  {
    name: 'import',
    summary: 'Print the pipeline.yaml that means the same as a dvc.yaml',
    operands: 'dvc',
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
];
