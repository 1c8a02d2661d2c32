// Workflow commands of GitHub Actions (lines such as `::error file=a::text`), and the way to keep other text from being
// one. Pure text. Invariant: what `plainText` gives holds no line that a runner acts on.
// https://docs.github.com/actions/reference/workflow-commands-for-github-actions
import type { Problem } from '../base/problem.ts';

export interface Annotation {
  readonly level: 'error' | 'warning';
  readonly title: string;
  readonly message: string;
  /** Where the file shows it, relative to the top of the repository. */
  readonly place?: { readonly file: string; readonly line: number; readonly column?: number };
}

export function renderAnnotation({ level, title, message, place }: Annotation): string {
  const where = place
    ? `file=${property(place.file)},line=${place.line},${place.column === undefined ? '' : `col=${place.column},`}`
    : '';
  return renderCommand(`${level} ${where}title=${property(title)}`, message);
}

/** `head` is ours: a name, and properties that went through `property`. */
export function renderCommand(head: string, message = ''): string {
  return `::${head}::${data(message)}`;
}

export function problemAnnotation(found: Problem, placeOf: (file: string) => string): Annotation {
  const { span } = found;
  return {
    level: found.severity === 'error' ? 'error' : 'warning',
    title: found.code,
    message: found.hint === undefined ? found.message : `${found.message}\n${found.hint}`,
    ...(span && { place: { file: placeOf(span.file), line: span.line, column: span.column } }),
  };
}

/**
 * Text of any lines that a runner takes for text. It looks for `::` at the start of a line, behind white space, and for
 * the older `##[` and `##vso[` anywhere in it; a carriage return and other line ends start a line too.
 */
export function plainText(text: string): string {
  return text
    .replaceAll(/\r\n|[\r\v\f\u0085\u2028\u2029]/g, '\n')
    .replaceAll(/##(?=vso\[|\[)/gi, '# #')
    .replaceAll(/^(?=[\s\p{Cf}\p{Cc}]*::)/gmu, '│ ');
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
