// The schema of pipeline.yaml in a real editor's server: what is offered, shown and underlined, without a network. What
// the schema accepts is the business of test/config/schema.test.ts.
import { cpSync, readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { OUT_FIELDS } from '../../src/config/schema-parts.ts';
import { DEFINITION_FIELDS, STAGE_FIELDS, TOP_FIELDS } from '../../src/config/schema.ts';
import type { Field } from '../../src/config/shape.ts';
import { load } from '../config/memory.ts';
import { languageServer } from '../rig/language-server.ts';
import type { Completion, LanguageServer } from '../rig/language-server.ts';
import { project } from '../rig/project.ts';

const ROOT = join(import.meta.dirname, '../..');
const MODELINE = '# yaml-language-server: $schema=./schema/pipeline.schema.json\n';
const STAGE = 'stages:\n  train:\n    cmd: x\n';

/** A project as a user has it: the schema beside its pipeline file, named in the first line. */
async function editor(): Promise<LanguageServer> {
  const workspace = project();
  cpSync(join(ROOT, 'schema'), workspace.path('schema'), { recursive: true });
  return languageServer(workspace.root);
}

const offered = async (server: LanguageServer, marked: string): Promise<readonly Completion[]> =>
  server.complete('pipeline.yaml', MODELINE + marked);
const labels = (completions: readonly Completion[]): string[] => completions.map((each) => each.label);
const documentation = (completion: Completion | undefined): string =>
  typeof completion?.documentation === 'object' ? completion.documentation.value : (completion?.documentation ?? '');
const names = (fields: readonly Field[]): string[] =>
  fields.filter((field) => field.only !== 'dvc').map((field) => field.name);

describe('completion', () => {
  test('offers every key, with what it means and an example, and what was not written yet', async () => {
    const server = await editor();
    for (const [marked, fields] of [
      ['|', TOP_FIELDS],
      ['stages:\n  train:\n    |', STAGE_FIELDS],
      ['stages:\n  each:\n    foreach: [1]\n    do:\n      |', DEFINITION_FIELDS],
      [`${STAGE}    outs:\n      - model:\n          |`, OUT_FIELDS],
    ] as const) {
      const completions = await offered(server, marked);
      expect(labels(completions)).toEqual(expect.arrayContaining(names(fields)));
      for (const name of names(fields)) {
        const completion = completions.find((each) => each.label === name);
        expect(documentation(completion), name).toContain(`\`\`\`yaml\n${name}:`);
      }
    }
    expect(labels(await offered(server, `${STAGE}    |`))).not.toContain('cmd');
  });

  test.each([
    ['shell', `${STAGE}    shell: |`, ['bash', 'sh']],
    ['severity', `${STAGE}    checks:\n      - expr: r2 > 0\n        severity: |`, ['error', 'warn']],
    ['always', `${STAGE}    always: |`, ['false', 'true']],
    ['better', 'better:\n  rmse: |', ['higher', 'lower']],
  ])('offers the values of `%s`', async (_, marked, values) => {
    expect(labels(await offered(await editor(), marked)).sort()).toEqual(values);
  });

  test('offers whole stages, each of which is a valid pipeline once it is filled in', async () => {
    const snippets = await offered(await editor(), 'stages:\n  |');
    expect(labels(snippets)).toEqual([
      'stage',
      'stage with metrics and a check',
      'stages of a matrix',
      'stages of a foreach',
    ]);
    for (const { label, insertText = '' } of snippets) {
      const text = `stages:\n  ${filled(insertText).replaceAll('\n', '\n  ')}\n`;
      expect([label, load({ 'pipeline.yaml': text }).problems]).toEqual([label, []]);
    }
  });
});

/** What a user gets who takes each place of a snippet as it is. */
function filled(snippet: string): string {
  return snippet.replaceAll(/(?<!\\)\$\{\d+:([^}]*)\}/g, '$1').replaceAll(/\\([$}\\])/g, '$1');
}

test('hovering shows what each field of a stage means, with an example', async () => {
  const server = await editor();
  for (const field of DEFINITION_FIELDS) {
    if (field.example === undefined) continue;
    const rest = field.name === 'cmd' ? '' : '    cmd: x\n';
    const marked = `stages:\n  train:\n${rest}    |${field.example}\n`;
    const shown = await server.hover('pipeline.yaml', MODELINE + marked);
    // Underscores are escaped in Markdown.
    expect(shown.replaceAll('\\', '')).toMatch(new RegExp(`^#### ${field.name}\\b`));
    expect(shown).toContain(field.description.replaceAll(/\[([^\]]+)\]\(#[^)]*\)/g, '$1'));
    expect(shown).toContain(`\`\`\`yaml\n${field.example}\n\`\`\``);
    expect(shown).not.toContain('||');
  }
  expect(await server.hover('pipeline.yaml', `${MODELINE}stages:\n  tr|ain:\n    cmd: x\n`)).toMatch(/^#### stage\n/);
});

describe('underlining', () => {
  test.each([
    ['an unknown key', `${STAGE}    dpes: [a]\n`, 'Property dpes is not allowed.', 'dpes'],
    ['a wrong type', `${STAGE}    deps: data.csv\n`, 'Incorrect type. Expected "array".', 'data.csv'],
    ['a missing command', 'stages:\n  train:\n    deps: [a]\n', 'Missing property "cmd".', 'train'],
    [
      'a value that is none of those',
      `${STAGE}    shell: zsh\n`,
      'Value is not accepted. Valid values: "sh", "bash".',
      'zsh',
    ],
    ['no duration', `${STAGE}    timeout: soon\n`, 'This is no duration such as 90s, 10m or 1h30m.', 'soon'],
    ['no variable', `${STAGE}    env: [TZ=UTC]\n`, 'This is no name of an environment variable.', 'TZ=UTC'],
    ['a half retry', `${STAGE}    retry: { delay: 1s }\n`, 'Missing property "limit".', 'retry'],
  ])('marks %s at its place, and nothing else', async (_, text, message, marked) => {
    const found = await (await editor()).diagnose('pipeline.yaml', MODELINE + text);
    expect(found.map((each) => [each.message, each.severity])).toEqual([[message, 1]]);
    const range = found[0]?.range;
    const line = (MODELINE + text).split('\n')[range?.start.line ?? 0] ?? '';
    expect(line.slice(range?.start.character, range?.end.character)).toBe(marked);
  });

  test('leaves every pipeline file of this repository alone, and asks no other host for anything', async () => {
    const server = await languageServer(ROOT);
    const files = execFileSync('git', ['ls-files', '*pipeline.yaml'], { cwd: ROOT, encoding: 'utf8' })
      .trim()
      .split('\n');
    expect(files).toContain('pipeline.yaml');
    for (const file of files) {
      const text = readFileSync(join(ROOT, file), 'utf8');
      expect(text.split('\n')[0]).toMatch(/^# yaml-language-server: \$schema=/);
      expect([file, await server.diagnose(file, text)]).toEqual([file, []]);
    }
    expect(await server.end()).toBe('');
  });
});
