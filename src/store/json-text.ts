// JSON that a kill, a full disk or somebody's editor may have spoilt. Knows nothing of what is in it.

/** Undefined when it is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
