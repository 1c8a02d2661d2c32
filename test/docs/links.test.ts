// Every link of every page: the file is there, the heading is there, and every page can be reached from docs/README.md.
// Links to other hosts are not followed.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { linesOutsideFences, splitCode } from '../rig/markdown.ts';

const ROOT = join(import.meta.dirname, '../..');

const PAGES = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter((name) => name !== '' && existsSync(join(ROOT, name)));

interface Link {
  readonly page: string;
  /** From the root. */
  readonly file: string;
  readonly anchor: string | undefined;
}

function linksOf(page: string): Link[] {
  const text = splitCode(linesOutsideFences(readFileSync(join(ROOT, page), 'utf8')).join('\n')).plain;
  const targets = [
    ...text.matchAll(/\]\(([^()\s]+)\)/g),
    ...text.matchAll(/<img[^>]* src="([^"]+)"/g),
    ...text.matchAll(/^\[[^\]]+\]: (\S+)$/gm),
  ].map(([, target = '']) => target);
  return targets
    .filter((target) => !/^(?:https?|mailto):/.test(target))
    .map((target) => {
      const [path = '', anchor] = target.split('#');
      return { page, file: path === '' ? page : normalize(join(dirname(page), path)), anchor };
    });
}

/** The names that GitHub gives to the headings of a page. */
function anchorsOf(page: string): ReadonlySet<string> {
  const seen = new Map<string, number>();
  const anchors = new Set<string>();
  for (const line of linesOutsideFences(readFileSync(join(ROOT, page), 'utf8'))) {
    const heading = /^#{1,6} (.+)$/.exec(line)?.[1];
    if (heading === undefined) continue;
    const words = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const name = words.replaceAll(/[^\p{L}\p{N}_ -]/gu, '').replaceAll(' ', '-');
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    anchors.add(count === 0 ? name : `${name}-${count}`);
  }
  return anchors;
}

const LINKS = PAGES.flatMap(linksOf);

test('every link leads to a file that is there, in the case it is written in', () => {
  expect(LINKS.length).toBeGreaterThan(50);
  const known = new Set(
    execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: ROOT, encoding: 'utf8' }).split('\n'),
  );
  const broken = LINKS.filter(({ file }) => {
    const path = join(ROOT, file);
    return !existsSync(path) || (statSync(path).isFile() && !known.has(file));
  });
  expect(broken).toEqual([]);
});

test('every anchor is a heading of its page', () => {
  const anchored = LINKS.filter(({ anchor, file }) => anchor !== undefined && file.endsWith('.md'));
  expect(anchored.length).toBeGreaterThan(5);
  expect(anchored.filter(({ anchor, file }) => !anchorsOf(file).has(anchor ?? ''))).toEqual([]);
});

test('every page of docs/ can be reached from docs/README.md, and is named by it', () => {
  const named = new Set(LINKS.filter(({ page }) => page === 'docs/README.md').map(({ file }) => file));
  const pages = PAGES.filter((page) => page.startsWith('docs/') && page !== 'docs/README.md');
  expect(pages.filter((page) => !named.has(page))).toEqual([]);
  expect(LINKS.some(({ page, file }) => page === 'README.md' && normalize(file) === 'docs/README.md')).toBe(true);
});

test("no page names a path of somebody's machine", () => {
  for (const page of PAGES)
    expect([page, /(?:\/home|\/Users|\/root)\/\w+/.exec(readFileSync(join(ROOT, page), 'utf8'))?.[0]]).toEqual([
      page,
      undefined,
    ]);
});
