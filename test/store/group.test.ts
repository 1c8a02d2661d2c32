import { expect, test } from 'vitest';
import { Group } from '../../src/store/group.ts';

/** Work that goes on until it is let go, round by round. */
function heldGroup(): { group: Group; rounds: { end: () => void; fail: (error: Error) => void }[] } {
  const rounds: { end: () => void; fail: (error: Error) => void }[] = [];
  const group = new Group(() => new Promise<void>((end, fail) => rounds.push({ end, fail })));
  return { group, rounds };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('all who come while a round goes on are served by one next round', async () => {
  const { group, rounds } = heldGroup();
  const first = group.join();
  await turn();
  const late = [group.join(), group.join(), group.join()];
  rounds[0]?.end();
  await first;
  await turn();
  expect(rounds).toHaveLength(2);
  rounds[1]?.end();
  await Promise.all(late);
  expect(rounds).toHaveLength(2);
});

test('a round that fails is told to those who waited for it, and to nobody else', async () => {
  const { group, rounds } = heldGroup();
  const first = expect(group.join()).rejects.toThrow('disk');
  await turn();
  const second = group.join();
  rounds[0]?.fail(new Error('disk'));
  await first;
  await turn();
  rounds[1]?.end();
  await expect(second).resolves.toBeUndefined();
});

test('who joins a round that has begun waits for the next one', async () => {
  const { group, rounds } = heldGroup();
  const ended: string[] = [];
  void group.join().then(() => ended.push('first'));
  await turn();
  const second = group.join().then(() => ended.push('second'));
  rounds[0]?.end();
  await turn();
  expect(ended).toEqual(['first']);
  rounds[1]?.end();
  await second;
  expect(ended).toEqual(['first', 'second']);
});
