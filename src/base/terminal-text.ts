// Makes text of others (output of a stage, file names, metric values) safe for a terminal: colours may pass, everything
// else that could move the cursor, retitle the window, hide text or fake its direction becomes visible. Pure.

export interface TerminalTextOptions {
  /** Let colours and other text attributes (SGR) through. */
  readonly colour: boolean;
}

const RESET = '\u001b[0m';

// Either an SGR sequence, or a whole other escape sequence, or one character that is not for a terminal. In order: CSI
// (ECMA-48 5.4), the string kinds OSC, DCS, SOS, PM, APC up to BEL or ST, other escapes; then C0 but tab, DEL, C1, line
// and paragraph separators, direction marks, invisible characters (joiners stay: scripts and emoji need them), tags,
// lone surrogates.
const UNSAFE =
  // oxlint-disable-next-line no-control-regex
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]?|[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|\p{Surrogate}/gu;

// Digits and separators only, and not too long; `38;2;r;g;b` and the colon form of it included.
// oxlint-disable-next-line no-control-regex
const SGR = /^\u001b\[[\d;:]{0,40}m$/;

/** One line of text, safe to print. A colour that was left on is turned off at the end. */
export function terminalText(text: string, options: TerminalTextOptions): string {
  let coloured = false;
  const safe = text.replaceAll(UNSAFE, (sequence) => {
    if (SGR.test(sequence)) {
      if (!options.colour || isHiding(sequence)) return '';
      coloured = true;
      return sequence;
    }
    return sequence.replaceAll(/./gsu, visible);
  });
  return coloured && !safe.endsWith(RESET) ? safe + RESET : safe;
}

/** Whether one of the attributes is 8, `conceal`; in `38;5;8` it is a colour. */
function isHiding(sequence: string): boolean {
  const colours = /(?:^|;)[345]8;(?:5;\d*|2;\d*;\d*;\d*)/g;
  return /(?:^|;)0*8(?:;|$)/.test(sequence.slice(2, -1).replaceAll(colours, ''));
}

/** `^[` for C0, `<U+202E>` for the rest; what is printable inside a sequence stays. */
function visible(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return `^${String.fromCharCode(code + 64)}`;
  if (code === 0x7f) return '^?';
  return code < 0x7f ? character : `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
}
