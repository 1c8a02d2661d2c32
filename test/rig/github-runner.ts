// What the runner of GitHub Actions makes of the output of a step: which lines it takes for commands and which it shows. It
// follows the two grammars of the runner (`::name props::data` at the start of a line, `##[name props]data` anywhere) and its
// rule for `stop-commands`; it knows nothing of what repro prints.

export interface GithubCommand {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly message: string;
}

export interface GithubLog {
  readonly commands: readonly GithubCommand[];
  /** Lines that are shown as they are. */
  readonly lines: readonly string[];
  /** Whether a group or a stop was left open. */
  readonly isOpen: boolean;
}

const KNOWN = new Set([
  'error',
  'warning',
  'notice',
  'debug',
  'group',
  'endgroup',
  'add-mask',
  'stop-commands',
  'set-output',
  'set-env',
  'save-state',
  'add-path',
  'add-matcher',
  'remove-matcher',
  'echo',
  'section',
  'command',
]);

export function readGithubLog(output: string): GithubLog {
  const commands: GithubCommand[] = [];
  const lines: string[] = [];
  let stop: string | undefined;
  let depth = 0;
  // .NET reads a line up to any of these.
  for (const line of output.split(/\r\n|\r|\n/)) {
    const names = new Set([...KNOWN, ...(stop === undefined ? [] : [stop])]);
    const command = parseNew(line, names) ?? parseOld(line, names);
    if (stop !== undefined) {
      if (command?.name === stop) stop = undefined;
      else lines.push(line);
      continue;
    }
    if (!command) {
      lines.push(line);
      continue;
    }
    if (command.name === 'stop-commands') stop = command.message;
    else commands.push(command);
    if (command.name === 'group') depth++;
    if (command.name === 'endgroup') depth--;
  }
  return { commands, lines, isOpen: stop !== undefined || depth !== 0 };
}

function parseNew(line: string, names: ReadonlySet<string>): GithubCommand | undefined {
  const text = line.trimStart();
  const end = text.startsWith('::') ? text.indexOf('::', 2) : -1;
  if (end < 0) return undefined;
  return commandOf(text.slice(2, end), ',', text.slice(end + 2), names, {
    '%0D': '\r',
    '%0A': '\n',
    '%3A': ':',
    '%2C': ',',
  });
}

function parseOld(line: string, names: ReadonlySet<string>): GithubCommand | undefined {
  const start = line.indexOf('##[');
  const end = start < 0 ? -1 : line.indexOf(']', start);
  if (end < 0) return undefined;
  const escapes = { '%3B': ';', '%0D': '\r', '%0A': '\n', '%5D': ']' };
  return commandOf(line.slice(start + 3, end), ';', line.slice(end + 1), names, escapes);
}

function commandOf(
  head: string,
  separator: string,
  data: string,
  names: ReadonlySet<string>,
  escapes: Readonly<Record<string, string>>,
): GithubCommand | undefined {
  const space = head.indexOf(' ');
  const name = space < 0 ? head : head.slice(0, space);
  if (![...names].some((known) => known.toLowerCase() === name.toLowerCase())) return undefined;
  const unescape = (text: string): string =>
    text.replaceAll(/%(?:25|0D|0A|3A|2C|3B|5D)/g, (code) => (code === '%25' ? '%' : (escapes[code] ?? code)));
  const pairs = space < 0 ? [] : head.slice(space + 1).split(separator);
  const properties = pairs
    .map((pair) => [pair.slice(0, pair.indexOf('=')).trim(), pair.slice(pair.indexOf('=') + 1)] as const)
    .filter(([key]) => key !== '')
    .map(([key, value]) => [key, unescape(value)] as const);
  return { name: name.toLowerCase(), properties: Object.fromEntries(properties), message: unescape(data) };
}
