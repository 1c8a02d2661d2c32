// `repro watch`, `repro --watch`: runs, then waits, and runs again what a change makes stale.
import { readBytes } from '../../base/fs.ts';
import type { Problem } from '../../base/problem.ts';
import type { Workspace } from '../../plan/workspace.ts';
import type { ProjectPlace } from '../../plan/project.ts';
import { terminalText } from '../../base/terminal-text.ts';
import { History } from '../../store/history.ts';
import { storePlace } from '../../store/place.ts';
import { usage, wholeNumber } from '../arguments.ts';
import { flag, text } from '../command.ts';
import type { Invocation, Terminal } from '../command.ts';
import { lastingName, newestLog } from './log.ts';
import { projectOf } from '../open.ts';
import { applyOverrides, writeOverrides } from '../overrides.ts';
import type { Loudness } from '../reporter-plain.ts';
import { refuseNested, runOptionsOf, runPortsOf } from '../run-request.ts';
import { openKeyboard } from '../watch-keys.ts';
import type { Keyboard } from '../watch-keys.ts';
import { WatchScreen } from '../watch-screen.ts';
import { JsonWatchView, PlainWatchView } from '../watch-view.ts';
import type { WatchView } from '../watch-view.ts';
import { openWatcher } from '../../run/watch.ts';
import { WatchLoop } from '../../run/watch-loop.ts';
import type { WatchSettings } from '../../run/watch-machine.ts';
import { SIGNAL_EXITS } from '../../run/waiting.ts';

const DEBOUNCE_MS = 100;
const LOG_LINES = 200;
const LOG_TAIL_BYTES = 262_144;

export async function watch(invocation: Invocation): Promise<number> {
  const { values, terminal } = invocation;
  for (const name of ['json', 'locked', 'dry-run', 'no-wait'])
    if (flag(values, name)) throw usage(`\`--${name}\` and \`--watch\` exclude each other`, hintFor(name));
  const opened = projectOf(invocation);
  const settings = settingsOf(invocation);
  runOptionsOf(invocation);
  refuseNested(terminal);
  const overlay = await applyOverrides(invocation, opened.project);
  const view = viewOf(invocation);
  const ports = runPortsOf(
    invocation,
    opened,
    (event) => view.run(event),
    newWarnings((problem) => view.watch({ kind: 'watch-notice', problem, atMs: terminal.nowMs() })),
  );
  writeOverrides(opened.project, overlay);
  const loop = new WatchLoop(settings, {
    project: opened.project,
    open: ports.open,
    select: ports.select,
    // There are many runs in this process; and what failed keeps only what depends on it from being fresh.
    options: () => ({ ...runOptionsOf(invocation), confine: false, keepGoing: true }),
    emit: ports.emit,
    tell: (event) => view.watch(event),
    nowMs: terminal.nowMs,
    cpuMs,
    timer,
    openWatcher,
  });
  const silence = terminal.interrupt.listen((signal, count) =>
    loop.leave(SIGNAL_EXITS[signal], count === 1 ? 'ask' : 'kill'),
  );
  const keyboard = openKeys(view, loop, opened.project, terminal);
  try {
    return await loop.run();
  } finally {
    silence();
    keyboard?.close();
    view.end();
  }
}

/** The first time they are said by whoever opens; later only those that are new. */
function newWarnings(tell: (problem: Problem) => void): (workspace: Workspace) => void {
  let known: ReadonlySet<string> | undefined;
  return ({ problems, lock }) => {
    const warnings = [...problems, ...lock.problems].filter((found) => found.severity === 'warning');
    const before = known;
    known = new Set(warnings.map((found) => JSON.stringify(found)));
    if (before) for (const found of warnings) if (!before.has(JSON.stringify(found))) tell(found);
  };
}

function settingsOf({ values }: Invocation): WatchSettings {
  const onChange = text(values, 'on-change') ?? 'queue';
  if (onChange !== 'queue' && onChange !== 'restart')
    throw usage(`\`--on-change\` takes \`queue\` or \`restart\`, not \`${onChange}\``);
  const debounceMs = wholeNumber(text(values, 'debounce'), '--debounce', 0) ?? DEBOUNCE_MS;
  return { debounceMs, restarts: onChange === 'restart' };
}

function viewOf(invocation: Invocation): WatchView {
  const { values, terminal } = invocation;
  const loudness: Loudness = flag(values, 'quiet') ? 'quiet' : flag(values, 'verbose') ? 'verbose' : 'normal';
  const kind = text(values, 'reporter') ?? 'auto';
  switch (kind) {
    case 'json':
      return new JsonWatchView(terminal);
    case 'plain':
      return new PlainWatchView(terminal, loudness);
    case 'live':
      return new WatchScreen(terminal, loudness);
    case 'auto':
      return terminal.isTTY && loudness !== 'quiet'
        ? new WatchScreen(terminal, loudness)
        : new PlainWatchView(terminal, loudness);
    default:
      throw usage(`there is no reporter \`${kind}\``, 'it is one of auto, plain, live, json');
  }
}

/** Keys for the screen, where somebody can type. */
function openKeys(view: WatchView, loop: WatchLoop, project: ProjectPlace, terminal: Terminal): Keyboard | undefined {
  if (!(view instanceof WatchScreen)) return undefined;
  view.listen({
    wish: (wish) => loop.wish(wish),
    quit: () => loop.leave(0, 'ask'),
    logOf: (stage) => lastLines(project, stage, terminal),
  });
  return openKeyboard({
    onKey: (key) => view.key(key),
    onSuspend: () => view.suspend(),
    onResume: () => view.redraw(),
  });
}

async function lastLines(project: ProjectPlace, stage: string, terminal: Terminal): Promise<string[] | undefined> {
  const found = newestLog(new History(storePlace(project.root)), await lastingName(project, stage));
  const bytes = found ? readBytes(found.file) : null;
  if (bytes === null) return undefined;
  const lines = bytes.subarray(-LOG_TAIL_BYTES).toString('utf8').trimEnd().split('\n').slice(-LOG_LINES);
  return lines.map((line) => terminalText(line, { colour: terminal.color.err }));
}

function hintFor(name: string): string | undefined {
  return name === 'json' ? '`--reporter json` prints events as JSON lines' : undefined;
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function timer(delayMs: number, wake: () => void): () => void {
  const timeout = setTimeout(wake, delayMs);
  return () => clearTimeout(timeout);
}
