// A quiet run that has nothing to say asks nothing of the terminal: to open its streams takes longer than to look at a
// hundred stages.
import { expect, test } from 'vitest';
import type { Summary } from '../../src/base/event.ts';
import type { Terminal } from '../../src/cli/command.ts';
import { PlainReporter } from '../../src/cli/reporter-plain.ts';
import { NO_OUTCOMES } from '../../src/run/run-ports.ts';
import { stubTerminal } from '../rig/stub-terminal.ts';

/** A terminal that notes what it is asked. */
function asking(): { readonly terminal: Terminal; readonly asked: string[] } {
  const asked: string[] = [];
  const ask = <T>(what: string, answer: T): T => {
    asked.push(what);
    return answer;
  };
  const terminal = stubTerminal({
    out: () => ask('out', undefined),
    err: () => ask('err', undefined),
    color: {
      get out() {
        return ask('colour', false);
      },
      get err() {
        return ask('colour', false);
      },
    },
    columns: () => ask('columns', 80),
    outColumns: () => ask('columns', 80),
  });
  return { terminal, asked };
}

function endWith(exitCode: number, loudness: 'quiet' | 'normal'): string[] {
  const { terminal, asked } = asking();
  const outcomes = { ...NO_OUTCOMES, ran: 3, fresh: 97 };
  const summary: Summary = { runId: 'r', outcomes, durationMs: 5, savedMs: 0, failedChecks: 0, exitCode };
  const reporter = new PlainReporter(terminal, loudness);
  const stage = { kind: 'stage-ended', stage: 'a', reasons: [], durationMs: 1, atMs: 1 } as const;
  reporter.event({ ...stage, outcome: 'ran' });
  reporter.event({ ...stage, outcome: 'fresh' });
  reporter.event({ kind: 'run-ended', summary, atMs: 2 });
  reporter.end();
  return asked;
}

test('a quiet run that went well asks the terminal nothing', () => {
  expect(endWith(0, 'quiet')).toEqual([]);
  expect(endWith(1, 'quiet')).toContain('err');
  expect(endWith(0, 'normal')).toContain('err');
});
