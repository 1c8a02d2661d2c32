// A terminal that is none: it swallows what is written, is 80 columns wide, and hears nothing. A test gives what it looks at.
import type { Terminal } from '../../src/cli/command.ts';

export function stubTerminal(part: Partial<Terminal> = {}): Terminal {
  const ignore = () => () => undefined;
  return {
    out: () => undefined,
    err: () => undefined,
    color: { out: false, err: false },
    isTTY: false,
    columns: () => 80,
    rows: () => 24,
    outColumns: () => 80,
    onResize: ignore,
    onExit: ignore,
    ownsProcess: false,
    cwd: '/',
    env: {},
    nowMs: () => 0,
    interrupt: { listen: ignore },
    ...part,
  };
}
