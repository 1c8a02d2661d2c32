// What holds for all commands: help, hints, exit codes, where the project is found; and that nothing in names can disturb a
// terminal.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COMMAND_GROUPS, COMMANDS } from '../../src/cli/commands.ts';
import { HELP_TOPICS } from '../../src/cli/help-topics.ts';
import { renderHelp, renderOverview, renderTopic } from '../../src/cli/help.ts';
import { run, show } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';
import { PIPELINE, fresh, out } from './three-stages.ts';

const HELP = join(import.meta.dirname, '../golden/help.txt');

test('the help of every command', () => {
  const text = [
    renderOverview(COMMAND_GROUPS, HELP_TOPICS, 'VERSION', 100),
    ...COMMANDS.map((command) => renderHelp(command, 100)),
    ...HELP_TOPICS.map((topic) => renderTopic(topic, 100)),
  ].join('\n-----\n\n');
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(HELP, text);
  else expect(text).toBe(readFileSync(HELP, 'utf8'));
});

describe('the program', () => {
  test('says its version, and shows help in each of its ways', async () => {
    const workspace = project();
    expect((await workspace.repro(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    const help = (await workspace.repro(['status', '--help'])).stdout;
    expect(help).toContain('Usage: repro status');
    expect((await workspace.repro(['help', 'status'])).stdout).toBe(help);
    expect((await workspace.repro(['help', 'stauts'], { code: 2 })).stderr).toContain('there is no command `stauts`');
  });

  test('takes a word that is nearly a verb for one, in its hint', async () => {
    const { stderr } = await fresh().repro(['stauts'], { code: 2 });
    expect(stderr).toContain('hint: did you mean `repro status`?');
  });

  test('knows what a misspelt command, topic or file may have meant, without a pipeline too', async () => {
    const empty = project({ 'pipeline.yml': PIPELINE });
    const hint = async (...args: string[]): Promise<string> => (await empty.repro(args, { code: 'any' })).stderr;
    expect(await hint('statsu')).toContain('there is no command `statsu`\nhint: did you mean `repro status`?');
    expect(await hint('help', 'exit-code')).toContain('did you mean `repro help exit-codes`?');
    expect(await hint('list', '--file', 'pipelin.yml')).toContain('did you mean `pipeline.yml`?');
    expect(await hint('list', '--jsn')).toContain('did you mean `--json`?');
  });

  test('says what there is in place of remotes, unless a stage has the name', async () => {
    for (const workspace of [project(), project({ 'pipeline.yaml': 'stages: { a: { cmd: x } }\n' })]) {
      const { stderr } = await workspace.repro(['push'], { code: 2 });
      expect(stderr).toContain('there is no command `push` yet');
      expect(stderr).toContain('hint: `REPRO_STORE=DIR`');
    }
    const workspace = project({ 'pipeline.yaml': 'stages: { push: { cmd: "true" } }\n' });
    expect((await workspace.repro(['push'])).stderr).toContain('1 ran');
  });

  test('has the exit codes of the page in its help', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/exit-codes.md'), 'utf8');
    const onPage = [...page.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => code);
    expect(HELP_TOPICS.find((topic) => topic.name === 'exit-codes')?.rows.map(([code]) => code)).toEqual(onPage);
  });

  test('wraps its help at the width of the terminal, and never cuts a word', () => {
    for (const command of COMMANDS)
      for (const columns of [40, 80])
        for (const line of renderHelp({ ...command, examples: [] }, columns).split('\n'))
          if (line.trim().includes(' ') && !line.startsWith('Usage:'))
            expect(line.length, line).toBeLessThanOrEqual(Math.max(columns, 48));
  });

  test('finds the project from a folder below, with --cd and with --file', async () => {
    const workspace = fresh();
    workspace.write({ 'a/b/x': '' });
    const expected = await out(workspace, 'list');
    expect((await show(workspace, ['list'], { cwd: 'a/b' })).stdout).toBe(expected);
    expect((await workspace.repro(['list', '--cd', 'a/b'])).stdout).toBe(expected);
    expect((await show(workspace, ['--file', '../../pipeline.yaml', 'list'], { cwd: 'a/b' })).stdout).toBe(expected);
    expect((await workspace.repro(['list', '--cd', 'zz'], { code: 2 })).stderr).toContain('there is no folder `zz`');
  });

  test('paints only when it is asked to, or on a terminal', async () => {
    const workspace = fresh();
    const plain = (await workspace.repro(['status'])).stdout;
    const painted = (await workspace.repro(['status', '--color'])).stdout;
    expect(plain).not.toContain('\u001b');
    expect(painted).toContain('\u001b[');
    expect((await workspace.repro(['status'], { env: { FORCE_COLOR: '1' } })).stdout).toBe(painted);
    expect((await workspace.repro(['status', '--no-color'], { env: { FORCE_COLOR: '1' } })).stdout).toBe(plain);
  });

  test('takes a first word that is a verb for the verb, a later one for a stage', async () => {
    const workspace = project({ 'pipeline.yaml': 'stages: { list: { cmd: "true" } }' });
    expect((await show(workspace, ['run', 'list'])).stdout).toContain('');
    expect((await run(workspace, ['list'])).ends).toBe('list ran');
  });
});

describe('names from outside', () => {
  const ESCAPE = '\u001b[2J\u001b]0;title\u0007';

  test('cannot move the cursor or hide text, in any command', async () => {
    const name = `x${ESCAPE}\nline two \u202e`;
    const workspace = project({
      'pipeline.yaml': JSON.stringify({
        stages: { ['s \u202e']: { cmd: `true ${ESCAPE}`, deps: [name], outs: [`${name} out`], desc: name } },
      }),
    });
    const texts = [];
    for (const args of [
      ['list'],
      ['status'],
      ['graph'],
      ['graph', '--dot'],
      ['graph', '--mermaid'],
      ['lint'],
      ['run'],
      ['show', '*'],
      ['why', '*'],
      ['zz'],
    ]) {
      const { stdout, stderr } = await workspace.repro(args, { code: 'any' });
      texts.push([args.join(' '), stdout + stderr]);
    }
    for (const [what, text] of texts)
      // Printable text and line ends only; the direction mark counts as printable to this class, so it is named.
      expect(`${what}: ${/^[^\p{Cc}\u202e]*$/u.test(text?.replaceAll('\n', '') ?? '') ? 'safe' : text}`).toBe(
        `${what}: safe`,
      );
  });

  test('may be odd: spaces, quotes, a leading dash, both forms of an accent', async () => {
    const odd = ['with space', '-dash', "it's", 'caf\u00e9', 'cafe\u0301', '100%', '#hash', 'new\nline'];
    const stages = Object.fromEntries(
      odd.map((name, i) => [`s${i}`, { cmd: `printf ${i} > o${i}`, deps: [`in/${name}`], outs: [`o${i}`] }]),
    );
    const workspace = project({
      'pipeline.yaml': JSON.stringify({ stages }),
      ...Object.fromEntries(odd.map((name) => [`in/${name}`, name])),
    });
    expect(new Set(Object.values((await run(workspace)).outcomes))).toEqual(new Set(['ran']));
    expect(await out(workspace, 'status')).toBe('8 fresh\n');
  });

  test('in a folder may be no UTF-8 at all', async () => {
    const workspace = project({ 'pipeline.yaml': 'stages: { a: { cmd: "ls d | wc -l > o", deps: [d], outs: [o] } }' });
    mkdirSync(workspace.path('d'));
    writeFileSync(Buffer.concat([Buffer.from(`${workspace.path('d')}/`), Buffer.from([0x66, 0xff, 0xfe])]), 'x');
    expect((await run(workspace)).ends).toBe('a ran');
    expect(await out(workspace, 'status')).toBe('1 fresh\n');
    spawnSync('sh', ['-c', 'for f in d/*; do echo y > "$f"; done'], { cwd: workspace.root });
    expect(await out(workspace, 'status')).toContain('d changed');
  });
});
