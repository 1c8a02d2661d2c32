// Kills a parallel run at every failpoint, then at random instants; the next run must be as if nothing had happened.
// node test/torture/kill.ts [instants] [seed]: prints the count of wrong results, which must be 0.
import { failpointNames } from '../rig/failpoints.ts';
import { Random } from '../rig/random.ts';
import { KillRig, scenarioOf, SCENARIOS } from '../crash/kill-rig.ts';
import type { Kill, Round, Scenario } from '../crash/kill-rig.ts';

const [instants = 10_000, seed = 1] = process.argv.slice(2).map(Number);
const random = new Random(seed);
const rig = new KillRig();
await rig.prepare();
let rounds = 0;
let kills = 0;
let wrong = 0;
let usualMs = 1000;

async function round(kill: Kill, scenario: Scenario, again?: Kill): Promise<Round> {
  const result = await rig.round(kill, scenario, again);
  rounds += 1;
  if (result.wasKilled) kills += 1;
  else usualMs = (usualMs * 3 + result.tookMs) / 4;
  if (result.wrong.length > 0) {
    wrong += 1;
    console.log(`round ${rounds} ${JSON.stringify({ kill, scenario, again })}:\n  ${result.wrong.join('\n  ')}`);
  }
  return result;
}

function instant(): Kill {
  return { kind: 'after', ms: usualMs * (0.1 + random.next()) };
}

const reached = new Set<string>();
for (const name of failpointNames()) {
  for (const count of [1, 2, 5]) {
    const { wasKilled } = await round({ kind: 'failpoint', spec: `${name}:${count}:kill` }, scenarioOf(name));
    if (wasKilled) reached.add(name);
  }
}
for (let n = 0; n < instants; n++) {
  const isPoint = random.below(4) === 0;
  const scenario = random.below(3) === 0 ? (SCENARIOS[random.below(SCENARIOS.length)] ?? 'edit') : 'edit';
  const again = random.below(6) === 0 ? instant() : undefined;
  await round(isPoint ? { kind: 'failpoint', spec: `*:${1 + random.below(200)}:kill` } : instant(), scenario, again);
  if (n % 500 === 499) console.log(`${n + 1} instants, ${kills} kills, ${wrong} wrong results`);
}
const faults = await rig.storeFaults();
if (faults.length > 0) wrong += 1;
for (const fault of faults) console.log(fault);
await rig.dispose();
console.log(
  `kill: ${rounds} rounds, ${kills} runners killed, ${reached.size} named failpoints reached, seed ${seed}: ${wrong} wrong results`,
);
process.exitCode = wrong === 0 ? 0 : 1;
