// Completion as a user has it: the real shells, on a terminal, with the script that `repro completion` prints. What they then
// hand to a command is what counts, so each test types Tab and looks at the words that arrive.
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { complete } from '../../src/cli/complete.ts';
import { COMPLETION_SCRIPTS, SHELLS } from '../../src/cli/completion-script.ts';
import type { Shell } from '../../src/cli/completion-script.ts';
import { quoteForShell, splitShellLine } from '../../src/cli/shell-words.ts';
import { show } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';
import { terminal } from '../rig/terminal.ts';
import type { Workspace } from '../rig/workspace.ts';
import { CLI } from '../rig/workspace.ts';

const PIPELINE = `stages:
  "odd name": { cmd: x }
  "it's": { cmd: x }
  'say "hi"': { cmd: x }
  "ns:one": { cmd: x }
  $money: { cmd: x }
  train: { matrix: { m: [a, b] }, cmd: x, outs: ["models/\${item.m}.json"] }
`;

function sample(): Workspace {
  return project({ 'pipeline.yaml': PIPELINE, '.repro/x': '', 'data/raw file.csv': '1', 'params.yaml': 'lr: 1\n' });
}

async function offered(workspace: Workspace, line: string): Promise<string[]> {
  const words = splitShellLine(line).map((word) => word.text);
  const lines = (await complete(['zsh', ...words], workspace.root)).split('\n').slice(1, -1);
  return lines.map((each) => each.split('\t')[0] ?? '');
}

describe('what is offered', () => {
  test('commands, targets, options of the verb, and values of options', async () => {
    const workspace = sample();
    expect(await offered(workspace, 'repro sta')).toEqual(['status']);
    expect(await offered(workspace, 'repro tr')).toEqual(['train', 'train@a', 'train@b']);
    expect(await offered(workspace, 'repro run mod')).toEqual(['models/a.json', 'models/b.json']);
    expect(await offered(workspace, 'repro gc --k')).toEqual(['--keep']);
    expect(await offered(workspace, 'repro --reporter l')).toEqual(['live']);
    expect(await offered(workspace, 'repro watch --on-change=')).toEqual(['--on-change=queue', '--on-change=restart']);
    expect(await offered(workspace, 'repro metrics d')).toEqual(['diff']);
    expect(await offered(workspace, 'repro help wh')).toEqual(['why']);
    expect(await offered(workspace, 'repro completion z')).toEqual(['zsh']);
    expect(await offered(workspace, 'repro add -n x -p l')).toEqual(['lr']);
    expect(await offered(workspace, 'repro add -n x -d da')).toEqual(['data/']);
    expect(await offered(workspace, 'repro add -n x cat --x dat')).toEqual(['data/']);
    expect(await offered(workspace, 'repro run -j 4 --keep-going train@')).toEqual(['train@a', 'train@b']);
    expect(await offered(workspace, 'repro --file pipe')).toEqual(['pipeline.yaml']);
    expect(await offered(workspace, 'repro pipeline.yaml:tr')).toEqual([
      'pipeline.yaml:train',
      'pipeline.yaml:train@a',
      'pipeline.yaml:train@b',
    ]);
    expect(await offered(workspace, 'repro init ')).toEqual([]);
  });

  test('revisions and runs that there are', async () => {
    const workspace = project({ 'pipeline.yaml': 'stages: { a: { cmd: "true" } }\n', '.gitignore': '.repro/' });
    workspace.gitInit();
    workspace.git('tag', 'v1.2');
    workspace.git('branch', 'feature/x');
    expect(await offered(workspace, 'repro checkout --rev ')).toEqual(['HEAD', 'feature/x', 'main', 'v1.2']);
    expect(await offered(workspace, 'repro metrics diff v')).toEqual(['v1.2']);
    await show(workspace, ['run']);
    const [run = ''] = await offered(workspace, 'repro runs ');
    expect(run).toMatch(/^\d{8}-\d{6}-/);
  });

  test('comes from what the last command kept, and from the file once that is newer', async () => {
    const workspace = sample();
    await show(workspace, ['list']);
    expect(await offered(workspace, 'repro show tr')).toEqual(['train', 'train@a', 'train@b']);
    workspace.write({ 'pipeline.yaml': 'stages: { trial: { cmd: x } }\n' });
    expect(await offered(workspace, 'repro show tr')).toEqual(['trial']);
  });

  test('names outs from the folder of the pipeline file, kept or not', async () => {
    const file = 'stages: { a: { cmd: x, outs: [o.txt] } }\n';
    const workspace = project({ 'sub/pipeline.yaml': file, '.repro/x': '' });
    expect(await offered(workspace, 'repro sub/pipeline.yaml:o')).toEqual(['sub/pipeline.yaml:o.txt']);
    await show(workspace, ['list', '--file', 'sub/pipeline.yaml']);
    expect(await offered(workspace, 'repro sub/pipeline.yaml:o')).toEqual(['sub/pipeline.yaml:o.txt']);
  });

  test('is nothing, and no error, where things are broken or hostile', async () => {
    expect(await offered(project(), 'repro show ')).toEqual([]);
    expect(await offered(project({ 'pipeline.yaml': 'a: [' }), 'repro show ')).toEqual([]);
    const hostile = project({ 'pipeline.yaml': 'stages: { "a\\u001b[2J": { cmd: x }, ok: { cmd: x } }\n' });
    expect(await offered(hostile, 'repro show ')).toEqual([]);
    expect(await offered(sample(), 'repro --nope -- --x ')).toBeInstanceOf(Array);
    expect(await complete([], '/')).toMatch(/^space\n/);
  });
});

