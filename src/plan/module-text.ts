// Where comments, strings and regular expressions stand in the text of a module: enough of JavaScript's lexical grammar
// (ECMA-262, clause 12) to tell code from what only looks like it. Knows no imports. A `/` after a `)` counts as a division.

export interface TextPart {
  /** From `from` up to `to` there is no code. */
  readonly from: number;
  readonly to: number;
}

const TOKEN =
  /\/\*[\s\S]*?(?:\*\/|$)|\/\/[^\n]*|'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*"|[`{}/]|[\w$\u0080-\uffff]+|[^\s\w]/g;
const REGEX = /\/(?:[^/\\[\n]|\\[^\n]|\[(?:[^\]\\\n]|\\[^\n])*\])+\/[\w$]*/y;
const TEMPLATE = /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*(?:`|\$\{|$)/y;

/** After these a `/` begins a regular expression, as after any punctuation but a closing bracket. */
const BEFORE_REGEX = new Set(
  'return typeof instanceof in of new delete void throw case do else yield await default'.split(' '),
);

/** In order of place. Of a template with `${}` the text parts. */
export function textParts(text: string): TextPart[] {
  const parts: TextPart[] = [];
  /** Depth of braces at which the template around goes on. */
  const templates: number[] = [];
  let depth = 0;
  let before = '';
  const template = (from: number): number => {
    TEMPLATE.lastIndex = from;
    const to = from + (TEMPLATE.exec(text)?.[0].length ?? 0);
    parts.push({ from, to });
    if (text.endsWith('${', to)) templates.push(depth);
    return to;
  };
  for (let at = 0; at < text.length;) {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(text);
    if (!found) break;
    const [token] = found;
    at = TOKEN.lastIndex;
    if (token.startsWith('/*') || token.startsWith('//')) {
      parts.push({ from: found.index, to: at });
      continue;
    }
    if (token === '`') at = template(at);
    else if (token === '}' && templates.at(-1) === depth) {
      templates.pop();
      at = template(at);
    } else if (token === '{') depth++;
    else if (token === '}') depth--;
    else if (token === '/' && canBeginRegex(before)) {
      REGEX.lastIndex = found.index;
      const regex = REGEX.exec(text);
      if (regex) at = REGEX.lastIndex;
      parts.push({ from: found.index, to: at });
    } else if (token.length > 1 && /^['"]/.test(token)) parts.push({ from: found.index, to: at });
    before = token;
  }
  return parts;
}

function canBeginRegex(before: string): boolean {
  if (/^[\w$\u0080-\uffff]/.test(before)) return BEFORE_REGEX.has(before);
  return !/^[)\]}`'"]/.test(before);
}
