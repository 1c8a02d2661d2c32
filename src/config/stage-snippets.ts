// What an editor offers for a new stage. Each becomes a valid pipeline when its places are taken as they are.
import type { Snippet } from './shape.ts';

export const STAGE_SNIPPETS: readonly Snippet[] = [
  {
    label: 'stage',
    description: 'A command, what it reads and what it makes.',
    body: { '${1:name}': { cmd: '${2:command}', deps: ['${3:input}'], outs: ['${4:output}'] } },
  },
  {
    label: 'stage with metrics and a check',
    description: 'A command that writes numbers, and the condition on them.',
    body: {
      '${1:name}': {
        cmd: '${2:command}',
        deps: ['${3:input}'],
        metrics: ['${4:metrics.json}'],
        checks: ['${5:accuracy} > ${6:0.8}'],
      },
    },
  },
  {
    label: 'stages of a matrix',
    description: 'One stage for each combination of values.',
    body: {
      '${1:name}': {
        matrix: { '${2:axis}': ['${3:value}'] },
        cmd: '${4:command} \\${item.${2:axis}\\}',
        outs: ['${5:output}-\\${item.${2:axis}\\}'],
      },
    },
  },
  {
    label: 'stages of a foreach',
    description: 'One stage for each item of a list.',
    body: {
      '${1:name}': {
        foreach: ['${2:value}'],
        do: { cmd: '${3:command} \\${item\\}', outs: ['${4:output}-\\${item\\}'] },
      },
    },
  },
];
