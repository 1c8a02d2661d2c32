// What planning knows of a path that some stage may still change.
import type { Digest } from '../store/digest.ts';

/** What a path will hold once everything upstream that will change it has done so. */
export type Future =
  /** What is on disk now. */
  | { readonly kind: 'as-is' }
  | { readonly kind: 'digest'; readonly digest: Digest }
  | { readonly kind: 'awaits'; readonly stage: string };
