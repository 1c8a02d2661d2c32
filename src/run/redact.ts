// Takes secrets out of a stream of bytes, also when a chunk ends within one, and in the forms in which programs print
// them: as they are, line by line, base64, percent-encoded, JSON-escaped. Knows no files and no stages.

/** Shorter values would hit half of every log and are left alone. */
const MIN_SECRET_LENGTH = 4;
const MASK = Buffer.from('***');

export interface Redactor {
  /** The bytes that are safe to show now; a possible beginning of a secret is held back until the next call. */
  push(chunk: Buffer): Buffer;
  /** What was held back. */
  end(): Buffer;
}

/** One redactor for one stream: what it holds back must not mix with another. */
export function createRedactor(secrets: readonly string[]): Redactor {
  const needles = secretForms(secrets);
  if (needles.length === 0) return { push: (chunk) => chunk, end: () => Buffer.alloc(0) };
  return new ByteRedactor(needles);
}

/** Every form of the secrets that is looked for. */
function secretForms(secrets: readonly string[]): Buffer[] {
  const forms = new Set<string>();
  const add = (bytes: Buffer): void => {
    if (bytes.length >= MIN_SECRET_LENGTH) forms.add(bytes.toString('latin1'));
  };
  for (const secret of secrets) {
    const trimmed = secret.trim();
    // The lines of a key file are secrets of their own: programs print it indented, quoted or in part.
    for (const value of new Set([secret, trimmed, ...trimmed.split(/\r?\n/).map((line) => line.trim())])) {
      if (Buffer.byteLength(value) < MIN_SECRET_LENGTH) continue;
      add(Buffer.from(value));
      for (const text of [...escapedForms(value), ...percentForms(value), ...base64Forms(value)])
        add(Buffer.from(text));
    }
  }
  return [...forms].map((form) => Buffer.from(form, 'latin1'));
}

function escapedForms(value: string): string[] {
  const json = JSON.stringify(value).slice(1, -1);
  const ascii = json.replaceAll(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return [json, json.replaceAll('/', '\\/'), ascii, `'${value}'`.replaceAll("'", "'\\''").slice(4, -4)];
}

function percentForms(value: string): string[] {
  // A lone surrogate cannot be percent-encoded, and cannot be in an environment either.
  const component = encodeURIComponent(value.toWellFormed());
  const strict = component.replaceAll(/[!'()*~]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const forms = [component, strict, encodeURI(value.toWellFormed()), strict.replaceAll('%20', '+')];
  return [...forms, ...forms.map((form) => form.replaceAll(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase()))];
}

/**
 * Base64 of a secret inside a longer text (`user:secret`) depends on where it starts modulo 3. For each of the three
 * alignments the characters that depend on the secret alone are taken: those that share bits with a neighbour are cut.
 */
function base64Forms(value: string): string[] {
  const bytes = Buffer.from(value);
  const forms: string[] = [];
  for (const lead of [0, 1, 2]) {
    const padded = Buffer.concat([Buffer.alloc(lead), bytes]);
    const first = Math.ceil((lead * 8) / 6);
    const last = Math.floor((padded.length * 8) / 6);
    const text = padded.toString('base64').slice(first, last);
    // Too few characters are left of a short secret to tell it from any other text.
    if (text.length < 2 * MIN_SECRET_LENGTH - 3) continue;
    forms.push(text, text.replaceAll('+', '-').replaceAll('/', '_'));
  }
  return forms;
}

class ByteRedactor implements Redactor {
  readonly #needles: readonly Buffer[];
  readonly #longest: number;
  #held: Buffer = Buffer.alloc(0);
  /** So many bytes at the start of `#held` belong to a match whose mask is out already. */
  #masked = 0;

  constructor(needles: readonly Buffer[]) {
    this.#needles = needles;
    this.#longest = Math.max(...needles.map((needle) => needle.length));
  }

  push(chunk: Buffer): Buffer {
    const data = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    return this.#take(data, this.#openEnd(data));
  }

  end(): Buffer {
    return this.#take(this.#held, this.#held.length);
  }

  /** Masks and gives out everything before `until`; the rest is held back. */
  #take(data: Buffer, until: number): Buffer {
    const parts: Buffer[] = [];
    let shown = Math.min(this.#masked, until);
    // A match may start before `until` and end behind it: what it covers there is never shown.
    let covered = this.#masked;
    for (const [start, end] of this.#matches(data)) {
      if (start >= until) break;
      if (start >= covered) parts.push(data.subarray(shown, start), MASK);
      covered = Math.max(covered, end);
      shown = Math.min(covered, until);
    }
    parts.push(data.subarray(shown, until));
    // A copy: the chunk belongs to the stream, which may use its memory again.
    this.#held = Buffer.from(data.subarray(until));
    this.#masked = Math.max(0, covered - until);
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
  }

  /** Every match, in order of its start. */
  #matches(data: Buffer): [number, number][] {
    const found: [number, number][] = [];
    for (const needle of this.#needles) {
      for (let at = data.indexOf(needle); at !== -1; at = data.indexOf(needle, at + 1)) {
        found.push([at, at + needle.length]);
      }
    }
    return found.sort((a, b) => a[0] - b[0]);
  }

  /** Where the earliest suffix starts that a secret begins with. */
  #openEnd(data: Buffer): number {
    const from = Math.max(0, data.length - this.#longest + 1);
    for (let at = from; at < data.length; at++) {
      const rest = data.length - at;
      for (const needle of this.#needles) {
        if (rest < needle.length && data.compare(needle, 0, rest, at, data.length) === 0) return at;
      }
    }
    return data.length;
  }
}
