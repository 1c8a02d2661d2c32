// Observing Node from within: the variables that load audit-preload into every Node process of a stage, and what those
// processes wrote. Programs that are not Node are not seen; the variables go on to what they start.
import { existsPath, readText } from '../base/fs.ts';
import type { Seen } from './audit-seen.ts';

const AUDIT_VARIABLE = 'REPRO_AUDIT';

export interface NodeWatch {
  readonly env: Readonly<Record<string, string>>;
  /** The module that is loaded, absolute: its own reading says nothing about the stage. */
  readonly preload: string;
  readonly file: string;
}

/** `files`: nothing else watches files. */
export function nodeWatch(
  folder: string,
  roots: readonly string[],
  files: boolean,
  nodeOptions: string | undefined,
): NodeWatch {
  const preload = preloadUrl();
  const file = `${folder}/node.jsonl`;
  const options = [nodeOptions, `--import=${preload.href}`].filter((each) => each !== undefined && each !== '');
  return {
    env: { NODE_OPTIONS: options.join(' '), [AUDIT_VARIABLE]: JSON.stringify({ file, roots, files }) },
    preload: decodeURIComponent(preload.pathname),
    file,
  };
}

export function readNodeWatch({ file }: NodeWatch, seen: Seen): void {
  if (!existsPath(file)) return;
  for (const line of (readText(file) ?? '').split('\n')) {
    const [kind, what] = parseFact(line);
    if (kind === 'node') seen.nodeProcesses += 1;
    else if (kind === 'read') seen.reads.add(what);
    else if (kind === 'list') seen.listed.add(what);
    else if (kind === 'env') seen.env.add(what);
  }
}

/** A process that was killed may have left half a line. */
function parseFact(line: string): readonly [string, string] {
  try {
    const fact: unknown = line === '' ? [] : JSON.parse(line);
    if (Array.isArray(fact) && typeof fact[0] === 'string' && typeof fact[1] === 'string') return [fact[0], fact[1]];
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return ['', ''];
}

/** Beside this file, or an entry of its own when bundled. */
function preloadUrl(): URL {
  const here = import.meta.url;
  if (here.endsWith('.ts')) return new URL('./audit-preload.ts', here);
  return /\/chunks\/[^/]*$/.test(here) ? new URL('../audit-preload.js', here) : new URL('./audit-preload.js', here);
}
