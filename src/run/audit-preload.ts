// Loaded into every Node process of an audited stage, before its own code: tells which environment variables the project's
// own code asks for and, where nothing else observes, which modules are loaded and which files are opened by `node:fs`. A
// program of its own: imports nothing of ours, changes no result, and says everything by lines in one file.
import fs from 'node:fs';
import module from 'node:module';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Of REPRO_AUDIT. */
interface Order {
  /** Gets a line of JSON for each fact. */
  readonly file: string;
  /** Folders of the project's own code. */
  readonly roots: readonly string[];
  /** Also watch files: nothing else does. */
  readonly files: boolean;
}

const READERS = [
  'readFile',
  'readFileSync',
  'open',
  'openSync',
  'copyFile',
  'copyFileSync',
  'cp',
  'cpSync',
  'openAsBlob',
];
const LISTERS = ['readdir', 'readdirSync', 'opendir', 'opendirSync'];

const append = fs.appendFileSync;
const told = new Set<string>();
const order = orderOf(process.env['REPRO_AUDIT']);
if (order) {
  tell(order, 'node', process.execPath);
  watchEnvironment(order);
  if (order.files) watchFiles(order);
}

function orderOf(text: string | undefined): Order | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as Order);
}

function tell({ file }: Order, kind: string, what: string): void {
  const line = `${JSON.stringify([kind, what])}\n`;
  if (told.has(line)) return;
  told.add(line);
  try {
    append(file, line);
  } catch {
    // The stage must not feel that it is observed, not even on a full disk.
  }
}

/** `{ ...process.env }` looks at the description of a variable before it takes it: such a copy says nothing about use. */
function watchEnvironment(to: Order): void {
  let described: string | symbol | undefined;
  const asked = (name: string | symbol): void => {
    if (typeof name === 'string' && name !== described && isAskedByProject(to)) tell(to, 'env', name);
    described = undefined;
  };
  process.env = new Proxy(process.env, {
    get: (target, name) => {
      asked(name);
      return Reflect.get(target, name) as string | undefined;
    },
    has: (target, name) => {
      asked(name);
      return Reflect.has(target, name);
    },
    getOwnPropertyDescriptor: (target, name) => {
      described = name;
      return Reflect.getOwnPropertyDescriptor(target, name);
    },
  });
}

/** Whether the code that called the proxy is of the project: not Node's own, not a package's. */
function isAskedByProject({ roots }: Order): boolean {
  const { stackTraceLimit } = Error;
  const prepare: unknown = Reflect.get(Error, 'prepareStackTrace');
  try {
    Error.stackTraceLimit = 5;
    Error.prepareStackTrace = (_error, sites) => sites;
    const sites = new Error('where').stack as unknown as readonly NodeJS.CallSite[] | undefined;
    // This function, `asked` and the trap come first.
    const name = sites?.[3]?.getFileName() ?? '';
    if (name.startsWith('[')) return true;
    const file = name.startsWith('file:') ? fileURLToPath(name) : name;
    return roots.some((root) => file.startsWith(`${root}/`)) && !file.includes('/node_modules/');
  } finally {
    Reflect.set(Error, 'prepareStackTrace', prepare);
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function watchFiles(to: Order): void {
  for (const from of [fs, fs.promises]) {
    for (const name of READERS) watchCall(from, name, (args) => (isForReading(name, args) ? 'read' : undefined), to);
    for (const name of LISTERS) watchCall(from, name, () => 'list', to);
  }
  module.syncBuiltinESMExports();
  // Node 22.15; before that, modules that are imported are not seen.
  if (!('registerHooks' in module)) return;
  module.registerHooks({
    load: (url, context, next) => {
      if (url.startsWith('file:')) tell(to, 'read', fileURLToPath(url));
      return next(url, context);
    },
  });
}

function watchCall(from: object, name: string, kindOf: (args: unknown[]) => string | undefined, to: Order): void {
  const call: unknown = Reflect.get(from, name);
  if (typeof call !== 'function') return;
  const watched = new Proxy(call, {
    apply: (target, self, args: unknown[]) => {
      const kind = kindOf(args);
      const path = pathOf(args[0]);
      if (kind !== undefined && path !== undefined && fs.existsSync(path)) tell(to, kind, path);
      return Reflect.apply(target, self, args) as unknown;
    },
  });
  Reflect.set(from, name, watched);
}

/** `open` with flags that only write is no reading. */
function isForReading(name: string, args: readonly unknown[]): boolean {
  if (!name.startsWith('open') || name === 'openAsBlob') return true;
  const flags = args[1];
  if (typeof flags === 'string') return flags.startsWith('r') || flags.includes('+');
  return typeof flags !== 'number' || (flags & fs.constants.O_WRONLY) === 0;
}

function pathOf(path: unknown): string | undefined {
  if (typeof path === 'string') return resolve(path);
  if (Buffer.isBuffer(path)) return resolve(path.toString());
  return path instanceof URL && path.protocol === 'file:' ? fileURLToPath(path) : undefined;
}
