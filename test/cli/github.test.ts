// A run in the log of GitHub Actions, read as its runner reads it: groups, annotations, and that nothing which comes from a
// stage or from the names of a project is ever a command.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../../src/base/event.ts';
import { plainText, renderAnnotation } from '../../src/cli/github-command.ts';
import { GithubReporter } from '../../src/cli/reporter-github.ts';
import { StageTranscript } from '../../src/cli/stage-transcript.ts';
import { readGithubLog } from '../rig/github-runner.ts';
import type { GithubLog } from '../rig/github-runner.ts';
import { stubTerminal } from '../rig/stub-terminal.ts';

function logOf(events: readonly RunEvent[], colour = false): GithubLog & { readonly text: string } {
  let text = '';
  let calls = 0;
  const terminal = stubTerminal({
    err: (chunk) => void (text += chunk),
    color: { out: colour, err: colour },
  });
  const reporter = new GithubReporter(terminal, {
    loudness: 'normal',
    ignoreChecks: false,
    token: () => `token-${calls++}-cannot-be-known`,
    placeOf: (file) => file,
  });
  for (const event of events) reporter.event(event);
  reporter.end();
  return { ...readGithubLog(text), text };
}

function started(stage: string): RunEvent {
  return { kind: 'stage-started', stage, attempt: 1, reasons: [{ kind: 'first-run' }], command: ['make it'], atMs: 0 };
}

function printed(stage: string, line: string): RunEvent {
  return { kind: 'stage-output', stage, line, stream: 'stdout' };
}

function ended(stage: string, outcome: 'ran' | 'failed' = 'ran', tail: readonly string[] = []): RunEvent {
  const span = { file: 'pipeline.yaml', line: 7, column: 3, length: 4, text: 'cmd: x' };
  const found = { code: 'stage-failed', severity: 'error', message: `\`${stage}\` exited with code 3`, span } as const;
  return {
    kind: 'stage-ended',
    stage,
    outcome,
    reasons: [{ kind: 'first-run' }],
    durationMs: 5,
    atMs: 5,
    ...(outcome === 'failed' && { problem: found, tail }),
  };
}

function judged(stage: string, severity: 'error' | 'warn', passed = false): RunEvent {
  const verdict = { stage, check: 'r2 > 0.7', severity, passed, values: { r2: 0.6 }, file: 'pipeline.yaml', line: 9 };
  return { kind: 'check-judged', verdict };
}

test('each stage is one group, whole, although two run side by side', () => {
  const log = logOf([
    started('a'),
    started('b'),
    printed('a', 'one of a'),
    printed('b', 'one of b'),
    printed('a', 'two of a'),
    ended('b'),
    ended('a'),
  ]);
  expect(log.commands.map(({ name, message }) => `${name} ${message}`)).toEqual([
    'group b  ran 5 ms',
    'endgroup ',
    'group a  ran 5 ms',
    'endgroup ',
  ]);
  expect(log.lines.filter((line) => line.startsWith('│'))).toEqual(['│ one of b', '│ one of a', '│ two of a']);
  expect(log.isOpen).toBe(false);
});

test('a failure stands at its line, with the end of its output, after its group is closed', () => {
  const log = logOf([started('a'), printed('a', '100 % wrong'), ended('a', 'failed', ['100 % wrong'])]);
  expect(log.commands.map((command) => command.name)).toEqual(['group', 'endgroup', 'error']);
  expect(log.commands[2]).toEqual({
    name: 'error',
    properties: { file: 'pipeline.yaml', line: '7', col: '3', title: 'a failed' },
    message: '`a` exited with code 3\n100 % wrong',
  });
});

test('a failed check is an error at its line, one that only warns a warning, one that holds nothing', () => {
  const log = logOf([judged('a', 'warn'), judged('b', 'error'), judged('c', 'error', true)]);
  expect(log.commands).toEqual([
    {
      name: 'error',
      properties: { file: 'pipeline.yaml', line: '9', title: 'check of b failed' },
      message: 'r2 > 0.7 does not hold: r2 = 0.6',
    },
    {
      name: 'warning',
      properties: { file: 'pipeline.yaml', line: '9', title: 'check of a failed' },
      message: 'r2 > 0.7 does not hold: r2 = 0.6',
    },
  ]);
});

