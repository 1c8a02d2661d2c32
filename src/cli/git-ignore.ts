// Lines of a .gitignore: which are missing, and the text with them. Patterns are for whole paths from its folder; nothing
// that is there is changed. Knows only enough of the language to see that a path is ignored already.

/** The text with a line for each path that no line covers yet; the same text when there is none. */
export function ignorePaths(text: string, paths: readonly string[], isHere = true): string {
  const lines = new Set(text.split(/\r?\n/).map((line) => line.replace(/(?<!\\)\s+$/, '')));
  const missing = paths.filter((path) => !isCovered(lines, path)).map((path) => patternOf(path, isHere));
  if (missing.length === 0) return text;
  const head = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  return `${head}${[...new Set(missing)].join('\n')}\n`;
}

/** The line that ignores this path and nothing else; unless `isHere`, a name at any depth. */
function patternOf(path: string, isHere: boolean): string {
  return isHere ? `/${escaped(path)}` : escaped(path);
}

function isCovered(lines: ReadonlySet<string>, path: string): boolean {
  const parts = path.replace(/\/$/, '').split('/');
  const isFolder = path.endsWith('/');
  return parts.some((_, at) => {
    const above = escaped(parts.slice(0, at + 1).join('/'));
    const last = escaped(parts[at] ?? '');
    const asFolder = at < parts.length - 1 || isFolder;
    const forms = [`/${above}`, ...(at === 0 ? [last] : [above, last])];
    return forms.some((form) => lines.has(form) || (asFolder && lines.has(`${form}/`)));
  });
}

function escaped(path: string): string {
  return path
    .replaceAll(/[\\*?[]/g, '\\$&')
    .replace(/^[#!]/, '\\$&')
    .replace(/ $/, '\\ ');
}
