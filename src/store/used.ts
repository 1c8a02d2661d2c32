// Tells garbage collection that a file of the store was used now. Knows ages only. Invariant: that it cannot be told is no
// reason to fail: in a shared store the file may belong to another user, who alone may date it, or nothing may be written.
import { isRefusal, touchPath } from '../base/fs.ts';

/** False only when the file is not there. */
export function touchUsed(path: string, nowMs: number): boolean {
  try {
    return touchPath(path, nowMs);
  } catch (error) {
    if (isRefusal(error)) return true;
    throw error;
  }
}
