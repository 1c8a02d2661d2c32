// 100,000 mutated configuration files (or as many as the first argument says, from the seed that the second says): each
// gives values or Problems, never an exception. Prints the seed of every one that does not; exit 1 then.
import { mutatedBytes } from '../config/mutations.ts';
import { readAnything } from '../config/read-anything.ts';

const count = Number(process.argv[2] ?? 100_000);
const first = Number(process.argv[3] ?? 0);
const started = performance.now();
let problems = 0;
let failures = 0;
for (let seed = first; seed < first + count; seed++) {
  for (const dialect of ['repro', 'dvc'] as const) {
    try {
      problems += readAnything(mutatedBytes(seed), dialect).length;
    } catch (error) {
      failures += 1;
      process.stderr.write(
        `seed ${seed} (${dialect}): ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
      );
    }
  }
}
const seconds = ((performance.now() - started) / 1000).toFixed(1);
process.stdout.write(`${count} files in both dialects: ${problems} problems, ${failures} exceptions, ${seconds} s\n`);
process.exitCode = failures > 0 ? 1 : 0;
