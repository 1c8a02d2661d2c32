// Step summaries and comments: what stands in them, that they fit, and that no name or value is anything but text.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RunEvent, Summary } from '../../src/base/event.ts';
import { problem } from '../../src/base/problem.ts';
import type { OutcomeKind } from '../../src/base/reason.ts';
import { CiStory } from '../../src/report/ci-story.ts';
import { commentMark, renderComment, renderSummary } from '../../src/report/comment.ts';
import type { CommentSpec } from '../../src/report/comment.ts';
import type { ReportCheck, ReportFacts } from '../../src/report/facts.ts';
import { code, codeBlock, codeCell } from '../../src/report/markdown.ts';
import { renderMermaid } from '../../src/report/mermaid.ts';
import { linesOutsideFences, splitCode, tablesOf } from '../rig/markdown.ts';

const NONE = { ran: 0, restored: 0, fresh: 0, skipped: 0, blocked: 0, failed: 0, cancelled: 0 };

function ended(stage: string, outcome: OutcomeKind, tail: readonly string[] = []): RunEvent {
  const found = problem('stage-failed', `\`${stage}\` exited with code 3`);
  return {
    kind: 'stage-ended',
    stage,
    outcome,
    reasons: [{ kind: 'out-absent', path: stage }],
    durationMs: 1500,
    atMs: 0,
    ...(outcome === 'restored' && { savedMs: 61_000 }),
    ...(outcome === 'failed' && { problem: found, tail }),
  };
}

function judged(stage: string, check: string, severity: 'error' | 'warn'): RunEvent {
  const verdict = { stage, check, severity, passed: false, values: { r2: 0.6 }, file: 'pipeline.yaml', line: 9 };
  return { kind: 'check-judged', verdict };
}

function summaryEvent(outcomes: Partial<Summary['outcomes']>, failedChecks = 0): RunEvent {
  const summary = {
    runId: 'run-1',
    outcomes: { ...NONE, ...outcomes },
    durationMs: 4200,
    savedMs: 61_000,
    failedChecks,
    exitCode: 0,
  };
  return { kind: 'run-ended', summary, atMs: 0 };
}

function facts(parts: Partial<ReportFacts> = {}): ReportFacts {
  return {
    project: 'p',
    file: 'pipeline.yaml',
    madeAtMs: 0,
    tool: '1',
    subject: { name: 'workspace', commit: null },
    base: { name: 'HEAD^', commit: '0123456789abcdef0123456789abcdef01234567' },
    stages: [],
    checks: [],
    metrics: [],
    params: [],
    failures: [],
    notes: [],
    ...parts,
  };
}

function spec(events: readonly RunEvent[], parts: Partial<CommentSpec> = {}): CommentSpec {
  const story = new CiStory((reasons) => reasons.map((reason) => ('path' in reason ? reason.path : '')).join(', '));
  for (const event of events) story.note(event);
  return { file: 'pipeline.yaml', exitCode: 0, ignoreChecks: false, story, limitBytes: 1_000_000, ...parts };
}

