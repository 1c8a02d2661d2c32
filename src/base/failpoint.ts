// Named places where a test may kill this process or make a call fail: REPRO_FAILPOINT=name[:n]:kill or name[:n]:ENOSPC
// (any errno name), for the n-th time the place is reached; `n+` means from then on. Several are joined by commas.
// Does nothing, and costs one test, when the variable is not set.

interface Failpoint {
  readonly name: string;
  readonly from: number;
  readonly onwards: boolean;
  readonly action: string;
  hits: number;
}

const armed = parseFailpoints(process.env['REPRO_FAILPOINT']);

export function failpoint(name: string): void {
  if (armed.length === 0) return;
  for (const point of armed) {
    if (point.name !== name && point.name !== '*') continue;
    point.hits += 1;
    const due = point.onwards ? point.hits >= point.from : point.hits === point.from;
    if (due) fail(point.action, name);
  }
}

function fail(action: string, name: string): void {
  if (action === 'kill') {
    process.kill(process.pid, 'SIGKILL');
    return;
  }
  throw Object.assign(new Error(`${action}: failpoint ${name}`), { code: action, syscall: name });
}

function parseFailpoints(text: string | undefined): Failpoint[] {
  if (text === undefined || text === '') return [];
  return text.split(',').map((part) => {
    const fields = part.split(':');
    const name = fields[0] ?? '';
    const action = fields.at(-1) ?? 'kill';
    const count = fields.length > 2 ? (fields[1] ?? '1') : '1';
    return { name, action, from: Number.parseInt(count, 10), onwards: count.endsWith('+'), hits: 0 };
  });
}