test.each([
  [4, 5, 9],
  [10, 0, 10],
  [30, 0, 10],
  [3, 30, 10],
  [0, 11, 10],
])(
  'of %i errors and %i warnings there are %i annotations: errors first, the rest in one line',
  (errors, warnings, shown) => {
    const events = [
      ...Array.from({ length: warnings }, (_, i) => judged(`w${i}`, 'warn')),
      ...Array.from({ length: errors }, (_, i) => judged(`e${i}`, 'error')),
    ];
    const { commands } = logOf(events);
    expect(commands).toHaveLength(shown);
    const said = commands.filter(({ properties }) => properties['title']?.startsWith('check of e')).length;
    const more = errors + warnings - 9;
    if (errors + warnings > 10) {
      expect(said).toBe(Math.min(errors, 9));
      expect(commands[9]?.properties['title']).toBe(`${more} more annotations`);
    } else expect(said).toBe(errors);
  },
);

const HOSTILE = [
  '::error::fake',
  '  ::error file=a::fake',
  '\u00a0::error::behind a space that is no ASCII',
  '\ufeff::error::behind a mark',
  'x ##[error]fake',
  '##vso[task.setvariable]x',
  'progress\r::error::fake',
  '::stop-commands::mine',
  '::mine::',
  '::token-0::',
  '::add-mask::e',
  '::endgroup::',
  '##[endgroup]',
  '#\u001b[0m#[error]x',
  'a\u2028::error::x',
  'a\u0085::error::x',
  '%0A::error::x',
];

describe('what is never a command', () => {
  test.each(HOSTILE)('%j as output, name, check, message and tail', (text) => {
    for (const colour of [false, true]) {
      const clean = logOf([started('a'), printed('a', 'x'), ended('a', 'failed', ['x']), judged('a', 'error')], colour);
      const log = logOf(
        [started(text), printed(text, text), ended(text, 'failed', [text]), judged(text, 'error')],
        colour,
      );
      expect(log.commands.map(({ name }) => name)).toEqual(clean.commands.map(({ name }) => name));
      expect(log.isOpen).toBe(false);
    }
  });

  test('any text at all, in any place', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '::',
        '##[',
        ']',
        ':',
        '#',
        '[',
        '\r',
        '\n',
        ' ',
        '\t',
        'error',
        'stop-commands',
        '%0A',
        '\u2028',
      ),
      fc.constantFrom('\ufeff', '\u001b[31m', '\u001b', '\u009b', 'group', '\u200b', '\v', '\f', ',', 'file=a'),
      fc.string({ unit: 'binary', maxLength: 4 }),
    );
    const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(text, text, fc.boolean(), (name, line, colour) => {
        const log = logOf(
          [started(name), printed(name, line), ended(name, 'failed', [line]), judged(name, 'warn')],
          colour,
        );
        expect(log.commands.map((command) => command.name)).toEqual(['group', 'endgroup', 'error', 'warning']);
        expect(log.isOpen).toBe(false);
        expect(readGithubLog(plainText(line)).commands).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  test('an annotation says exactly what it was given, whatever that is', () => {
    const text = fc.string({ unit: 'binary', maxLength: 20 });
    fc.assert(
      fc.property(text, text, text, (title, message, file) => {
        const [command, ...more] = readGithubLog(
          renderAnnotation({ level: 'error', title, message, place: { file, line: 3 } }),
        ).commands;
        expect(more).toEqual([]);
        expect(command).toEqual({ name: 'error', properties: { file, line: '3', title }, message });
      }),
      { numRuns: 1000 },
    );
  });
});

test('a stage that prints for ever costs bounded memory: its beginning and its end are shown', () => {
  const transcript = new StageTranscript(1000);
  for (let i = 0; i < 100_000; i++) transcript.add(`line ${i}`);
  const lines = transcript.lines();
  expect(lines[0]).toBe('line 0');
  expect(lines.at(-1)).toBe('line 99999');
  expect(lines.join('\n').length).toBeLessThan(2200);
  const dropped = Number(/… (\d+) lines/.exec(lines.join('\n'))?.[1]);
  expect(dropped + lines.length - 1).toBe(100_000);
});
