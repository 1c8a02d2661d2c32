// Which files are images, and of what kind by their first bytes: the ending alone is no proof. Draws nothing.
import { endingOf } from './plot-data.ts';

const IMAGES: Readonly<Record<string, string>> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.svg': 'image/svg+xml',
};

export function isImage(path: string): boolean {
  return endingOf(path) in IMAGES;
}

/** Undefined when the bytes are not what the ending says. */
export function imageType(path: string, bytes: Uint8Array): string | undefined {
  const expected = IMAGES[endingOf(path)];
  const head = Buffer.from(bytes.subarray(0, 512)).toString('latin1');
  return expected !== undefined && SIGNS[expected]?.test(head) === true ? expected : undefined;
}

const SIGNS: Readonly<Record<string, RegExp>> = {
  'image/png': /^\x89PNG\r\n/, // oxlint-disable-line no-control-regex
  'image/jpeg': /^\xff\xd8\xff/,
  'image/gif': /^GIF8[79]a/,
  'image/webp': /^RIFF[\s\S]{4}WEBP/,
  'image/svg+xml': /^(?:\xef\xbb\xbf)?\s*<(?:\?xml|!--|!DOCTYPE|svg)/i,
};