test('a run is told from the most important to the least', () => {
  const stages = ['train'];
  const check: ReportCheck = {
    stage: 'train',
    check: 'r2 > 0.7',
    severity: 'error',
    passed: false,
    values: { r2: 0.6 },
    file: 'pipeline.yaml',
    line: 9,
    judgement: 'failed',
    stages,
    outdated: [],
    parts: [],
    value: 0.6,
    operator: '>',
    threshold: 0.7,
    margin: -0.1,
    base: 0.82,
    metrics: [{ name: 'r2', value: 0.6, base: 0.82, delta: -0.22 }],
    blame: {
      base: '0123456789abcdef',
      stages,
      newStages: ['clean'],
      isBaseUnknown: false,
      editedByHand: [],
      params: [{ file: 'params.yaml', key: 'lr', before: '0.1', after: '9', stages, isCommitted: false }],
      files: [{ path: 'stages/train.ts', change: 'changed', stages, state: 'committed' }],
      others: [{ change: { kind: 'cmd', before: ['a'], after: ['b'] }, stages }],
      commits: [{ commit: 'abcdef0123456789', author: 'A', atMs: 0, subject: 'Try it', files: [] }],
    },
  };
  const text = renderSummary(
    spec(
      [
        ended('prepare', 'restored'),
        ended('train', 'ran'),
        judged('train', 'r2 > 0.7', 'error'),
        judged('train', 'r2 > 0.9', 'warn'),
        ended('bad', 'failed', ['no', 'way']),
        summaryEvent({ ran: 1, restored: 1, failed: 1 }, 1),
      ],
      {
        exitCode: 1,
        facts: facts({
          checks: [check],
          metrics: [
            { path: 'm.json', key: 'loss', before: 1, after: 0.5, delta: -0.5, better: 'lower', trend: 'better' },
            { path: 'm.json', key: 'r2', before: 0.82, after: 0.6, delta: -0.22, better: 'higher', trend: 'worse' },
            { path: 'm.json', key: 'n', before: 3, after: 3, delta: 0, trend: 'same' },
          ],
          params: [{ path: 'params.yaml', key: 'lr', before: 0.1, after: 9, trend: 'changed' }],
        }),
      },
    ),
  );
  expect(text).toBe(`### ❌ repro: 1 ran, 1 restored, 1 failed, 1 check failed

\`pipeline.yaml\` · run \`run-1\` · 4.2 s · saved 1 min 1 s · compared with \`HEAD^ (01234567)\` · exit code 1

#### Failed checks

| stage | check | value | wanted | at the base | change | line |
|---|---|--:|--:|--:|--:|---|
| \`train\` | \`r2 > 0.7\` | \`0.6\` | \`> 0.7\` | \`0.82\` | \`−0.22\` | \`pipeline.yaml:9\` |

What changed since \`01234567\` in all that \`train\` is made from:

- \`params.yaml: lr\` \`0.1\` → \`9\` (not committed)
- \`stages/train.ts\` changed
- cmd of \`train\`
- \`clean\` is new
- commit \`abcdef01\` \`Try it\`

#### Failed stages

\`bad\`: \`\` \`bad\` exited with code 3 \`\`

\`\`\`text
no
way
\`\`\`


#### Warnings

| stage | check | value | wanted | at the base | change | line |
|---|---|--:|--:|--:|--:|---|
| \`train\` | \`r2 > 0.9\` | \`r2 = 0.6\` |  |  |  | \`pipeline.yaml:9\` |

#### Metrics

| file | metric | base | now | change |  |
|---|---|--:|--:|--:|---|
| \`m.json\` | \`r2\` | \`0.82\` | \`0.6\` | \`−0.22\` | 🔴 worse |
| \`m.json\` | \`loss\` | \`1\` | \`0.5\` | \`−0.5\` | 🟢 better |

1 metric did not change.

#### Params that changed

| param | base | now |
|---|--:|--:|
| \`params.yaml: lr\` | \`0.1\` | \`9\` |

#### Stages

| stage | outcome | time | saved | why |
|---|---|--:|--:|---|
| \`prepare\` | restored | 1.5 s | 1 min 1 s | \`prepare\` |
| \`train\` | ran | 1.5 s |  | \`train\` |
| \`bad\` | ❌ failed | 1.5 s |  | \`\`bad: \`bad\` exited with code 3\`\` |
`);
});

test('a comment is found again by its first line, and leaves out what nobody asks about', () => {
  const events = [ended('a', 'fresh'), ended('b', 'ran'), summaryEvent({ ran: 1, fresh: 1 })];
  const stages = ['a', 'b'].map((name) => ({ name, needs: [] })) as unknown as ReportFacts['stages'];
  const text = renderComment(spec(events, { facts: facts({ stages }) }));
  expect(text.split('\n')[0]).toBe(commentMark('pipeline.yaml'));
  expect(text).toContain('1 stage is fresh.');
  expect(text).not.toContain('mermaid');
  expect(renderSummary(spec(events, { facts: facts({ stages }) }))).toContain('mermaid');
  expect(commentMark('a-->b\n')).not.toMatch(/--.*--.*-->/);
});

test('a graph that GitHub would refuse to draw is left out', () => {
  const names = Array.from({ length: 40 }, (_, i) => `s${i}`);
  const stages = names.map((name, i) => ({ name, needs: names.slice(0, i) })) as unknown as ReportFacts['stages'];
  expect(renderSummary(spec([summaryEvent({})], { facts: facts({ stages }) }))).not.toContain('mermaid');
  const few = stages.slice(0, 20);
  expect(renderSummary(spec([summaryEvent({})], { facts: facts({ stages: few }) }))).toContain('mermaid');
  // 20 names of 900 signs, each of which is written as its number.
  const long = few.map((stage, i) => ({ ...stage, name: '#'.repeat(900) + i, needs: [] }));
  expect(renderSummary(spec([summaryEvent({})], { facts: facts({ stages: long }) }))).not.toContain('mermaid');
});

test('a run that did not begin says why and where', () => {
  const broken = spec([], { exitCode: 3 });
  const span = { file: 'pipeline.yaml', line: 4, column: 1, length: 1, text: '' };
  broken.story.refuse([problem('cycle', 'a circle', { span, hint: 'cut it' })]);
  const text = renderSummary(broken);
  expect(text).toContain('### ❌ repro: the run did not begin');
  expect(text).toContain('- `a circle` at `pipeline.yaml:4`: `cut it`');
});

