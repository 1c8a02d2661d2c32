// What a wrong template or vars entry looks like, to the column; sharing and bounds. What right ones give is compared with
// DVC in dvc-answers.test.ts.
import { describe, expect, test } from 'vitest';
import { commandTexts } from '../../src/config/command-lines.ts';
import { readDvcFlags } from '../../src/config/dvc.ts';
import { resolve } from '../../src/config/template.ts';
import { NO_VARS } from '../../src/config/vars.ts';
import { parseYaml } from '../../src/config/yaml.ts';
import { readingOf } from './dvc-reading.ts';
import { pointed, readProject, shown } from './shown.ts';

const PARAMS = 'a: 1\nb: {c: 2}\nl: [1, 2]\n';

function wrong(cmd: string): string[] {
  return shown(readProject({ 'pipeline.yaml': `stages:\n  t:\n    cmd: ${cmd}\n`, 'params.yaml': PARAMS }).problems);
}

describe('a template that cannot be resolved is a problem at its own column', () => {
  const shell = 'a template is a name, `${a.b[0]}`; `\\${` is a plain `${`';
  const cases: readonly [string, string][] = [
    ['x ${aa}', 'template-undefined 3:12+5 `aa` is not defined | did you mean `a`?'],
    ['x ${b.d}', 'template-undefined 3:12+6 `b.d` is not defined: `b` has no `d` | did you mean `c`?'],
    ['x ${a.b}', 'template-undefined 3:12+6 `a.b` is not defined: `a` is an integer'],
    ['x ${l[5]}', 'template-undefined 3:12+7 `l[5]` is not defined: `l` has no `5`'],
    ['x ${HOME}', 'template-undefined 3:12+7 `HOME` is not defined | for a variable of the shell write `\\${HOME}`'],
    ['x ${X:-1}', 'template-undefined 3:12+7 `X:-1` is not defined | for a variable of the shell write `\\${X:-1}`'],
    ['x ${}', `template-syntax 3:12+3 the template is empty | ${shell}`],
    ['x ${a[}', `template-syntax 3:12+5 the template \`\${a[}\` cannot be read | ${shell}`],
    ['x ${l}', 'template-type 3:12+4 `l` is a list, which cannot stand here'],
    [
      '${b}',
      'template-type 3:10+4 `b` is a map, which cannot stand here | write it behind a program (`python train.py ${b}`): a map becomes flags',
    ],
  ];
  for (const [cmd, problem] of cases) test(cmd, () => expect(wrong(cmd)).toEqual([problem]));

  test('each one of several, also inside block texts and quotes, and not the escaped one before it', () => {
    const block = wrong('|\n      echo \\${aa}\n      echo ${aa} ${aa}');
    expect(block.map((line) => line.split(' ')[1])).toEqual(['5:12+5', '5:18+5']);
    const quoted = wrong('"it\\n ${aa} ${aa}"');
    expect(quoted.map((line) => line.split(' ')[1])).toEqual(['3:16+5', '3:22+5']);
  });

  test('a list or a map of lists cannot become part of a text', () => {
    const params = 'm: {a: [[1]]}\nd: {"a.b": 1, a: {b: 2}}\n';
    const text = 'stages:\n  t: {cmd: "x ${m}"}\n  u: {cmd: "x ${d}"}\n';
    expect(shown(readProject({ 'pipeline.yaml': text, 'params.yaml': params }).problems)).toEqual([
      'template-type 2:15+4 the list `a` of `m` holds lists or maps, which cannot become flags',
      'template-type 3:15+4 two values of `d` would become the flag `--a.b`',
    ]);
  });

  test('two keys that become one are a problem', () => {
    const text = 'stages:\n  t:\n    cmd: x\n    meta: {"${a}x": 1, 1x: 2}\n';
    expect(shown(readProject({ 'pipeline.yaml': text, 'params.yaml': PARAMS }).problems)).toEqual([
      'key-duplicate 4:24+2 the key `1x` stands twice in this map after its templates are resolved',
    ]);
  });
});

