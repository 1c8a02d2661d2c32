// What a JavaScript or TypeScript module names as its imports: text in, specifiers out. Static imports, dynamic ones
// with a literal, `require("...")`, `new URL("./x", import.meta.url)`; type-only imports are dropped, as Node drops them.
// Finds no files.
import { textParts } from './module-text.ts';

export interface ModuleImports {
  /** `./a.ts`, `../b.js`, `/c.js`, `#internal`, bare names. Sorted, without doubles. */
  readonly imports: readonly string[];
  /** Named in a way that may rightly be absent: `require` in a try block, a URL of a file that is written later. */
  readonly optional: readonly string[];
}

const MODULE_ENDING = /\.(?:[cm]?[jt]sx?)$/;

export function isModulePath(path: string): boolean {
  return MODULE_ENDING.test(path) && !path.endsWith('.d.ts');
}

/** Throws a SyntaxError-like error when the text is no module; the caller says so at the dep. */
export async function readImports(text: string): Promise<ModuleImports> {
  const { init, parse } = await import('es-module-lexer');
  await init();
  const [found] = parse(text);
  const imports = new Set<string>();
  for (const item of found) {
    if (item.type === 'static' || item.type === 'reexport-star') {
      if (!item.typeOnly) imports.add(item.specifier);
    } else if (item.type === 'dynamic' && !item.glob && !item.probablyTypeOnly && item.specifier !== undefined) {
      imports.add(item.specifier);
    }
  }
  const optional = new Set(loosely(text));
  return { imports: [...imports].sort(), optional: [...optional].filter((name) => !imports.has(name)).sort() };
}

const REQUIRED = /\brequire\s*\(\s*(?:'([^'\n]+)'|"([^"\n]+)"|`([^`$\n]+)`)\s*\)/g;
const URLS = /\bnew\s+URL\s*\(\s*(?:'([^'\n]+)'|"([^"\n]+)"|`([^`$\n]+)`)\s*,\s*import\.meta\.url\s*,?\s*\)/g;

/** What no grammar of modules knows. Where it is in doubt whether it is code, it counts: one input too many is no wrong result. */
function loosely(text: string): string[] {
  if (!/\brequire\b|\bURL\b/.test(text)) return [];
  const isCode = codeTest(text);
  const found: string[] = [];
  for (const { index, 0: whole, 1: single, 2: double, 3: template } of text.matchAll(REQUIRED)) {
    if (isCode(index, whole.length)) found.push(single ?? double ?? template ?? '');
  }
  for (const { index, 0: whole, 1: single, 2: double, 3: template } of text.matchAll(URLS)) {
    const url = single ?? double ?? template ?? '';
    if (/^[a-z][a-z+.-]*:/i.test(url) || !isCode(index, whole.length)) continue;
    found.push(/^\.{0,2}\//.test(url) ? url : `./${url}`);
  }
  return found;
}

/** False only for what lies wholly inside one comment or string. */
function codeTest(text: string): (from: number, length: number) => boolean {
  const parts = textParts(text);
  return (from, length) => !parts.some((part) => part.from <= from && from + length <= part.to);
}
