// Single keys from the terminal. Knows no meaning of any of them. Invariant: the terminal is as it was before however this
// process ends; what signals do by keys (Ctrl-C, Ctrl-Z, Ctrl-\) they do here, too.
import { readText } from '../base/fs.ts';

export type Key = 'enter' | 'escape' | 'backspace' | { readonly text: string };

const INTERRUPT = '\u0003';
const END = '\u0004';
const SUSPEND = '\u001A';
const QUIT = '\u001C';
/** Sequences of cursor and function keys, in both forms. */
// oxlint-disable-next-line no-control-regex
const SEQUENCE = /\u001B(?:\[[0-?]*[ -/]*[@-~]|O[A-Za-z])/g;

export interface Keyboard {
  close(): void;
}

export interface KeyListeners {
  readonly onKey: (key: Key) => void;
  /** Before the process is suspended. */
  readonly onSuspend: () => void;
  /** The process was suspended and goes on: what stood on the screen may be gone. */
  readonly onResume: () => void;
}

/** Undefined where nobody types: no terminal, or this process is in the background. */
export function openKeyboard(listeners: KeyListeners): Keyboard | undefined {
  const { stdin } = process;
  if (!stdin.isTTY || !isInForeground()) return undefined;
  return new RawKeyboard(stdin, listeners);
}

class RawKeyboard implements Keyboard {
  readonly #stdin: NodeJS.ReadStream;
  readonly #listeners: KeyListeners;
  readonly #restore = (): void => this.#raw(false);
  readonly #read = (chunk: Buffer): void => this.#typed(chunk.toString('utf8'));
  readonly #resumed = (): void => {
    this.#raw(true);
    this.#listeners.onResume();
  };

  constructor(stdin: NodeJS.ReadStream, listeners: KeyListeners) {
    this.#stdin = stdin;
    this.#listeners = listeners;
    this.#raw(true);
    process.on('exit', this.#restore);
    process.on('SIGCONT', this.#resumed);
    // A terminal that went away is told by SIGHUP.
    stdin.on('error', this.#restore);
    stdin.on('data', this.#read);
    stdin.resume();
  }

  close(): void {
    this.#stdin.off('data', this.#read);
    this.#stdin.pause();
    this.#raw(false);
    process.off('exit', this.#restore);
    process.off('SIGCONT', this.#resumed);
  }

  #raw(isRaw: boolean): void {
    try {
      this.#stdin.setRawMode(isRaw);
    } catch {
      // The terminal is gone: there is no mode to set.
    }
  }

  #typed(text: string): void {
    for (const character of text.replaceAll(SEQUENCE, '')) this.#pressed(character);
  }

  #pressed(character: string): void {
    switch (character) {
      case INTERRUPT:
        process.kill(process.pid, 'SIGINT');
        return;
      case SUSPEND:
        this.#listeners.onSuspend();
        this.#raw(false);
        process.kill(process.pid, 'SIGTSTP');
        return;
      case QUIT:
        this.#raw(false);
        process.kill(process.pid, 'SIGQUIT');
        return;
      case END:
        this.#listeners.onKey({ text: 'q' });
        return;
      case '\r':
      case '\n':
        this.#listeners.onKey('enter');
        return;
      case '\u001B':
        this.#listeners.onKey('escape');
        return;
      case '\u007F':
      case '\b':
        this.#listeners.onKey('backspace');
        return;
      default:
        if (character >= ' ') this.#listeners.onKey({ text: character });
    }
  }
}

/** A process in the background that changes the terminal's mode would be stopped by the system. */
function isInForeground(): boolean {
  const stat = readText('/proc/self/stat');
  if (stat === null) return true;
  const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return group === foreground;
}
