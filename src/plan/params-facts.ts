// The values of params that stages declare, as canonical texts. A params file is parsed at most once per content, and not
// at all when the texts of that content are known from an earlier command. Knows nothing of templates.
import type { Problem } from '../base/problem.ts';
import { problem } from '../base/problem.ts';
import { canonicalText } from '../base/value.ts';
import type { Node } from '../config/node.ts';
import type { Dialect, ParamsRef, Stage } from '../config/stage.ts';
import type { Digest } from '../store/digest.ts';
import type { Hasher } from '../store/hasher.ts';
import type { Future } from './future.ts';

/** Texts by key of one content of one params file; the key `` is the whole file. Kept between commands. */
export interface KnownParams {
  readonly digest: Digest;
  readonly texts: Record<string, string>;
}

export interface StageParams {
  readonly values: Record<string, Record<string, string>>;
  readonly awaits: readonly string[];
  readonly absent: readonly string[];
  /** Files whose content is known to come back, and was not read before. */
  readonly coming: readonly string[];
  readonly files: readonly string[];
}

export interface ParamsPorts {
  readonly dialect: Dialect;
  readonly hasher: Hasher;
  /** The bytes of a file, by its path from the root. */
  readonly read: (path: string) => Uint8Array | null;
  readonly problem: (found: Problem) => void;
}

export class ParamsFacts {
  readonly #ports: ParamsPorts;
  readonly #known: Map<string, KnownParams>;
  readonly #parsed = new Map<string, { readonly digest: Digest; readonly node: Node | undefined }>();
  /** Whether `known` holds something new. */
  changed = false;

  constructor(ports: ParamsPorts, known: Map<string, KnownParams>) {
    this.#ports = ports;
    this.#known = known;
  }

  async of(stage: Stage, future: (path: string) => Future): Promise<StageParams> {
    const values: Record<string, Record<string, string>> = {};
    const awaits: string[] = [];
    const absent: string[] = [];
    const returning: string[] = [];
    const files: string[] = [];
    for (const ref of stage.params) {
      const coming = future(ref.file);
      if (coming.kind === 'awaits') {
        awaits.push(coming.stage);
        continue;
      }
      if (coming.kind === 'digest') {
        const texts = this.#textsAt(ref, coming.digest);
        if (texts) values[ref.file] = { ...values[ref.file], ...texts };
        else returning.push(ref.file);
        continue;
      }
      const digest = (await this.#ports.hasher.digests([ref.file])).get(ref.file) ?? null;
      if (digest === null) {
        absent.push(ref.file);
        continue;
      }
      files.push(ref.file);
      const texts = await this.#textsOf(ref, digest, stage);
      values[ref.file] = { ...values[ref.file], ...texts };
    }
    return { values, awaits, absent, coming: returning, files };
  }

  /** Without reading; undefined when that content, or one of the keys in it, is not known. */
  #textsAt(ref: ParamsRef, digest: Digest): Record<string, string> | undefined {
    const known = this.#known.get(ref.file);
    if (known?.digest !== digest) return undefined;
    const wanted = wantedKeys(ref);
    return wanted.every((key) => Object.hasOwn(known.texts, key)) ? picked(known.texts, wanted) : undefined;
  }

  async #textsOf(ref: ParamsRef, digest: Digest, stage: Stage): Promise<Record<string, string>> {
    const known = this.#knownTexts(ref.file, digest);
    const wanted = wantedKeys(ref);
    if (wanted.some((key) => !Object.hasOwn(known, key))) await this.#parseInto(known, ref, digest, stage);
    return picked(known, wanted);
  }

  #knownTexts(file: string, digest: Digest): Record<string, string> {
    const known = this.#known.get(file);
    if (known?.digest === digest) return known.texts;
    const texts: Record<string, string> = {};
    this.#known.set(file, { digest, texts });
    return texts;
  }

  /** The readers are loaded here only: what is known by digest needs none. */
  async #parseInto(texts: Record<string, string>, ref: ParamsRef, digest: Digest, stage: Stage): Promise<void> {
    const node = await this.#nodeOf(ref.file, digest);
    if (!node) return;
    const { toValue } = await import('../config/node.ts');
    const { paramValues } = await import('../config/params.ts');
    this.changed = true;
    if (ref.keys.length === 0) {
      texts[''] = canonicalText(toValue(node));
      return;
    }
    const found = paramValues(node, ref.keys, { file: ref.file, span: ref.span, dialect: this.#ports.dialect });
    for (const [key, value] of found.values) texts[key] = canonicalText(value);
    for (const each of found.problems) this.#ports.problem({ ...each, stage: stage.name });
  }

  async #nodeOf(file: string, digest: Digest): Promise<Node | undefined> {
    const parsed = this.#parsed.get(file);
    if (parsed?.digest === digest) return parsed.node;
    const { readParams } = await import('../config/params.ts');
    const bytes = this.#ports.read(file);
    const result =
      bytes === null
        ? { problems: [problem('params-file-missing', `there is no \`${file}\``)] }
        : readParams(file, bytes, this.#ports.dialect);
    for (const each of result.problems) this.#ports.problem(each);
    const node = 'node' in result ? result.node : undefined;
    this.#parsed.set(file, { digest, node });
    return node;
  }
}

function wantedKeys(ref: ParamsRef): readonly string[] {
  return ref.keys.length === 0 ? [''] : ref.keys;
}

/** Those of the keys that are there. */
function picked(texts: Readonly<Record<string, string>>, keys: readonly string[]): Record<string, string> {
  return Object.fromEntries(keys.filter((key) => Object.hasOwn(texts, key)).map((key) => [key, texts[key] ?? '']));
}
