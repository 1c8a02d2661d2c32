// The learning kit, as stages of users import it: `import { parseCsv } from 'repro/ml'`.
export {};
