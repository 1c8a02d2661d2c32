// What asks for nothing but words about the program itself (`repro --version`, `repro --help`): answered without the rest of
// it. Knows no project and no options.
import { fileError } from '../base/fs-problem.ts';
import { hasCode, statFd, writeFd } from '../base/fs.ts';
import { overview } from './overview.ts';
import { VERSION } from './version.ts';

const STDOUT = 1;
const PLAIN_COLUMNS = 80;

/** To the word that is the whole command line: the version, else the overview of the commands. */
export function answerPlainly(word: string): void {
  say(word === '--version' || word === '-V' ? () => `${VERSION}\n` : overview);
}

/** A stream costs more than all the rest: it is opened for a terminal, which has a width, and for a pipe that will not wait. */
function say(words: (columns: number) => string): void {
  try {
    if (!statFd(STDOUT).isCharacterDevice()) return writeFd(STDOUT, Buffer.from(words(PLAIN_COLUMNS)));
  } catch (error) {
    if (!hasCode(error, 'EAGAIN')) {
      void explainFailure(error);
      return;
    }
  }
  process.stdout.on('error', (error) => void explainFailure(error));
  process.stdout.write(words(process.stdout.columns || PLAIN_COLUMNS));
}

async function explainFailure(error: unknown): Promise<void> {
  // Who reads may have gone, as `head` does.
  if (hasCode(error, 'EPIPE', 'EIO')) return;
  const { endWith } = await import('./main.ts');
  endWith(fileError(error, 'write the output'));
}
