// The values in metrics and params files that checks and `when` ask for. What a content holds is remembered by digest, so
// that judging an unchanged metric opens no file. Says `missing` instead of failing; judges nothing.
import { isMap, parseCanonical, canonicalText } from '../base/value.ts';
import type { Value } from '../base/value.ts';
import type { Dialect } from '../config/stage.ts';
import type { Digest } from '../store/digest.ts';
import type { Hasher } from '../store/hasher.ts';
import type { FileContent } from './check.ts';

/** Kept between commands: digest -> canonical text of a small file. */
export type KnownValues = Map<Digest, string>;

/** Larger files are read again each time instead of being kept. */
const KEPT_TEXT_LENGTH = 32_768;

export class ValueFiles {
  readonly #hasher: Hasher;
  readonly #read: (path: string) => Uint8Array | null;
  readonly #dialect: Dialect;
  readonly #known: KnownValues;
  changed = false;

  constructor(hasher: Hasher, read: (path: string) => Uint8Array | null, dialect: Dialect, known: KnownValues) {
    this.#hasher = hasher;
    this.#read = read;
    this.#dialect = dialect;
    this.#known = known;
  }

  /** All of these at once, for a scope that must answer without waiting. */
  async load(paths: readonly string[]): Promise<ReadonlyMap<string, FileContent>> {
    const digests = await this.#hasher.digests(paths);
    const contents = new Map<string, FileContent>();
    for (const path of paths) contents.set(path, await this.#content(path, digests.get(path) ?? null));
    return contents;
  }

  /** The canonical text of each file's value; null for what has none. Nothing is parsed that is known. */
  async texts(paths: readonly string[]): Promise<ReadonlyMap<string, string | null>> {
    const digests = await this.#hasher.digests(paths);
    const texts = new Map<string, string | null>();
    for (const path of paths) {
      const known = this.#known.get(digests.get(path) ?? '');
      const content = known === undefined ? await this.#content(path, digests.get(path) ?? null) : undefined;
      texts.set(path, known ?? (content?.kind === 'value' ? canonicalText(content.value) : null));
    }
    return texts;
  }

  async #content(path: string, digest: Digest | null): Promise<FileContent> {
    if (digest === null) return { kind: 'missing', why: `there is no \`${path}\`` };
    const known = this.#known.get(digest);
    if (known !== undefined) return { kind: 'value', value: parseCanonical(known) };
    const bytes = this.#read(path);
    const content: FileContent =
      bytes === null
        ? { kind: 'missing', why: `\`${path}\` is a folder` }
        : await parseValueFile(path, bytes, this.#dialect);
    if (content.kind === 'value') this.#remember(digest, content.value);
    return content;
  }

  #remember(digest: Digest, value: Value): void {
    const text = canonicalText(value);
    if (text.length > KEPT_TEXT_LENGTH) return;
    this.#known.set(digest, text);
    this.changed = true;
  }
}

export async function parseValueFile(path: string, bytes: Uint8Array, dialect: Dialect): Promise<FileContent> {
  const { readParams } = await import('../config/params.ts');
  const { toValue } = await import('../config/node.ts');
  const { node, problems } = readParams(path, bytes, dialect);
  const error = problems.find((found) => found.severity === 'error');
  if (!node || error) return { kind: 'missing', why: `\`${path}\` cannot be read: ${error?.message ?? 'it is empty'}` };
  const value = toValue(node);
  return isMap(value) ? { kind: 'value', value } : { kind: 'missing', why: `\`${path}\` is not a map` };
}
