// What a step gives to GitHub Actions through files named in its environment: the summary of the step and its outputs.
// Invariant: what other commands of the step wrote stays, and a summary never grows beyond what GitHub accepts.
import { dirname, relative, sep } from 'node:path';
import { explain } from '../base/fs-problem.ts';
import { closeFd, makeFolder, openAppend, realPath, statPath, writeFd } from '../base/fs.ts';

/** GitHub drops the whole summary of a step that is larger. */
export const SUMMARY_LIMIT_BYTES = 1024 * 1024;

/** `render` gets the number of bytes that are left. */
export function appendSummary(path: string, render: (limitBytes: number) => string): void {
  const present = Number(statPath(path)?.size ?? 0n);
  const text = render(SUMMARY_LIMIT_BYTES - present - 1);
  // A line that somebody left open would swallow our first one.
  append(path, present > 0 ? `\n${text}` : text);
}

/** Names and values are ours and hold no line ends. */
export function appendOutputs(path: string, outputs: Readonly<Record<string, string | number | boolean>>): void {
  append(
    path,
    Object.entries(outputs)
      .map(([name, value]) => `${name}=${String(value)}\n`)
      .join(''),
  );
}

/** How files of the project are named from the top of the checkout; annotations elsewhere would point nowhere. */
export function placesInRepository(
  root: string,
  env: Readonly<Record<string, string | undefined>>,
): (file: string) => string {
  const top = realPath(env['GITHUB_WORKSPACE'] ?? root) ?? root;
  const lead = relative(top, realPath(root) ?? root);
  if (lead === '' || lead === '..' || lead.startsWith(`..${sep}`)) return (file) => file;
  return (file) => `${lead}/${file}`;
}

function append(path: string, text: string): void {
  explain(`append to ${path}`, () => {
    makeFolder(dirname(path));
    const fd = openAppend(path);
    try {
      writeFd(fd, Buffer.from(text));
    } finally {
      closeFd(fd);
    }
  });
}
