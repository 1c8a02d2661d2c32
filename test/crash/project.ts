// The project that is killed and starved: eight stages with fan-out and fan-in, a folder out, a large out, metrics in
// and out of the cache, params, an action, a stage that runs at the end. All content follows from one word, so that what
// is right can be said without running anything.
import { createHash } from 'node:crypto';
import type { Files } from '../rig/workspace.ts';
import type { Tree } from '../rig/tree.ts';

/** `line` twice as long each time: large files without a program that makes them slowly. */
const GROW = 'x=$(cat made/a); i=0; while [ $i -lt 12 ]; do x=$x$x; i=$((i+1)); done; echo "$x" > big/large';

export const PIPELINE = {
  stages: {
    make: { cmd: 'cat src > made/a; echo "b $(cat src)" > made/b', deps: ['src'], outs: ['made/a', 'made/b'] },
    folder: {
      cmd: 'mkdir -p tree/sub; cat made/a > tree/one; cat made/b > tree/sub/two; ln -s one tree/link; chmod +x tree/one',
      deps: ['made/a', 'made/b'],
      outs: ['tree'],
    },
    large: { cmd: GROW, deps: ['made/a'], outs: ['big/large'] },
    knob: { cmd: 'cat "$REPRO_PARAMS" > knob.json', params: ['word'], outs: [{ 'knob.json': { cache: false } }] },
    count: {
      cmd: 'set -- $(cat made/a made/b); echo "{\\"words\\": $#}" > words.json',
      deps: ['made/a', 'made/b'],
      metrics: ['words.json'],
      checks: ['words > 0'],
    },
    join: {
      cmd: 'cat tree/one tree/sub/two made/b words.json knob.json > joined; head -c 20 big/large >> joined',
      deps: ['tree', 'made/b', 'words.json', 'knob.json', 'big/large'],
      outs: ['joined'],
    },
    // `fail` is no dep: a run in which it is there fails late, and one in which it is not is as if it had never been.
    last: { cmd: 'cat joined > final; test ! -e fail', deps: ['joined'], outs: ['final'] },
    tell: { cmd: 'echo told >> /dev/null', deps: ['final'] },
    report: { cmd: 'cat "$REPRO_RUN_JSON" > /dev/null', always: true },
  },
};

export function killFiles(word: string): Files {
  return { 'pipeline.yaml': PIPELINE, ...inputs(word) };
}

/** What changes from round to round. */
export function inputs(word: string): Files {
  return { src: `${word}\n`, 'params.yaml': `word: ${word}\n` };
}

/** The whole workspace, without the store and the lock, once a run has ended well. */
export function rightTree(word: string): Tree {
  const b = `b ${word}\n`;
  const words = `${JSON.stringify({ words: 3 }).replace(':', ': ')}\n`;
  const knob = `${JSON.stringify({ word }, null, 2)}\n`;
  const large = `${word.repeat(2 ** 12)}\n`;
  const joined = `${word}\n${b}${b}${words}${knob}${large.slice(0, 20)}`;
  const files: readonly (readonly [string, string])[] = [
    ['big', '/'],
    ['big/large', large],
    ['final', joined],
    ['joined', joined],
    ['knob.json', knob],
    ['made', '/'],
    ['made/a', `${word}\n`],
    ['made/b', b],
    ['params.yaml', `word: ${word}\n`],
    ['pipeline.yaml', JSON.stringify(PIPELINE, null, 2)],
    ['src', `${word}\n`],
    ['tree', '/'],
    ['tree/link', '-> one'],
    ['tree/one', `x ${word}\n`],
    ['tree/sub', '/'],
    ['tree/sub/two', b],
    ['words.json', words],
  ];
  return new Map(files);
}

/** A word that is new each time, long enough to make the large out large. */
export function wordOf(n: number): string {
  return `w${createHash('sha256').update(String(n)).digest('hex')}${'z'.repeat(8)}`;
}