describe('vars', () => {
  const cases: readonly [string, Record<string, string>, string[]][] = [
    ['vars:\n  - {a: 2}\n', {}, ['template-ambiguous 2:6+1 `a` is defined twice']],
    ['vars: [nope.yaml]', {}, ['file-missing 1:8+9 the file `nope.yaml` of `vars` does not exist']],
    ['vars: [d]', { 'd/x': '' }, ['file-unreadable 1:8+1 `d` is a folder, not a file of values']],
    ['vars: ["params.yaml:zz"]', {}, ['params-key-missing 1:8+16 `params.yaml` has no key `zz`']],
    ['vars: [../x.yaml]', {}, ['path-outside 1:8+9 `../x.yaml` lies outside the project']],
    ['vars: [/etc/hosts]', {}, ['path-outside 1:8+10 `/etc/hosts` lies outside the project']],
    ['vars: ["${a}.yaml"]', {}, ['template-type 1:9+4 templates are not allowed in `vars`']],
    ['vars: 3', {}, ['type-wrong 1:7+1 `vars` is a list of files and maps']],
    ['vars: [3]', {}, ['type-wrong 1:8+1 an entry of `vars` is a file or a map']],
    ['a: 1', { 'params.yaml': '- 1' }, ['type-wrong 1:1+3 `params.yaml` holds a list, not a map']],
  ];
  for (const [text, files, problems] of cases) {
    test(`${text} ${JSON.stringify(files)}`, () => {
      expect(shown(readProject({ 'params.yaml': PARAMS, ...files, 'pipeline.yaml': text }).problems)).toEqual(problems);
    });
  }

  test('the first of two definitions is shown too, in its own file', () => {
    const { problems } = readProject({
      'pipeline.yaml': 'vars: [v.yaml]\n',
      'params.yaml': PARAMS,
      'v.yaml': 'b:\n  c: 3\n',
    });
    expect(problems[0]?.span).toMatchObject({ file: 'v.yaml', line: 2, column: 3 });
    expect(problems[0]?.notes).toMatchObject([
      { message: 'it is first defined here', span: { file: 'params.yaml', line: 2 } },
    ]);
    expect(pointed(problems[0])).toBe('c');
  });

  test('equal definitions of one value are no problem, nor is a file that is loaded again', () => {
    const text = 'vars: [{a: 1}, "params.yaml:l", params.yaml]\nstages: {t: {cmd: "x ${a} ${l[0]}"}}\n';
    const { problems, resolved } = readProject({ 'pipeline.yaml': text, 'params.yaml': PARAMS });
    expect(shown(problems)).toEqual([]);
    expect(resolved).toEqual({ t: '{"cmd":"x 1 1"}' });
  });

  test('DVC refuses both', () => {
    const files = { 'pipeline.yaml': 'vars: ["params.yaml:a"]', 'params.yaml': PARAMS };
    expect(shown(readProject(files, 'dvc').problems)).toEqual([
      'template-ambiguous 1:8+15 cannot load `params.yaml:a`: it is already loaded',
    ]);
  });

  test('a date in params.yaml stops DVC, at the date', () => {
    const files = { 'pipeline.yaml': '', 'params.yaml': 'x:\n  - d: 2020-01-01\n' };
    expect(shown(readProject(files, 'dvc').problems)).toEqual([
      'type-wrong 2:8+10 DVC cannot use dates in templates | write it in quotes',
    ]);
    expect(readProject(files).problems).toEqual([]);
  });
});

test('a tree without templates comes back as the same object', () => {
  const { node } = parseYaml('f', 'a: [1, {b: "$x {y}"}]\n', { dialect: 'repro' });
  if (!node) throw new Error('unread');
  const scope = { dialect: 'repro' as const, values: NO_VARS.values };
  expect(resolve(node, scope, 'any', () => undefined)).toBe(node);
});

test('templates cannot make a text without end', () => {
  const params = `big: ${'x'.repeat(100_000)}\n`;
  const { problems } = readProject({
    'pipeline.yaml': `stages: {t: {cmd: "${'${big}'.repeat(20)}"}}\n`,
    'params.yaml': params,
  });
  expect(shown(problems)).toEqual(['expansion-limit 1:19+122 templates make a text of more than 1048576 characters']);
});

describe('DVC settings and commands', () => {
  test('the settings of flags are read, the local file wins, a bad one has a place', () => {
    const files = {
      '.dvc/config': '[core]\n    bool = x\n[parsing]\n    bool = Boolean_Optional\n    list = append # why\n',
      '.dvc/config.local': '[\'remote "x"\']\n    list = y\n[parsing]\n    list = nargs\n    bool = maybe\n',
    };
    const { flags, problems } = readDvcFlags('.', readingOf(files));
    expect(flags).toEqual({ bool: 'boolean_optional', list: 'nargs' });
    expect(shown(problems)).toEqual([
      'value-invalid 5:5+12 `parsing.bool` is `store_true` or `boolean_optional`, not `maybe`',
    ]);
  });

  test('a command falls into the lines that Python sees', () => {
    const lines = (text: string): readonly string[] => commandTexts({ cmd: [text], script: true, shell: 'dvc' });
    expect(lines('a\nb\r\nc\rd\u2028e\n\nf\n')).toEqual(['a', 'b', 'c', 'd', 'e', '', 'f']);
    expect(lines('')).toEqual([]);
  });
});
