// Names of stages as names of files: percent-encoded, long ones cut and told apart by a digest. Knows no folders.
import { sha256Hex } from './digest.ts';

const MAX_LENGTH = 120;
const KEPT_LENGTH = 100;

/** Different names give different file names, also on file systems that ignore case only for names that differ in more. */
export function fileNameOf(name: string): string {
  const encoded = encodeURIComponent(name)
    .replaceAll(/[!'()*~]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/^\./, '%2E');
  return encoded.length <= MAX_LENGTH ? encoded : `${encoded.slice(0, KEPT_LENGTH)}-${sha256Hex(name).slice(0, 16)}`;
}
