// A question with yes or no on the terminal. Where nobody can answer, the default is the answer, without a word.
import { createInterface } from 'node:readline/promises';

export async function askYesNo(question: string, byDefault: boolean): Promise<boolean> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY || !stderr.isTTY) return byDefault;
  const lines = createInterface({ input: stdin, output: stderr });
  const left = new AbortController();
  // Ctrl-C and Ctrl-D leave, and nothing is written.
  lines.once('SIGINT', () => left.abort());
  lines.once('close', () => left.abort());
  try {
    const answer = (
      await lines.question(`${question} ${byDefault ? '[Y/n]' : '[y/N]'} `, { signal: left.signal })
    ).trim();
    return answer === '' ? byDefault : /^y/i.test(answer);
  } catch (error) {
    if (left.signal.aborted) throw new LeftAlone();
    throw error;
  } finally {
    lines.close();
  }
}

/** The question was left with Ctrl-C. */
export class LeftAlone extends Error {}
