// A small project for tests of commands: a chain with a matrix, a param and a description, as it is before and after a run.
import { show } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';
import type { Workspace } from '../rig/workspace.ts';

export const PIPELINE = `stages:
  get: { cmd: "cp in.txt raw", deps: [in.txt], outs: [raw], desc: Fetches }
  train:
    matrix: { n: [1, 2] }
    cmd: cat raw > m\${item.n} && echo trained \${item.n}
    deps: [raw]
    params: [lr]
    outs: ["m\${item.n}"]
  all: { cmd: cat m1 m2 > all, deps: [m1, m2], outs: [all] }
`;

export function fresh(extra = ''): Workspace {
  return project({
    'pipeline.yaml': PIPELINE + extra,
    'params.yaml': '# knobs\nlr: 0.1 # rate\n',
    'in.txt': 'x',
    '.repro/x': '',
  });
}

export async function ran(extra = ''): Promise<Workspace> {
  const workspace = fresh(extra);
  await show(workspace, ['run']);
  return workspace;
}

export async function out(workspace: Workspace, ...args: string[]): Promise<string> {
  return (await show(workspace, args)).stdout;
}

export function masked(text: string): string {
  return text
    .replaceAll(/\d{8}-\d{6}-[0-9a-f]{4}/g, 'RUN')
    .replaceAll(/\b\d+(?:\.\d)? m?s\b/g, 'TIME')
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'DATE')
    .replaceAll(/\b[0-9a-f]{10}\b/g, 'DIGEST');
}
