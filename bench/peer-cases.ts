// The same task done by `repro` and by each peer, in projects of the same trivial stages, each in a folder of its own. A peer
// that is not here, or cannot do the task, is a line that says so.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Case, Side } from './case.ts';
import { PEER_PROJECTS, type PeerProject } from './peer-projects.ts';
import { findPeer, PEER_NAMES, type PeerName } from './peers.ts';
import {
  countText,
  forget,
  inputName,
  newFolder,
  removeOuts,
  takeAway,
  repro,
  run,
  runTwice,
  scaled,
  settle,
  writeTrivialStages,
} from './projects.ts';
import type { BenchPorts } from './projects.ts';

export type PeerTask = 'noop' | 'first-run' | 'change' | 'restore';

export interface PeerQuestion {
  readonly task: PeerTask;
  /** Of stages, at full scale. */
  readonly count: number;
  readonly rounds: number;
  /** Peers without one do less than we do: they keep no results, or start without an interpreter. */
  readonly goals: Readonly<Partial<Record<PeerName, number>>>;
}

const NAMES: Readonly<Record<PeerTask, (count: string) => string>> = {
  noop: (count) => `${count} stages`,
  'first-run': (count) => `${count} stages`,
  change: (count) => `1 of ${count} stages`,
  restore: (count) => `${count} outs`,
};

interface Sized {
  readonly program: string;
  readonly root: string;
  readonly count: number;
}

let edits = 0;

export function* peerCases(ports: BenchPorts, question: PeerQuestion): Generator<Case> {
  const { task, rounds } = question;
  const count = scaled(ports, question.count);
  const { root, remove } = newFolder();
  const own = join(root, 'repro');
  mkdirSync(own);
  writeTrivialStages(own, count);
  runTwice(ports, own);
  const ours: Side = { command: repro(ports, '-q', '-j2'), cwd: own, before: () => prepareOurs(own, task) };
  for (const name of PEER_NAMES) {
    const goal = question.goals[name];
    const line = { suite: task, name: NAMES[task](countText(count)), rounds, ...(goal === undefined ? {} : { goal }) };
    const peer = findPeer(name);
    const project = PEER_PROJECTS[name];
    const why = peer.kind === 'missing' ? peer.how : cannot(project, question);
    if (peer.kind === 'missing' || why !== undefined) {
      yield { kind: 'missing', suite: task, name: line.name, over: name, why: why ?? '' };
      continue;
    }
    const theirs = peerSide(project, { program: peer.program, root: join(root, name), count }, task);
    if (theirs.kind === 'side')
      yield { kind: 'commands', ...line, over: `${name} ${peer.version}`, ours, theirs: theirs.side };
    else yield { kind: 'missing', suite: task, name: line.name, over: name, why: theirs.why };
    takeAway(join(root, name));
  }
  remove();
}

function cannot({ restores, most }: PeerProject, { task, count }: PeerQuestion): string | undefined {
  if (task === 'restore' && !restores) return 'it restores nothing: it runs the commands again';
  return most !== undefined && count > most.count ? `not asked: ${most.why}` : undefined;
}

function prepareOurs(root: string, task: PeerTask): void {
  if (task === 'first-run') forget(root);
  else if (task === 'restore') removeOuts(root);
  else if (task === 'change') writeFileSync(join(root, inputName(3)), `edit ${edits++}\n`);
}

type PeerSide = { readonly kind: 'side'; readonly side: Side } | { readonly kind: 'broken'; readonly why: string };

/** The peer has run twice, too. One that cannot run its own project here is named with what it said. */
function peerSide(project: PeerProject, { program, root, count }: Sized, task: PeerTask): PeerSide {
  const command = project.command(program);
  const env = project.env(root);
  try {
    mkdirSync(root);
    project.write(root, count, program);
    run(root, command, env);
    settle(root);
    run(root, command, env);
  } catch (error) {
    return { kind: 'broken', why: `it failed: ${firstLine(error)}` };
  }
  const before = (): void => {
    if (task === 'change') writeFileSync(join(root, project.input(3)), `edit ${edits++}\n`);
    if (task === 'first-run') for (const path of project.state) takeAway(join(root, path));
    if (task === 'first-run' || task === 'restore') project.removeOuts(root, count);
  };
  return { kind: 'side', side: { command, cwd: root, env, before } };
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n').slice(0, 2).join(': ');
}
