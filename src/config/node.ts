// What every reader of configuration gives: a tree of values in which each node and each key knows its place in a text.
// Knows no file format and no stage. Nodes are never changed after they are made, so an alias or a template that changes
// nothing shares them; a Span is made only when somebody asks for it.
import type { Span } from '../base/problem.ts';
import { kindOf } from '../base/value.ts';
import type { Value } from '../base/value.ts';

export type Scalar = null | boolean | string | bigint | number;

/** A kind of scalar that has no value of its own here (its text stands in `value`): DVC reads dates as dates. */
export type SpecialScalar = 'timestamp' | 'binary';

export type Node = ScalarNode | ListNode | MapNode;

/** A text with a name, that can tell the line of an offset. */
export class SourceText {
  readonly file: string;
  readonly text: string;
  #lineStarts: readonly number[] | undefined;

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
  }

  /** The place from `start` to `end`, cut at the end of its first line. Offsets beyond the text are moved into it. */
  spanAt(start: number, end: number): Span {
    const from = Math.max(0, Math.min(start, this.text.length));
    const line = this.#lineOf(from);
    const lineStart = this.#starts()[line] ?? 0;
    const newline = this.text.indexOf('\n', lineStart);
    const lineEnd = newline === -1 ? this.text.length : newline;
    const length = Math.max(1, Math.min(end, lineEnd) - from);
    return {
      file: this.file,
      line: line + 1,
      column: from - lineStart + 1,
      length,
      text: this.text.slice(lineStart, lineEnd),
    };
  }

  /** The offset at which a line (counted from 1) starts. */
  offsetOf(line: number): number {
    return this.#starts()[line - 1] ?? this.text.length;
  }

  #starts(): readonly number[] {
    if (this.#lineStarts) return this.#lineStarts;
    const starts = [0];
    for (let at = this.text.indexOf('\n'); at !== -1; at = this.text.indexOf('\n', at + 1)) starts.push(at + 1);
    this.#lineStarts = starts;
    return starts;
  }

  #lineOf(offset: number): number {
    const starts = this.#starts();
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** A piece of a SourceText. */
export class Place {
  readonly source: SourceText;
  readonly start: number;
  readonly end: number;
  #span: Span | undefined;

  constructor(source: SourceText, start: number, end: number) {
    this.source = source;
    this.start = start;
    this.end = end;
  }

  get span(): Span {
    this.#span ??= this.source.spanAt(this.start, this.end);
    return this.#span;
  }

  /** As it is written, quotes and all. */
  get raw(): string {
    return this.source.text.slice(this.start, this.end);
  }

  /** A part of this place, by offsets from its start. */
  part(from: number, to: number): Place {
    return new Place(this.source, this.start + from, this.start + to);
  }
}

export class ScalarNode {
  readonly kind = 'scalar';
  readonly value: Scalar;
  readonly place: Place;
  readonly special: SpecialScalar | undefined;

  constructor(value: Scalar, place: Place, special?: SpecialScalar) {
    this.value = value;
    this.place = place;
    this.special = special;
  }

  get span(): Span {
    return this.place.span;
  }
}

export class ListNode {
  readonly kind = 'list';
  readonly items: readonly Node[];
  readonly place: Place;

  constructor(items: readonly Node[], place: Place) {
    this.items = items;
    this.place = place;
  }

  get span(): Span {
    return this.place.span;
  }
}

export class Entry {
  /** The key as text, as DVC names stages by it: `1`, `true` and `None` for keys that are not strings. */
  readonly key: string;
  /** The key as it was read. DVC's templates see only keys that are strings. */
  readonly typedKey: Scalar;
  readonly keyPlace: Place;
  readonly value: Node;

  constructor(key: string, typedKey: Scalar, keyPlace: Place, value: Node) {
    this.key = key;
    this.typedKey = typedKey;
    this.keyPlace = keyPlace;
    this.value = value;
  }

  get keySpan(): Span {
    return this.keyPlace.span;
  }
}

export class MapNode {
  readonly kind = 'map';
  readonly entries: readonly Entry[];
  readonly place: Place;
  #index: Map<string, Entry> | undefined;

  constructor(entries: readonly Entry[], place: Place) {
    this.entries = entries;
    this.place = place;
  }

  get span(): Span {
    return this.place.span;
  }

  /** The entry of a key. Small maps are searched, large ones keep an index. */
  entry(key: string): Entry | undefined {
    if (this.entries.length <= 8) return this.entries.find((entry) => entry.key === key);
    this.#index ??= new Map(this.entries.map((entry) => [entry.key, entry]));
    return this.#index.get(key);
  }

  get(key: string): Node | undefined {
    return this.entry(key)?.value;
  }
}

export function toValue(node: Node): Value {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(toValue);
  return new Map(node.entries.map((entry) => [entry.key, toValue(entry.value)]));
}

/** What a node is called in messages. */
export function nodeKind(node: Node): string {
  if (node.kind === 'list') return 'a list';
  if (node.kind === 'map') return 'a map';
  if (node.special === 'timestamp') return 'a date';
  if (node.special === 'binary') return 'binary data';
  return kindOf(node.value);
}

/** The place of a value that stands in no file (an override on the command line, a made-up name). */
export function noPlace(file: string): Place {
  return new Place(new SourceText(file, ''), 0, 0);
}

/** A node for a value that stands in no text of its own; every part of it has the one place. */
export function fromValue(value: Value, place: Place): Node {
  if (Array.isArray(value))
    return new ListNode(
      (value as readonly Value[]).map((item) => fromValue(item, place)),
      place,
    );
  if (value instanceof Map) {
    const entries = [...(value as ReadonlyMap<string, Value>)].map(
      ([key, item]) => new Entry(key, key, place, fromValue(item, place)),
    );
    return new MapNode(entries, place);
  }
  return new ScalarNode(value as Scalar, place);
}
