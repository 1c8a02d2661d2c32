#!/usr/bin/env node
// The program's entry, in syntax that old versions of Node can read, so that they can say what is missing.
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  process.stderr.write(
    'repro needs Node 24 or later; this is Node ' + process.versions.node + ' (' + process.execPath + ')\n',
  );
  process.exitCode = 2;
} else {
  // Not imported: that would load everything that `node:module` can give.
  process.getBuiltinModule('node:module').enableCompileCache();
  if (process.argv[2] === '__complete') {
    // Asked by a shell at each Tab: without the rest of the program.
    void import('./cli/complete.ts').then(function (loaded) {
      return loaded.printCompletion(process.argv.slice(3));
    });
  } else if (process.argv.length === 3 && /^(?:--version|-V|--help|-h|help)$/.test(process.argv[2] || '')) {
    // Words about the program itself: the same.
    void import('./cli/plain-answer.ts').then(function (loaded) {
      return loaded.answerPlainly(process.argv[2] || '');
    });
  } else {
    void import('./cli/main.ts').then(function (loaded) {
      return loaded.main(process.argv.slice(2));
    });
  }
}
