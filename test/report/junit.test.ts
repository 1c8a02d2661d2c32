// JUnit XML of a run, read by a strict reader: what each outcome and verdict becomes, and that no text breaks it.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RunEvent } from '../../src/base/event.ts';
import { problem } from '../../src/base/problem.ts';
import type { OutcomeKind } from '../../src/base/reason.ts';
import { CiStory } from '../../src/report/ci-story.ts';
import { renderJunit } from '../../src/report/junit.ts';
import { readXml } from '../rig/xml.ts';
import type { XmlElement } from '../rig/xml.ts';

const SPAN = { file: 'pipeline.yaml', line: 3, column: 1, length: 1, text: '' };

function storyOf(events: readonly RunEvent[]): CiStory {
  const story = new CiStory((reasons) => reasons.map(({ kind }) => kind).join(', '));
  for (const event of events) story.note(event);
  return story;
}

function ended(stage: string, outcome: OutcomeKind, message?: string, tail: readonly string[] = []): RunEvent {
  return {
    kind: 'stage-ended',
    stage,
    outcome,
    reasons: [{ kind: 'first-run' }],
    durationMs: 1500,
    atMs: 0,
    ...(message !== undefined && {
      problem: problem('stage-failed', message, { span: SPAN, hint: 'look at it' }),
      tail,
    }),
  };
}

function judged(check: string, passed: boolean, severity: 'error' | 'warn' = 'error'): RunEvent {
  const verdict = { stage: 'train', check, severity, passed, values: { r2: 0.6 }, file: 'pipeline.yaml', line: 9 };
  return { kind: 'check-judged', verdict };
}

/** Suites by name; the counts that they state were found to be true. */
function suitesOf(xml: string): Readonly<Record<string, readonly XmlElement[]>> {
  const root = readXml(xml);
  expect(root.name).toBe('testsuites');
  const all = root.children.flatMap((suite) => suite.children);
  for (const [{ attributes }, cases] of [
    [root, all],
    ...root.children.map((suite) => [suite, suite.children] as const),
  ] as const) {
    const having = (name: string): string =>
      String(cases.filter((each) => each.children.some((child) => child.name === name)).length);
    expect(attributes).toMatchObject({
      tests: String(cases.length),
      failures: having('failure'),
      errors: having('error'),
      skipped: having('skipped'),
    });
    expect(attributes['time']).toMatch(/^\d+\.\d{3}$/);
  }
  return Object.fromEntries(root.children.map((suite) => [suite.attributes['name'] ?? '', suite.children]));
}

function words(one: XmlElement | undefined): string {
  const [child] = one?.children ?? [];
  return `${one?.attributes['name'] ?? ''}: ${child?.name ?? 'passed'} ${child?.attributes['message'] ?? ''}${child?.text ?? ''}`;
}

test('stages and checks are two suites; each outcome has its own form', () => {
  const story = storyOf([
    {
      kind: 'run-started',
      runId: 'r',
      stages: [],
      jobs: 1,
      atMs: Date.UTC(2026, 0, 2, 3, 4, 5),
      expectedMs: 0,
      work: [],
    },
    ended('a', 'ran'),
    ended('b', 'restored'),
    ended('c', 'fresh'),
    ended('d', 'failed', '`d` exited with code 3', ['no', 'way']),
    ended('e', 'blocked'),
    ended('f', 'skipped'),
    ended('g', 'cancelled'),
    judged('r2 > 0.5', true),
    judged('r2 > 0.7', false),
    judged('r2 > 0.9', false, 'warn'),
  ]);
  const xml = renderJunit(story, 'pipeline.yaml', false);
  const { stages, checks } = suitesOf(xml);
  expect(stages?.map(words)).toEqual([
    'a: system-out ran: first-run',
    'b: system-out restored: first-run',
    'c: system-out fresh: first-run',
    'd: failure `d` exited with code 3no\nway\nhint: look at it',
    'e: skipped blocked: first-run',
    'f: skipped skipped: first-run',
    'g: skipped cancelled: first-run',
  ]);
  expect(stages?.[3]?.attributes).toMatchObject({
    classname: 'pipeline.yaml',
    file: 'pipeline.yaml',
    line: '3',
    time: '1.500',
  });
  expect(checks?.map(words)).toEqual([
    'train: r2 > 0.5: system-out r2 = 0.6',
    'train: r2 > 0.7: failure does not hold: r2 = 0.6pipeline.yaml:9',
    'train: r2 > 0.9: system-out warning: does not hold: r2 = 0.6',
  ]);
  expect(xml).toContain('timestamp="2026-01-02T03:04:05"');
  expect(suitesOf(renderJunit(story, 'pipeline.yaml', true))['checks']?.map(words)[1]).toContain('system-out warning');
});

test('a run that did not begin is an error at its place', () => {
  const story = storyOf([]);
  story.refuse([problem('cycle', 'stages depend on each other in a circle', { span: SPAN })]);
  const { pipeline, stages } = suitesOf(renderJunit(story, 'pipeline.yaml', false));
  expect(pipeline?.map(words)).toEqual(['cycle: error stages depend on each other in a circle']);
  expect(pipeline?.[0]?.attributes['line']).toBe('3');
  expect(stages).toEqual([]);
});

test('whatever stages are called and print, it is XML, and says the same', () => {
  const text = fc.oneof(
    fc.constantFrom(
      ']]>',
      '<![CDATA[',
      '&#0;',
      '&amp;',
      '"\'<>&',
      '\u0000\u0008\u001b[0m',
      '\r\n\t',
      '\ufffe\uffff',
      '\ud800',
    ),
    fc.string({ unit: 'binary', maxLength: 20 }),
  );
  fc.assert(
    fc.property(text, text, text, (name, message, line) => {
      const story = storyOf([ended(name, 'failed', message, [line]), judged(message, false)]);
      const { stages, checks } = suitesOf(renderJunit(story, name, false));
      expect(stages?.[0]?.attributes['name']).toBe(shown(name));
      expect(stages?.[0]?.children[0]?.attributes['message']).toBe(shown(message));
      expect(stages?.[0]?.children[0]?.text).toBe(shown(`${line}\nhint: look at it`));
      expect(checks?.[0]?.attributes['name']).toBe(shown(`train: ${message}`));
    }),
    { numRuns: 1000 },
  );
});

/** What XML cannot hold is replaced, each character by one. */
function shown(text: string): string {
  const isShown = (c: string): boolean => /[\t\n\u0020-\ud7ff\ue000-\ufffd]|[\u{10000}-\u{10ffff}]/u.test(c);
  const characters = Array.from(text.replaceAll(/\r\n?/g, '\n'));
  return characters.map((c) => (isShown(c) ? c : '\ufffd')).join('');
}
