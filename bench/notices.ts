// The licences of the packages whose code is part of the built program, as the packages themselves give them.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

interface PackageFile {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
}

/** From the paths of bundled modules; throws when a package says nothing about its licence. */
export function noticesOf(modules: readonly string[]): string {
  const folders = new Set(modules.flatMap((path) => packageFolder(path) ?? []));
  const notices = [...folders].map(noticeOf).sort((a, b) => (a.name < b.name ? -1 : 1));
  const head = 'This program contains code of the packages below, under the licences that follow.\n';
  return [head, ...notices.map(({ text }) => text)].join(`\n${'-'.repeat(80)}\n`);
}

function packageFolder(path: string): string | undefined {
  return /^\0?(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];
}

function noticeOf(folder: string): { readonly name: string; readonly text: string } {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageFile;
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  const words = file !== undefined && existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8') : '';
  if (words === '' && license === undefined) throw new Error(`the package ${name} names no licence`);
  return { name, text: `${name} ${version} (${license ?? 'see below'})\n\n${words.trim()}\n` };
}
