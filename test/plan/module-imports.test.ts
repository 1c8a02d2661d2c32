// What the text of one module imports: which of its words name other modules, and which only look like it.
import { describe, expect, test } from 'vitest';
import { readImports } from '../../src/plan/module-imports.ts';

describe('a module names', () => {
  const cases: readonly (readonly [what: string, text: string, imports: string, optional: string])[] = [
    [
      'what it imports',
      `import a from './a.ts'; import * as b from "./b.ts"; import './c.ts';`,
      './a.ts ./b.ts ./c.ts',
      '',
    ],
    [
      'what it exports again',
      `export * from './a.ts'; export { b } from './b.ts'; export * as c from './c.ts';`,
      './a.ts ./b.ts ./c.ts',
      '',
    ],
    [
      'no types',
      `import type { A } from './a.ts'; export type { B } from './b.ts'; let c: import('./c.ts').C;`,
      '',
      '',
    ],
    ['what Node loads although only types are taken from it', `import { type A } from './a.ts';`, './a.ts', ''],
    [
      'dynamic imports of a text',
      'await import("./a.ts"); import(`./b.ts`); import(x); import(`./${x}.ts`);',
      './a.ts ./b.ts',
      '',
    ],
    ['JSON by its attribute', `import a from './a.json' with { type: 'json' };`, './a.json', ''],
    ['what TypeScript requires', `import a = require('./a.cjs');`, './a.cjs', ''],
    [
      'what it requires',
      `const a = require('./a'), b = require("./b"), c = require(\`./c\`), d = require(x);`,
      '',
      './a ./b ./c',
    ],
    [
      'files beside it by URL',
      `new URL('./a.txt', import.meta.url); new URL('b.txt', import.meta.url); new URL('https://e.org', import.meta.url);`,
      '',
      './a.txt ./b.txt',
    ],
    [
      'nothing in comments',
      `// import './a.ts'; require('./b')\n/* require('./c') */ /** new URL('./d', import.meta.url) */`,
      '',
      '',
    ],
    [
      'nothing in strings',
      `const a = "require('./a')", b = 'import "./b"', c = \`require("./c") import './d'\`;`,
      '',
      '',
    ],
    ['code inside a template', 'const a = `${require("./a")} require("./no") ${`${require("./b")}`}`;', '', './a ./b'],
    [
      'code after a regular expression with quotes',
      `const r = /"/; const q = require("./a"); const s = /['"\`/]/g; require('./b');`,
      '',
      './a ./b',
    ],
    ['code after a division', `const a = 1 / 2, b = (3) / require('./a') / 4;`, '', './a'],
    ['code after a shebang', `#!/usr/bin/env node\nimport './a.ts';`, './a.ts', ''],
    [
      'code among decorators',
      `import { d } from './a.ts'; @d() class A { @d() x = 1; constructor(private readonly y?: string) {} }`,
      './a.ts',
      '',
    ],
    [
      'code among generics',
      `import { f } from './a.ts'; const x = f<Map<string, A[]>>(1 as const) satisfies B; const y = <T,>(v: T): v is T => true;`,
      './a.ts',
      '',
    ],
    [
      'code among overloads and mapped types',
      `export function f(a: string): void; export function f(a: any) { return import('./a.ts'); } type T = { [K in keyof X as \`on\${K}\`]?: X[K] };`,
      './a.ts',
      '',
    ],
    [
      'code among declarations',
      `export abstract class A { declare y: number; static { import('./a.ts'); } } export default interface I {}`,
      './a.ts',
      '',
    ],
    [
      'code among elements',
      `import x from './a.tsx'; export const E = () => <div>don't {require('./b')} can't</div>;`,
      './a.tsx',
      './b',
    ],
    ['nothing when it is empty', '', '', ''],
  ];
  test.each(cases)('%s', async (_, text, imports, optional) => {
    const found = await readImports(text);
    expect([found.imports.join(' '), found.optional.join(' ')]).toEqual([imports, optional]);
  });
});
