// Bytes -> text with a name: the first step of every reader. UTF-8 only, one kind of line end, no byte order mark.
// Knows no format. The places of later steps count in this text, whose lines and columns are those of the file.
import { problem } from '../base/problem.ts';
import type { Problem } from '../base/problem.ts';
import { SourceText } from './node.ts';

export interface DecodedText {
  readonly source?: SourceText;
  readonly problems: readonly Problem[];
}

export function decodeText(file: string, bytes: string | Uint8Array, limitBytes: number): DecodedText {
  const sizeBytes = typeof bytes === 'string' ? Buffer.byteLength(bytes) : bytes.length;
  if (sizeBytes > limitBytes) {
    const message = `\`${file}\` has ${sizeBytes} bytes, the limit is ${limitBytes}`;
    return { problems: [problem('file-too-large', message)] };
  }
  if (typeof bytes === 'string') return { source: new SourceText(file, normalLines(bytes)), problems: [] };
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return { source: new SourceText(file, normalLines(text)), problems: [] };
  } catch {
    return { problems: [notUtf8(file, bytes)] };
  }
}

function normalLines(text: string): string {
  const start = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  return start.includes('\r') ? start.replaceAll(/\r\n?/g, '\n') : start;
}

/** Points at the first byte that is not UTF-8: as much as decodes cleanly stands before it. */
function notUtf8(file: string, bytes: Uint8Array): Problem {
  let low = 0;
  let high = bytes.length;
  const decodes = (end: number): boolean => {
    try {
      new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(0, end), { stream: true });
      return true;
    } catch {
      return false;
    }
  };
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (decodes(middle)) low = middle;
    else high = middle - 1;
  }
  const before = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, low), { stream: true });
  const source = new SourceText(file, normalLines(before));
  const byte = bytes[low];
  const message =
    byte === undefined
      ? `\`${file}\` is not UTF-8: it ends in the middle of a character`
      : `\`${file}\` is not UTF-8: it has the byte 0x${byte.toString(16).padStart(2, '0')}`;
  const end = source.text.length;
  return problem('encoding-invalid', message, { span: source.spanAt(end, end + 1), hint: 'save the file as UTF-8' });
}
