// Puts a stage into the text of a pipeline file: a piece of text at one place, so that comments, order and quoting of all
// the rest stay as they are byte by byte. Text in, text out; whether the result means anything is for the loader to say.
import { problem } from '../base/problem.ts';
import type { Problem } from '../base/problem.ts';
import type { Entry, MapNode } from './node.ts';
import { renderFlowStage, renderStage } from './stage-text.ts';
import type { StageField, StageLine } from './stage-text.ts';
import { parseYaml } from './yaml.ts';

export interface StageEdit {
  readonly text: string;
  /** The new lines, and the number (from 1) of the first of them. */
  readonly lines: readonly StageLine[];
  readonly firstLine: number;
  /** How many lines of the old text stood in their place. */
  readonly removed: number;
}

export type EditedStage = { readonly kind: 'edited'; readonly edit: StageEdit } | EditRefusal;

export interface EditRefusal {
  readonly kind: 'refused';
  readonly problems: readonly Problem[];
}

/** `isForced`: a stage of this name is replaced, where it stands. */
export function putStage(
  file: string,
  text: string,
  name: string,
  fields: readonly StageField[],
  isForced: boolean,
): EditedStage {
  const { node, problems } = parseYaml(file, text, { dialect: 'repro' });
  if (!node) return { kind: 'refused', problems };
  const stages = node.kind === 'map' ? node.entries.find((entry) => entry.key === 'stages') : undefined;
  const map = stages?.value.kind === 'map' ? stages.value : undefined;
  const old = map?.entries.find((entry) => entry.key === name);
  if (old && !isForced) return { kind: 'refused', problems: [alreadyThere(old, name)] };
  const edit = new TextEdit(text, node.place.source.text);
  if (!stages) return edit.append(name, fields);
  if (!map || map.entries.length === 0) return edit.fill(stages, name, fields);
  if (map.place.raw.startsWith('{')) return edit.intoFlow(map, old, name, fields);
  return old ? edit.replace(old, name, fields) : edit.addTo(map, name, fields);
}

function alreadyThere(old: Entry, name: string): Problem {
  return problem('stage-duplicate', `there is a stage \`${name}\` already`, {
    span: old.keySpan,
    hint: 'give the new one another name with `-n`, or replace the old one with `--force`',
  });
}

/** Places count in the text as the reader has it; what is written is made of the lines of the file with their own ends. */
class TextEdit {
  readonly #mark: string;
  readonly #written: readonly string[];
  readonly #newline: string;
  readonly #text: string;
  readonly #lines: readonly string[];

  /** `read` is the same text with one kind of line end and no byte order mark. */
  constructor(written: string, read: string) {
    this.#mark = written.startsWith('\ufeff') ? '\ufeff' : '';
    this.#written = written.slice(this.#mark.length).split(/(?<=\n)|(?<=\r)(?!\n)/);
    this.#newline = written.includes('\r\n') ? '\r\n' : '\n';
    this.#text = read;
    this.#lines = read.split('\n');
  }

  append(name: string, fields: readonly StageField[]): EditedStage {
    const count = this.#lastFilled(this.#lines.length) + 1;
    const head: StageLine[] = [...(count > 0 ? [{ text: '' }] : []), { text: 'stages:' }];
    return this.#splice(count, this.#lines.length - count, [...head, ...renderStage(name, fields, 2, 2)]);
  }

