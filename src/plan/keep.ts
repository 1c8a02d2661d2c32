// What one command leaves for the next so that a no-op need not parse: the configuration by the digests of its sources,
// params texts, metric values, imports of modules. One JSON file, advisory: delete it and all still works.
import { isRefusal, readKept } from '../base/fs.ts';
import { writeAtomic } from '../base/fs-write.ts';
import type { Dialect, Pipeline } from '../config/stage.ts';
import type { Hasher } from '../store/hasher.ts';
import { checksum, sealed, unsealed } from '../store/sealed.ts';
import { ClosureKeep } from './closure-keep.ts';
import type { KeptClosures } from './closure-keep.ts';
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
  /** What `params` and `values` were read as: `1_000` is a number to DVC only. */
  readonly dialect: Dialect;
  readonly pipeline: FrozenPipeline | null;
  readonly params: readonly (readonly [string, KnownParams])[];
  readonly values: readonly (readonly [string, string])[];
  readonly imports: readonly (readonly [string, ModuleImports])[];
  /** Which names are Node's own modules depends on its version. */
  readonly closures: KeptClosures & { readonly node: string };
  /** Checksum of a lock whose seals were all right. */
  readonly lock: string;
}

/** Older entries go when there are more. */
const MOST_ENTRIES = 20_000;

export class Keep {
  readonly params: Map<string, KnownParams>;
  readonly values: KnownValues;
  readonly imports: ImportCache;
  readonly closures: ClosureKeep;
  readonly #file: string;
  readonly #tool: string;
  readonly #dialect: Dialect;
  #frozen: FrozenPipeline | null;
  #pipeline: Pipeline | undefined;
  #lock: string;
  #changed = false;

  constructor(file: string, tool: string, dialect: Dialect) {
    this.#file = file;
    this.#tool = tool;
    this.#dialect = dialect;
    const kept = readKeep(file, tool);
    const isSameDialect = kept?.dialect === dialect;
    this.params = new Map(isSameDialect ? kept.params : []);
    this.values = new Map(isSameDialect ? kept.values : []);
    this.imports = new Map(kept?.imports);
    this.closures = new ClosureKeep(kept?.closures.node === process.version ? kept.closures : undefined);
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

  /** A lock that was just written, or found whole: its seals are right. */
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
      dialect: this.#dialect,
      pipeline: frozen,
      params: [...this.params],
      values: [...this.values].slice(-MOST_ENTRIES),
      imports: [...this.imports].slice(-MOST_ENTRIES),
      closures: { ...this.closures.freeze(), node: process.version },
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
  const bytes = readKept(file);
  const text = bytes === null ? null : unsealed(bytes);
  if (text === null) return null;
  const keep = JSON.parse(text) as KeepFile;
  return keep.version === FROZEN_VERSION && keep.tool === tool ? keep : null;
}
