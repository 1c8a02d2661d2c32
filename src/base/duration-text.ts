// Times that something took, as people read them: the same in a terminal, on a page and in a comment. Pure text.

export function durationText(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  return ms < 9950 ? `${(ms / 1000).toFixed(1)} s` : clockText(ms + 500);
}

/** Whole seconds that have passed, for a clock that is drawn once a second. */
export function clockText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
