export function renderDriftPage(..._args: unknown[]): string {
  return '';
}
