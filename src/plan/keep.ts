// What one command leaves for the next so that a no-op need not parse: the configuration by the digests of its sources,
// params texts, metric values, imports of modules. One JSON file, advisory: delete it and all still works.
import { isRefusal, readBytes } from '../base/fs.ts';
import { writeAtomic } from '../base/fs-write.ts';
import type { Pipeline } from '../config/stage.ts';
import type { Hasher } from '../store/hasher.ts';
import { FROZEN_VERSION, freezePipeline, thawPipeline } from './frozen.ts';
import type { FrozenPipeline } from './frozen.ts';
import type { ModuleImports } from './module-imports.ts';
import type { ImportCache } from './modules.ts';
import type { KnownParams } from './params-facts.ts';
import type { KnownValues } from './value-files.ts';

interface KeepFile {
  readonly version: number;
  /** The repro that wrote it: another one may read configuration in another way. */
  readonly tool: string;
  readonly pipeline: FrozenPipeline | null;
  readonly params: readonly (readonly [string, KnownParams])[];
  readonly values: readonly (readonly [string, string])[];
  readonly imports: readonly (readonly [string, ModuleImports])[];
  /** Checksum of a lock whose seals were all right. */
  readonly lock: string;
}

/** Older entries go when there are more. */
const MOST_ENTRIES = 20_000;

export class Keep {
  readonly params: Map<string, KnownParams>;
  readonly values: KnownValues;
  readonly imports: ImportCache;
  readonly #file: string;
  readonly #tool: string;
  #frozen: FrozenPipeline | null;
  #pipeline: Pipeline | undefined;
  #lock: string;
  #changed = false;

  constructor(file: string, tool: string) {
    this.#file = file;
    this.#tool = tool;
    const kept = readKeep(file, tool);
    this.params = new Map(kept?.params);
    this.values = new Map(kept?.values);
    this.imports = new Map(kept?.imports);
    this.#frozen = kept?.pipeline ?? null;
    this.#lock = kept?.lock ?? '';
  }

  /** The pipeline of this file, if every source has the bytes that it was made from. */
  async pipeline(file: string, hasher: Hasher): Promise<Pipeline | undefined> {
    const frozen = this.#frozen;
    if (frozen?.rest.file !== file) return undefined;
    const { sources } = frozen.rest;
    const digests = await hasher.digests(sources.map((source) => source.path));
    if (sources.some((source) => plainDigest(digests.get(source.path)) !== source.digest)) return undefined;
    this.#pipeline = thawPipeline(frozen);
    return this.#pipeline;
  }

  setPipeline(pipeline: Pipeline): void {
    this.#pipeline = pipeline;
    this.#frozen = null;
    this.#changed = true;
  }

  knowsLock(bytes: Uint8Array): boolean {
    return this.#lock === checksum(bytes, 0);
  }

  /** A lock that was just written: its seals are right. */
  setLock(bytes: Uint8Array): void {
    const sum = checksum(bytes, 0);
    this.#changed ||= sum !== this.#lock;
    this.#lock = sum;
  }

  /** Written only when something is new; a place that cannot be written is no reason to fail. */
  save(newFacts: boolean): void {
    if (!this.#changed && !newFacts) return;
    const frozen = this.#frozen ?? (this.#pipeline ? freezePipeline(this.#pipeline) : null);
    const file: KeepFile = {
      version: FROZEN_VERSION,
      tool: this.#tool,
      pipeline: frozen,
      params: [...this.params],
      values: [...this.values].slice(-MOST_ENTRIES),
      imports: [...this.imports].slice(-MOST_ENTRIES),
      lock: this.#lock,
    };
    try {
      writeAtomic(this.#file, sealed(JSON.stringify(file)), { durable: false, point: 'keep' });
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
  }
}

/** The exec bit of a configuration file does not matter. */
function plainDigest(digest: string | null | undefined): string | null {
  return digest?.replace('+x', '') ?? null;
}

function readKeep(file: string, tool: string): KeepFile | null {
  const bytes = readBytes(file);
  const text = bytes === null ? null : unsealed(bytes);
  if (text === null) return null;
  const keep = JSON.parse(text) as KeepFile;
  return keep.version === FROZEN_VERSION && keep.tool === tool ? keep : null;
}

const SEAL_LENGTH = 16;

/** A damaged keep must not become a command that is run: the text is led by a checksum of its bytes. */
function sealed(text: string): Buffer {
  const bytes = Buffer.from(' '.repeat(SEAL_LENGTH) + text);
  bytes.write(checksum(bytes, SEAL_LENGTH), 0, 'latin1');
  return bytes;
}

function unsealed(bytes: Buffer): string | null {
  if (bytes.length < SEAL_LENGTH) return null;
  const seal = bytes.toString('latin1', 0, SEAL_LENGTH);
  return seal === checksum(bytes, SEAL_LENGTH) ? bytes.toString('utf8', SEAL_LENGTH) : null;
}

/** Two lanes of FNV-1a over words: each step is one-to-one in the word that it takes in. SHA-256 would cost a no-op the load of node:crypto. */
function checksum(bytes: Uint8Array, start: number): string {
  let a = 0x811c9dc5 ^ bytes.length;
  let b = 0x01000193;
  const whole = (bytes.length - start) & ~3;
  for (const word of wordsOf(bytes, start, whole)) {
    a = Math.imul(a ^ word, 0x01000193);
    a ^= a >>> 15;
    b = Math.imul(b ^ word, 0x85ebca6b);
    b ^= b >>> 13;
  }
  for (const byte of bytes.subarray(start + whole)) {
    a = Math.imul(a ^ byte, 0x01000193);
    b = Math.imul(b ^ byte, 0x85ebca6b);
  }
  return (a >>> 0).toString(16).padStart(8, '0') + (b >>> 0).toString(16).padStart(8, '0');
}

/** Read as an array of words: a call per word would cost a no-op many milliseconds before it is compiled. */
function wordsOf(bytes: Uint8Array, start: number, length: number): Int32Array {
  const at = bytes.byteOffset + start;
  if (at % 4 === 0) return new Int32Array(bytes.buffer, at, length >> 2);
  return new Int32Array(bytes.slice(start, start + length).buffer, 0, length >> 2);
}
