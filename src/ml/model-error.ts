// The one error of models: what the caller gave cannot be fitted or predicted, as sentences.
// Knows nothing of files or exit codes. Invariant: at least one sentence, all of them in the message.

export class ModelError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'ModelError';
    this.problems = problems;
  }
}
