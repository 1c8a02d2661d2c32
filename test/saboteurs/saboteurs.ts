// Small patches that each break one promise, and the test that must find it. A patch is a piece of text that stands once in
// its file, and what it is replaced by.

export interface Saboteur {
  readonly name: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  readonly test: { readonly file: string; /** The beginning of its name. */ readonly name: string };
}

const INVARIANTS = 'test/run/invariants.test.ts';
const RECIPES = 'test/run/recipes.test.ts';
const STAGE = 'test/run/stage.test.ts';

export const SABOTEURS: readonly Saboteur[] = [
  {
    name: 'no fsync of objects',
    file: 'src/store/objects.ts',
    find: 'if (this.#options.durable) await this.#sync(batch);',
    replace: '',
    test: { file: INVARIANTS, name: 'I3: objects are made durable' },
  },
  {
    name: 'no second look at the inputs',
    file: 'src/run/changed-inputs.ts',
    find: 'const changed = await hasher.recheck(inputs.seen);',
    replace: 'const changed: string[] = [];',
    test: { file: INVARIANTS, name: 'I5: a run whose inputs changed' },
  },
  {
    name: 'the second look compares with what the hasher saw last',
    file: 'src/run/changed-inputs.ts',
    find: 'hasher.recheck(inputs.seen)',
    replace: 'hasher.recheck(await hasher.seen(inputs.seen.keys()))',
    test: { file: STAGE, name: 'an input that two running stages share' },
  },
  {
    name: 'an object is trusted when its mode bits say read-only',
    file: 'src/store/restore.ts',
    find: 'if (sha256Hex(bytes) !== hex) return',
    replace:
      'if (((lstatPath(this.#ports.objects.path(hex))?.mode ?? 0n) & 0o222n) !== 0n && sha256Hex(bytes) !== hex) return',
    test: { file: INVARIANTS, name: 'I1: a damaged object is never restored' },
  },
  {
    name: 'the lock is written before the record',
    file: 'src/run/stage.ts',
    find: '  if (stage.outs.length > 0 && !stage.alwaysChanged)\n    addRecord(',
    replace:
      '  context.book.set(stage.name, { manifest, outs: digests });\n  context.book.flush();\n  if (stage.outs.length > 0 && !stage.alwaysChanged)\n    addRecord(',
    test: { file: INVARIANTS, name: 'I3: a runner that is killed before its record' },
  },
  {
    name: 'the record is written before the objects',
    file: 'src/run/stage.ts',
    find: '  await published;\n',
    replace: '',
    test: { file: INVARIANTS, name: 'I3: no record is published before its objects' },
  },
  {
    name: 'a dep is left out of the manifest',
    file: 'src/plan/manifest.ts',
    find: 'deps: inputs.deps,',
    replace: 'deps: Object.fromEntries(Object.entries(inputs.deps).slice(1)),',
    test: { file: INVARIANTS, name: 'I5: no false hit when only this differs: content of a dep' },
  },
  {
    name: 'commands are sorted',
    file: 'src/plan/manifest.ts',
    find: 'cmd: stage.cmd,',
    replace: 'cmd: [...stage.cmd].sort(),',
    test: { file: RECIPES, name: 'recipe 2' },
  },
  {
    name: 'values of params lose their type',
    file: 'src/plan/params-facts.ts',
    find: 'texts[key] = canonicalText(value);',
    replace: 'texts[key] = JSON.stringify(String(value));',
    test: { file: INVARIANTS, name: 'I5: no false hit when only this differs: type of a param' },
  },
  {
    name: 'the exec bit is ignored',
    file: 'src/store/survey-tree.ts',
    find: 'return fileDigest(shaOf(node), node.token.exec);',
    replace: 'return fileDigest(shaOf(node), false);',
    test: { file: INVARIANTS, name: 'I5: no false hit when only this differs: exec bit of a dep' },
  },
  {
    name: 'the matches of a glob are not compared again',
    file: 'src/run/changed-inputs.ts',
    find: "if (inputs.kind === 'known') {",
    replace: "if (inputs.kind === 'known' && inputs.globs.size < 0) {",
    test: { file: STAGE, name: 'a file added that a glob matches' },
  },
  {
    name: 'the stamps of folders are not compared',
    file: 'src/store/survey-compare.ts',
    find: 'return b !== undefined && a.path === b.path && sameTokens(a.token, b.token);',
    replace: 'return b !== undefined && a.path === b.path;',
    test: { file: STAGE, name: 'a file added to a folder and taken away' },
  },
  {
    name: 'old outs are deleted instead of moved aside',
    file: 'src/store/journal.ts',
    find: 'movePath(`${this.#place.root}/${out.path}`, this.#aside(n));',
    replace: 'removeTree(`${this.#place.root}/${out.path}`);',
    test: { file: 'test/run/failures.test.ts', name: 'the old outs are back after a failure' },
  },
  {
    name: 'what the user wrote is deleted when something is in the way',
    file: 'src/store/restore.ts',
    find: 'if (await isKept(path, ports)) {',
    replace: 'if ((await isKept(path, ports)) || path !== "") {',
    test: { file: INVARIANTS, name: 'I6' },
  },
  {
    name: 'seals of the lock are not looked at',
    file: 'src/store/lock.ts',
    find: 'if (block.slice(sealAt) !== `\\n      "seal": "${seal}"\\n    }`) return null;',
    replace: 'if (seal === "") return null;',
    test: { file: 'test/store/lock.test.ts', name: 'a mixture that git made without a conflict' },
  },
  {
    name: 'the store keeps a link to the file in the workspace instead of a copy',
    file: 'src/store/objects.ts',
    find: 'await copyLarge(systemPath(at), temp);',
    replace: 'linkNew(String(systemPath(at)), temp);',
    test: { file: INVARIANTS, name: 'I1: a large out that is edited in place' },
  },
  {
    name: 'one missing object of a folder is overlooked',
    file: 'src/store/objects.ts',
    find: 'entries.every((e) => !needsObject(e) || this.size(e.digest) === e.size)',
    replace: 'entries.length >= 0',
    test: { file: INVARIANTS, name: 'I3: no record is published before its objects' },
  },
  {
    name: 'a failed check counts as passed',
    file: 'src/plan/check.ts',
    find: "passed: verdict.kind === 'true' || noBase,",
    replace: "passed: verdict.kind !== 'error' || noBase,",
    test: { file: 'test/run/conditions.test.ts', name: 'a failed check blocks the dependents' },
  },
  {
    name: 'the workspace lock is released by deleting it',
    file: 'src/store/workspace-lock.ts',
    find: 'renamePath(temp, path);',
    replace: 'removeFile(temp);\n    removeFile(path);',
    test: { file: 'test/run/multi.test.ts', name: 'the number of the workspace lock only grows' },
  },
  {
    name: 'values of environment variables are kept as they are',
    file: 'src/plan/inputs.ts',
    find: "value === undefined ? 'unset' : sha256Hex(value)",
    replace: "value === undefined ? 'unset' : value",
    test: { file: 'test/run/run.test.ts', name: 'an environment variable is an input by its digest' },
  },
  {
    name: 'secrets are written as they are',
    file: 'src/run/executor-local.ts',
    find: 'secrets: execution.secrets,',
    replace: 'secrets: [],',
    test: { file: 'test/run/run.test.ts', name: 'secrets are in neither log' },
  },
  {
    name: 'a resource is never given back',
    file: 'src/run/scheduler.ts',
    find: '      this.#holding.delete(at);\n',
    replace: '',
    test: { file: 'test/run/scheduler.test.ts', name: 'resources given back in parts' },
  },
];
