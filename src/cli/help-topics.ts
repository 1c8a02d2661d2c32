// What `repro help` tells beside the commands: environment variables and exit codes. Tables only.

export interface HelpTopic {
  readonly name: string;
  readonly summary: string;
  readonly title: string;
  readonly rows: readonly (readonly [left: string, right: string])[];
  readonly foot?: string;
}

export const HELP_TOPICS: readonly HelpTopic[] = [
  {
    name: 'environment',
    summary: 'Environment variables that are read, and those that a stage gets',
    title: 'Environment variables that `repro` reads:',
    rows: [
      ['REPRO_STORE', 'a folder for objects and records, shared by workspaces (default: .repro)'],
      ['NO_COLOR', 'no colour, when it is not empty'],
      ['FORCE_COLOR', 'colour even without a terminal; 0: none'],
      ['TERM', '`dumb`: plain lines instead of the live screen'],
      ['CI', 'plain lines, and `base` in checks is what the change is compared with'],
      ['GITHUB_ACTIONS', '`repro ci` writes annotations, a summary and outputs'],
      ['SHELL', 'in a DVC project: the shell of the commands'],
    ],
    foot: `The command of a stage gets: REPRO_RUN_ID, the run; REPRO_STAGE, its name; REPRO_CPUS, how many cores it should use; REPRO_PARAMS, a JSON file with exactly its declared params; REPRO_RUN_JSON, for a stage with \`always: true\`, a JSON file about the run.`,
  },
  {
    name: 'exit-codes',
    summary: 'What each exit code means',
    title: 'Exit codes, the same for every command:',
    rows: [
      ['0', 'all well'],
      ['1', 'a stage failed, or what the command was to do could not be done'],
      ['2', 'the command line is wrong'],
      ['3', 'the configuration is wrong'],
      ['4', 'a check failed'],
      ['5', 'the workspace is busy (`--no-wait`)'],
      ['6', 'a remote failed'],
      ['7', 'something would change (`--locked`, `status --check`)'],
      ['70', 'a fault in repro itself'],
      ['129', 'ended by SIGHUP: the terminal was closed'],
      ['130', 'ended by SIGINT: Ctrl-C'],
      ['143', 'ended by SIGTERM'],
    ],
    foot: 'Where several apply, a signal comes before 7, then 1, then 4.',
  },
];
