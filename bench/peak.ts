// Loaded into a measured process (`node --import`): leaves its peak of memory, in KiB, in the file that it is told.
import { writeFileSync } from 'node:fs';

const file = process.env['REPRO_BENCH_PEAK'];
if (file !== undefined) process.on('exit', () => writeFileSync(file, String(process.resourceUsage().maxRSS)));
