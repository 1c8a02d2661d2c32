// docs/troubleshooting.md has each problem code once, in the order of the table, with what it means and what is really said.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PROBLEM_TITLES } from '../../src/base/problem.ts';

const ROOT = join(import.meta.dirname, '../..');
const GOLDEN = join(ROOT, 'test/golden/problems');
const PAGE = readFileSync(join(ROOT, 'docs/troubleshooting.md'), 'utf8');
const SECTIONS = PAGE.split(/^### /m)
  .slice(1)
  .map((text) => text.split(/^## /m)[0] ?? '');

test('each code has a section, in the order of the table', () => {
  expect(SECTIONS.map((text) => text.split('\n')[0])).toEqual(Object.keys(PROBLEM_TITLES));
});

test.each(Object.entries(PROBLEM_TITLES))('%s has its meaning, its message, a cause and a fix', (code, title) => {
  const section = SECTIONS.find((text) => text.startsWith(`${code}\n`)) ?? '';
  expect(section.toLowerCase()).toContain(`\n\n${title.toLowerCase()}.\n\n`);
  const message = /^```text\n(.*)\n```$/m.exec(section)?.[1] ?? '';
  expect(message).toMatch(/^(?:error|warning)\[/);
  const golden = readdirSync(GOLDEN).find((name) => name.startsWith(`${code}.`)) ?? '';
  expect(readFileSync(join(GOLDEN, golden), 'utf8')).toContain(message);
  expect(section).toMatch(/^- Cause: \S.+\.$/m);
  expect(section).toMatch(/^- Fix: \S.+\.$/m);
});