  /** `stages:` with nothing in it, or with `{}`. */
  fill(stages: Entry, name: string, fields: readonly StageField[]): EditedStage {
    const at = this.#lineAt(stages.keyPlace.start);
    const lines = renderStage(name, fields, this.#indentOf(at) + 2, 2);
    const head = this.#lines[at] ?? '';
    const bare = head.replace(/^(\s*(?:stages|"stages"|'stages')\s*:)\s*(?:\{\s*\}|~|null)/, '$1');
    if (bare === head && !/:\s*(?:#.*)?$/.test(head)) return refused(stages);
    return bare === head ? this.#splice(at + 1, 0, lines) : this.#splice(at, 1, [{ text: bare.trimEnd() }, ...lines]);
  }

  addTo(map: MapNode, name: string, fields: readonly StageField[]): EditedStage {
    const keyLines = map.entries.map((entry) => this.#lineAt(entry.keyPlace.start)).sort((a, b) => a - b);
    const [first = 0] = keyLines;
    const last = keyLines.at(-1) ?? 0;
    const indent = this.#indentOf(last);
    // A comment as deep as the stages, below the last one, belongs to them.
    const values = map.entries.map((entry) => entry.value.place.end);
    const end = Math.max(this.#blockEnd(last, indent), ...values.map((at) => this.#lineBehind(at)));
    const isSpaced = last > first ? this.#lines.slice(first, last).includes('') : end - first > 8;
    const lines = renderStage(name, fields, indent, this.#stepBelow(last, indent));
    return this.#splice(end, 0, isSpaced ? [{ text: '' }, ...lines] : lines);
  }

  replace(old: Entry, name: string, fields: readonly StageField[]): EditedStage {
    const at = this.#lineAt(old.keyPlace.start);
    const indent = this.#indentOf(at);
    const end = Math.max(this.#blockEnd(at, indent + 1), this.#lineBehind(old.value.place.end));
    return this.#splice(at, end - at, renderStage(name, fields, indent, this.#stepBelow(at, indent)));
  }

  intoFlow(map: MapNode, old: Entry | undefined, name: string, fields: readonly StageField[]): EditedStage {
    const last = old ?? map.entries.at(-1);
    if (!last) throw new Error('a map without entries is filled, not added to');
    const flow = renderFlowStage(name, fields);
    const start = old ? old.keyPlace.start : last.value.place.end;
    const end = last.value.place.end;
    const text = this.#text.slice(0, start) + (old ? flow : `, ${flow}`) + this.#text.slice(end);
    const line = this.#lineAt(start);
    const removed = this.#lineAt(end) - line + 1;
    const after = text.split('\n');
    const added = after.length - this.#lines.length + removed;
    const lines = after.slice(line, line + added).map((each) => ({ text: each }));
    return this.#splice(line, removed, lines);
  }

  #splice(at: number, removed: number, lines: readonly StageLine[]): EditedStage {
    const before = this.#written.slice(0, at).join('');
    const isOpen = before !== '' && !/[\r\n]$/.test(before);
    const added = lines.map((line) => line.text + this.#newline).join('');
    const rest = this.#written.slice(at + removed).join('');
    const isEndOpen = rest !== '' && !/[\r\n]$/.test(rest);
    const text = `${this.#mark}${before}${isOpen ? this.#newline : ''}${added}${rest}${isEndOpen ? this.#newline : ''}`;
    return { kind: 'edited', edit: { text, lines, firstLine: at + 1, removed } };
  }

  /** The line behind a block that starts at a line, blank lines at its end left out. */
  #blockEnd(start: number, leastIndent: number): number {
    let end = start + 1;
    while (end < this.#lines.length && (this.#isBlank(end) || this.#indentOf(end) >= leastIndent)) end++;
    return this.#lastFilled(end) + 1;
  }

  #stepBelow(line: number, indent: number): number {
    const next = this.#lines.findIndex((_, at) => at > line && !this.#isBlank(at));
    const deeper = next < 0 ? 0 : this.#indentOf(next) - indent;
    return deeper > 0 ? deeper : 2;
  }

  #lastFilled(before: number): number {
    let at = before - 1;
    while (at >= 0 && this.#isBlank(at)) at--;
    return at;
  }

  #isBlank(line: number): boolean {
    return (this.#lines[line] ?? '').trim() === '';
  }

  #indentOf(line: number): number {
    return /^ */.exec(this.#lines[line] ?? '')?.[0].length ?? 0;
  }

  /** A comment in the first column may stand inside a block: what the reader took for its end counts, too. */
  #lineBehind(offset: number): number {
    return this.#lineAt(this.#text.slice(0, offset).trimEnd().length) + 1;
  }

  #lineAt(offset: number): number {
    return this.#text.slice(0, offset).split('\n').length - 1;
  }
}

function refused(stages: Entry): EditRefusal {
  const found = problem('type-wrong', 'a stage cannot be put where `stages` is written in this form', {
    span: stages.keySpan,
    hint: 'write `stages:` on a line of its own',
  });
  return { kind: 'refused', problems: [found] };
}
