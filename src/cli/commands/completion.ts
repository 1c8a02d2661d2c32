// `repro completion SHELL`: prints the script that makes a shell complete commands, options, stages and files.
import { nearest } from '../../base/problem.ts';
import { usage } from '../arguments.ts';
import type { Invocation } from '../command.ts';
import { COMPLETION_SCRIPTS, SHELLS } from '../completion-script.ts';

export async function completion({ positionals, terminal }: Invocation): Promise<number> {
  const [name, extra] = positionals;
  const shell = SHELLS.find((each) => each === name);
  if (shell === undefined || extra !== undefined) {
    const near = name === undefined ? undefined : nearest(name, SHELLS);
    const hint =
      near === undefined
        ? 'write `repro completion bash`, or zsh or fish'
        : `did you mean \`repro completion ${near}\`?`;
    throw usage(
      `\`repro completion\` takes one shell${name === undefined ? '' : `, not \`${positionals.join(' ')}\``}`,
      hint,
    );
  }
  terminal.out(COMPLETION_SCRIPTS[shell]);
  return Promise.resolve(0);
}