test('words of a line are what a shell takes them for, and come back quoted', () => {
  for (const text of ['a b', "it's", '"', '$x', 'a\\b', '`', '!', '*', 'é', 'a:b@c', '(', '#a', '~', ';&|<>']) {
    const quoted = [quoteForShell(text, ''), `"${quoteForShell(text, '"')}"`, `'${quoteForShell(text, "'")}'`];
    for (const each of quoted) {
      const echoed = spawnSync('/bin/bash', ['-c', `printf %s ${each}`], { encoding: 'utf8' });
      expect(echoed.stdout, each).toBe(text);
      if (!each.includes("'\\''")) expect(splitShellLine(each).map((word) => word.text)).toEqual([text]);
    }
  }
});

const START: Readonly<Record<Shell, (files: string) => string>> = {
  bash: (files) => `exec bash --noprofile --rcfile ${files}/rc.bash -i`,
  zsh: (files) => `ZDOTDIR=${files}/zsh exec zsh -i`,
  fish: (files) => `HOME=${files} XDG_CONFIG_HOME=${files}/config exec fish -i`,
};

/** `words` prints what it gets; `repro` is the program under test, on the PATH under its name. */
function shellFiles(workspace: Workspace): void {
  const program = `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`;
  workspace.write({
    '../home/bin/repro': program,
    '../home/bin/words': '#!/bin/sh\nprintf "<%s>" "$@"; echo "=done"\n',
    '../home/rc.bash': `PS1='> '; PATH=$HOME/bin:$PATH; bind 'set bell-style none'\n${COMPLETION_SCRIPTS.bash}`,
    '../home/zsh/.zshrc': `PS1='> '; unsetopt beep auto_menu; PATH=$HOME/bin:$PATH\nautoload -Uz compinit; compinit -u -D\n${COMPLETION_SCRIPTS.zsh}`,
    '../home/config/fish/config.fish': `set -g fish_greeting; set -gx PATH $HOME/bin $PATH; function fish_prompt; echo -n '> '; end\n${COMPLETION_SCRIPTS.fish}`,
  });
}

const CASES: readonly (readonly [typed: string, words: readonly string[]])[] = [
  ['repro stat', ['status']],
  ['repro show odd', ['show', 'odd name']],
  ['repro show it', ['show', "it's"]],
  ['repro show say', ['show', 'say "hi"']],
  ['repro show ns', ['show', 'ns:one']],
  ['repro show ns:o', ['show', 'ns:one']],
  ['repro show train@b', ['show', 'train@b']],
  ['repro checkout train@', ['checkout', 'train@']],
  ['repro show \\$m', ['show', '$money']],
  ['repro show "odd', ['show', 'odd name']],
  ['repro watch --on-change=res', ['watch', '--on-change=restart']],
  ['repro add -n x -d data/r', ['add', '-n', 'x', '-d', 'data/raw file.csv']],
  ['repro run --keep-g', ['run', '--keep-going']],
];

describe.each(SHELLS)('%s', (shell) => {
  const isThere = spawnSync(shell, ['--version']).status === 0;
  if (!isThere && process.env['CI'] === 'true') {
    test('is needed in CI', () => expect.fail(`install ${shell}: the tests of completion need it`));
    return;
  }
  test.skipIf(!isThere)(
    `completes what is typed, names with spaces, quotes and colons too (needs ${shell})`,
    async () => {
      const workspace = sample();
      shellFiles(workspace);
      await show(workspace, ['list']);
      const home = `${workspace.outside}/home`;
      const run = terminal(workspace, [], {
        columns: 120,
        rows: 50,
        shell: START[shell](home),
        env: { HOME: home, LC_ALL: 'C.UTF-8' },
      });
      await run.waitFor(/^>/m);
      const seen: string[] = [];
      for (const [at, [typed]] of CASES.entries()) {
        // Tab, then to the start of the line, where `words` takes the place of `repro`; the end mark tells which line it was.
        run.type(`${typed}\t`);
        run.type(`\u0001words ${at} \u0005`);
        run.type('\r');
        const line = new RegExp(`^<${at}><repro>(.*)=done`, 'm');
        await run.waitFor(line);
        seen.push(line.exec(await run.history())?.[1] ?? '');
      }
      run.type('exit\r');
      expect(seen).toEqual(CASES.map(([, words]) => words.map((word) => `<${word}>`).join('')));
    },
  );
});
