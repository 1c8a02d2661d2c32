// What a JavaScript or TypeScript module names as its imports: text in, specifiers out. Static imports, dynamic ones
// with a literal, `require("...")`, `new URL("./x", import.meta.url)`; type-only imports are dropped, as Node drops them.
// Finds no files.

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

/** Comments and other strings are matched first, so that nothing inside them is taken for code. */
const LOOSE =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|\brequire\s*\(\s*(?:'([^'\n]+)'|"([^"\n]+)")\s*\)|\bnew\s+URL\s*\(\s*(?:'([^'\n]+)'|"([^"\n]+)")\s*,\s*import\.meta\.url\s*\)|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g;

function loosely(text: string): string[] {
  const found: string[] = [];
  for (const [, single, double, urlSingle, urlDouble] of text.matchAll(LOOSE)) {
    const required = single ?? double;
    const url = urlSingle ?? urlDouble;
    if (required !== undefined) found.push(required);
    else if (url !== undefined && !/^[a-z][a-z+.-]*:/i.test(url)) found.push(/^\.{0,2}\//.test(url) ? url : `./${url}`);
  }
  return found;
}
