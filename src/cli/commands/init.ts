// `repro init`: writes the files that a project starts with. Never over a file that is there, unless it is told to.
import { relative } from 'node:path';
import { usage } from '../arguments.ts';
import { flag } from '../command.ts';
import type { Invocation } from '../command.ts';
import { safe } from '../format.ts';
import { writeWorkflow } from '../init-github.ts';
import { projectOf } from '../open.ts';

export async function init(invocation: Invocation): Promise<number> {
  const { values, terminal } = invocation;
  if (!flag(values, 'github')) throw usage('say what to write', '`repro init --github` writes a workflow');
  const { project } = projectOf(invocation);
  const path = await writeWorkflow(project, flag(values, 'force'));
  terminal.out(`${safe(relative(terminal.cwd, path))}\n`);
  return 0;
}
