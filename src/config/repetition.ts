// One repetition of a stage, and how a value becomes part of its name. Knows neither foreach nor matrix.
import type { Node } from './node.ts';
import { isExactTemplate } from './template.ts';
import { pythonText, templateText } from './template-text.ts';

export interface Repetition {
  /** What the name of the stage ends in, behind the `@`. */
  readonly key: string;
  /** What `item` and `key` are in it. */
  readonly local: ReadonlyMap<string, Node>;
}

/** DVC names a value that came out of a template as Python prints it (`True`), one that stands in the file as YAML does. */
export function nameOfValue(value: Node, written: Node | undefined): string {
  return written && !isExactTemplate(written) ? templateText(value) : pythonText(value);
}
