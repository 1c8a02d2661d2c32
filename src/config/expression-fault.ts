// What is wrong with an expression: offsets in its text, before they become a place in a file. Thrown inside the parser
// only, and caught by it.
import type { ProblemCode } from '../base/problem.ts';

export interface ExpressionFault {
  readonly message: string;
  readonly start: number;
  readonly end: number;
  readonly hint?: string | undefined;
  readonly code?: ProblemCode;
}

export class Fault extends Error implements ExpressionFault {
  readonly start: number;
  readonly end: number;
  readonly hint: string | undefined;

  constructor(message: string, start: number, end: number, hint?: string) {
    super(message);
    this.start = start;
    this.end = end;
    this.hint = hint;
  }
}
