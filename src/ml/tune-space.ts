// The domain of one parameter (float, int, categorical) and the space of a study: an ordered list of named domains, some
// of them conditional. Knows no sampler. Invariant: a Domain made here is valid, and its `high` lies on its step's grid.

export type Choice = null | boolean | number | string;

export interface FloatDomain {
  readonly kind: 'float';
  readonly low: number;
  readonly high: number;
  readonly log: boolean;
  readonly step: number | null;
}

export interface IntDomain {
  readonly kind: 'int';
  readonly low: number;
  readonly high: number;
  readonly log: boolean;
  readonly step: number;
}

export interface CategoricalDomain {
  readonly kind: 'categorical';
  readonly choices: readonly Choice[];
}

export type Domain = FloatDomain | IntDomain | CategoricalDomain;

/** Parameter -> the values with which this one is active. All named parameters must match. */
export type Condition = ReadonlyMap<string, readonly Choice[]>;

export interface SpaceEntry {
  readonly name: string;
  readonly domain: Domain;
  readonly when: Condition;
}

/** In the order in which parameters are suggested. */
export type Space = readonly SpaceEntry[];

/** What the user wrote cannot be tuned: a bad space, pruner, journal or request. */
export class TuneError extends Error {
  override readonly name = 'TuneError';
}

export function floatDomain(
  low: number,
  high: number,
  options: { readonly log?: boolean; readonly step?: number | null } = {},
): FloatDomain {
  const log = options.log ?? false;
  const step = options.step ?? null;
  if (!Number.isFinite(low) || !Number.isFinite(high)) throw new TuneError('`low` and `high` must be finite numbers');
  if (low > high) throw new TuneError(`\`low\` (${low}) is greater than \`high\` (${high})`);
  if (log && step !== null) throw new TuneError('`step` and `log` exclude each other');
  if (log && low <= 0) throw new TuneError(`\`low\` must be positive for \`log\`, not ${low}`);
  if (step !== null && !(step > 0 && Number.isFinite(step)))
    throw new TuneError(`\`step\` must be positive, not ${step}`);
  return { kind: 'float', low, high: step === null ? high : lastOnGrid(low, high, step), log, step };
}

export function intDomain(
  low: number,
  high: number,
  options: { readonly log?: boolean; readonly step?: number | null } = {},
): IntDomain {
  const log = options.log ?? false;
  const step = options.step ?? 1;
  for (const [name, value] of Object.entries({ low, high, step })) {
    if (!Number.isSafeInteger(value)) throw new TuneError(`\`${name}\` must be an integer, not ${value}`);
  }
  if (low > high) throw new TuneError(`\`low\` (${low}) is greater than \`high\` (${high})`);
  if (step <= 0) throw new TuneError(`\`step\` must be positive, not ${step}`);
  if (log && step !== 1) throw new TuneError('`step` and `log` exclude each other');
  if (log && low < 1) throw new TuneError(`\`low\` must be at least 1 for \`log\`, not ${low}`);
  return { kind: 'int', low, high: high - ((high - low) % step), log, step };
}

export function categoricalDomain(choices: readonly Choice[]): CategoricalDomain {
  if (choices.length === 0) throw new TuneError('`choices` must not be empty');
  if (new Set(choices).size !== choices.length) throw new TuneError('`choices` must differ from each other');
  return { kind: 'categorical', choices: [...choices] };
}

/** Has the domain one value only? Such a parameter is never sampled. */
export function isSingle(domain: Domain): boolean {
  return domain.kind === 'categorical' ? domain.choices.length === 1 : domain.low === domain.high;
}

export function singleValue(domain: Domain): Choice {
  return domain.kind === 'categorical' ? (domain.choices[0] as Choice) : domain.low; // choices are never empty
}

/** Value -> number: itself, or the index of the choice. Undefined for a value that can be no value of this domain. */
export function toInternal(domain: Domain, value: Choice): number | undefined {
  if (domain.kind === 'categorical') {
    const index = domain.choices.indexOf(value);
    return index < 0 ? undefined : index;
  }
  return typeof value === 'number' && !Number.isNaN(value) ? value : undefined;
}

export function toExternal(domain: Domain, internal: number): Choice {
  return domain.kind === 'categorical' ? (domain.choices[internal] as Choice) : internal; // internal is an index
}

export function containsValue(domain: Domain, value: Choice): boolean {
  const internal = toInternal(domain, value);
  if (internal === undefined) return false;
  if (domain.kind === 'categorical') return true;
  if (internal < domain.low || internal > domain.high) return false;
  if (domain.step === null) return true;
  if (domain.kind === 'int') return (internal - domain.low) % domain.step === 0;
  const steps = (internal - domain.low) / domain.step;
  return Math.abs(steps - Math.round(steps)) < 1e-8;
}

export function sameDomain(a: Domain, b: Domain): boolean {
  if (a.kind === 'categorical' || b.kind === 'categorical') {
    if (a.kind !== 'categorical' || b.kind !== 'categorical') return false;
    return a.choices.length === b.choices.length && a.choices.every((choice, i) => choice === b.choices[i]);
  }
  return a.kind === b.kind && a.low === b.low && a.high === b.high && a.log === b.log && a.step === b.step;
}

/** Why `next` may not be the domain of a parameter that had `previous` in an earlier trial; bounds and steps may change. */
export function incompatibility(previous: Domain, next: Domain): string | undefined {
  if (previous.kind !== next.kind) return `was \`${previous.kind}\` before and is \`${next.kind}\` now`;
  if (previous.kind === 'categorical' || next.kind === 'categorical') {
    return sameDomain(previous, next) ? undefined : 'has other choices than before';
  }
  return previous.log === next.log ? undefined : 'differs from before in `log`';
}

/** Is the parameter part of a trial that has these values so far? */
export function isActive(entry: SpaceEntry, valueOf: (name: string) => Choice | undefined): boolean {
  for (const [name, values] of entry.when) {
    const value = valueOf(name);
    if (value === undefined || !values.includes(value)) return false;
  }
  return true;
}

/** The greatest low + k * step that is not above high, in decimal arithmetic: 0 + 3 * 0.1 is 0.3 here. */
function lastOnGrid(low: number, high: number, step: number): number {
  const scale = Math.max(decimals(low), decimals(high), decimals(step));
  const [l, h, s] = [scaled(low, scale), scaled(high, scale), scaled(step, scale)];
  const remainder = (h - l) % s;
  if (remainder === 0n) return high;
  return Number(`${h - remainder}e${-scale}`);
}

/** Digits after the decimal point in the shortest notation of x; negative powers of ten count, positive ones do not. */
function decimals(x: number): number {
  const [mantissa = '', exponent = '0'] = String(x).split('e');
  const fraction = mantissa.split('.')[1] ?? '';
  return Math.max(0, fraction.length - Number(exponent));
}

function scaled(x: number, scale: number): bigint {
  const [mantissa = '', exponent = '0'] = String(x).split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  return BigInt(whole + fraction) * 10n ** BigInt(scale + Number(exponent) - fraction.length);
}