describe('whatever the size', () => {
  const many = Array.from({ length: 3000 }, (_, i) =>
    ended(`stage number ${i} ${'x'.repeat(50)}`, 'failed', ['y'.repeat(500)]),
  );
  const metrics = Array.from({ length: 3000 }, (_, i) => ({
    path: `metrics/${i}.json`,
    key: 'é'.repeat(30),
    before: 1,
    after: 2,
    delta: 1,
    trend: 'changed' as const,
  }));

  test.each([0, 100, 300, 1000, 5000, 20_000, 100_000, 1_048_576])(
    '%i bytes are kept, and what is cut is said',
    (limitBytes) => {
      const text = renderSummary(
        spec([...many, summaryEvent({ failed: 3000 })], { limitBytes, facts: facts({ metrics }) }),
      );
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(limitBytes);
      if (limitBytes >= 300) expect(text).toMatch(/left out|and \d+ more/);
      expect(() => linesOutsideFences(text)).not.toThrow();
      for (const { head, rows } of tablesOf(text)) for (const row of rows) expect(row).toHaveLength(head.length);
    },
  );

  test('a comment stays below what GitHub takes', () => {
    const text = renderComment(spec([...many, summaryEvent({ failed: 3000 })], { facts: facts({ metrics }) }));
    expect(text.length).toBeLessThan(65_536);
    expect(text).toContain('and 2970 more');
  });
});

const HOSTILE = fc.oneof(
  fc.constantFrom(
    '`',
    '``',
    '|',
    '\\',
    '\\|',
    '\n',
    '\r\n',
    '<img src=x onerror=alert(1)>',
    '[a](javascript:x)',
    '@user',
  ),
  fc.constantFrom(
    '```',
    '</details>',
    '<!--',
    '-->',
    'https://example.org',
    '#1',
    '![x](//y)',
    '\u202e',
    '\u0000',
    '$x$',
  ),
  fc.string({ unit: 'binary', maxLength: 5 }),
);
const text = fc.array(HOSTILE, { maxLength: 8 }).map((parts) => parts.join(''));

test('code is exactly the text on one line, whatever stands in it', () => {
  fc.assert(
    fc.property(text, (name) => {
      const { plain, codes } = splitCode(code(name));
      expect(plain).toBe('');
      expect(codes.length).toBeLessThanOrEqual(1);
      const [row] = tablesOf(`| a | b |\n|---|---|\n| ${codeCell(name)} | x |\n`)[0]?.rows ?? [];
      expect(row).toHaveLength(2);
      expect(splitCode(row?.[0] ?? '')).toEqual({ plain, codes });
      if (/^[ -~]+$/.test(name) && name.trim() !== '') expect(codes).toEqual([name.trim().replaceAll(/ +/g, ' ')]);
    }),
    { numRuns: 2000 },
  );
});

function hostileCheck(name: string, other: string): ReportCheck {
  const stages = [name, other];
  return {
    stage: other,
    check: name,
    severity: 'error',
    passed: false,
    values: {},
    file: 'pipeline.yaml',
    line: 9,
    judgement: 'failed',
    stages,
    outdated: [],
    parts: [],
    metrics: [],
    value: name,
    threshold: other,
    base: name,
    blame: {
      base: name,
      stages,
      newStages: stages,
      isBaseUnknown: false,
      editedByHand: stages,
      params: [{ file: other, key: name, before: name, after: other, stages, isCommitted: false }],
      files: [{ path: name, change: 'new', stages, state: 'uncommitted', maker: other }],
      others: [{ change: { kind: 'env', name, before: null, after: other }, stages }],
      commits: [{ commit: other, author: name, atMs: 0, subject: name, files: [] }],
    },
  };
}

test('outside of code there are only our own words: no link, no mention, no HTML of others', () => {
  fc.assert(
    fc.property(text, text, (name, other) => {
      const story = spec(
        [
          ended(name, 'failed', [other, name]),
          judged(other, name, 'error'),
          ended(other, 'ran'),
          summaryEvent({ ran: 1 }, 1),
        ],
        {
          file: other,
          facts: facts({
            base: { name, commit: null },
            metrics: [{ path: name, key: other, before: other, after: 1, trend: 'changed' }],
            params: [{ path: other, key: name, before: name, after: other, trend: 'changed' }],
            notes: [name],
            checks: [hostileCheck(name, other)],
          }),
        },
      );
      for (const markdown of [renderSummary(story), renderComment(story)])
        for (const line of linesOutsideFences(markdown).slice(1)) {
          const { plain } = splitCode(line.startsWith('|') ? line.replaceAll('\\|', '|') : line);
          expect(plain).toMatch(/^[\w\s.,:;|#·→()✅❌⛔🔴🟢-]*$/u);
        }
    }),
    { numRuns: 500 },
  );
});

test('a diagram holds no more than its own syntax, whatever the stages are called', () => {
  fc.assert(
    fc.property(text, (name) => {
      const lines = renderMermaid([
        { name, needs: [], outcome: 'failed' },
        { name: `${name}2`, needs: [name] },
      ]).split('\n');
      expect(lines).toHaveLength(5);
      expect(lines[1]).toMatch(/^ {2}s0\["[\p{L}\p{N} ×_@./#;-]*"\]:::failed$/u);
      expect(lines[3]).toBe('  s0 --> s1');
    }),
  );
});

test('a line with more backticks than a call takes arguments is told all the same', () => {
  const block = codeBlock(['` '.repeat(200_000)]);
  expect(block.split('\n')[0]).toBe('```text');
});
