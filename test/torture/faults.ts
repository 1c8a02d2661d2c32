// Every failpoint with every error, once and from then on; disks of growing size; random damage to every kind of file.
// node test/torture/faults.ts [damages] [seed]: prints the count of wrong results, which must be 0.
import { canMount, ERRNOS, FaultRig } from '../crash/fault-rig.ts';
import { DAMAGES, DamageRig, KINDS, SITUATIONS } from '../damage/damage-rig.ts';
import { failpointNames } from '../rig/failpoints.ts';
import { Random } from '../rig/random.ts';

const [damages = 3000, seed = 1] = process.argv.slice(2).map(Number);
let wrong = 0;

function note(what: string, faults: readonly string[]): void {
  if (faults.length === 0) return;
  wrong += 1;
  console.log(`${what}:\n  ${faults.join('\n  ')}`);
}

const rig = new FaultRig();
await rig.prepare();
let errors = 0;
for (const point of failpointNames()) {
  for (const errno of Object.keys(ERRNOS)) {
    for (const onwards of [false, true]) {
      errors += 1;
      note(`${point} ${errno} ${onwards ? 'from then on' : 'once'}`, await rig.failAt(point, errno, onwards));
    }
  }
}
console.log(`faults: ${errors} failing calls, ${wrong} wrong results`);

let disks = 0;
if (canMount()) {
  let numEnough = 0;
  for (let sizeKiB = 24; numEnough < 3; sizeKiB += 4) {
    const { isFull, wrong: faults } = await rig.fill(sizeKiB);
    disks += 1;
    if (!isFull) numEnough += 1;
    note(`a disk of ${sizeKiB} KiB`, faults);
  }
} else {
  console.log('faults: no right to mount a disk of a given size: left out');
  if (process.env['CI'] === 'true') wrong += 1;
}
await rig.dispose();
console.log(`faults: ${disks} disk sizes, ${wrong} wrong results`);

const random = new Random(seed);
const rigs = [new DamageRig(5), new DamageRig(260)];
for (const each of rigs) await each.prepare();
for (let n = 0; n < damages; n++) {
  const kind = KINDS[n % KINDS.length] ?? 'object';
  const damaged = rigs[kind === 'folder plan' ? 1 : 0];
  const files = damaged?.files(kind) ?? [];
  const file = files[random.below(files.length)];
  const damage = DAMAGES[random.below(DAMAGES.length)] ?? 'flip';
  const situation = SITUATIONS[random.below(SITUATIONS.length)] ?? 'as it was';
  if (damaged === undefined || file === undefined) throw new Error(`there is no ${kind}`);
  note(
    `damage ${n}: ${kind} ${file} ${damage}, ${situation}`,
    await damaged.check(kind, file, damage, situation, random),
  );
}
for (const each of rigs) await each.dispose();
console.log(
  `faults: ${errors} failing calls, ${disks} disk sizes, ${damages} damaged files, seed ${seed}: ${wrong} wrong results`,
);
process.exitCode = wrong === 0 ? 0 : 1;
