// Makes the two pictures of the README. docs/pictures/terminal.svg shows the beginning of docs/recording.txt (`npm run recording`)
// as a terminal would. docs/pictures/report.png is `repro report` of a folder whose pipeline has run, in Chromium.
// `npm run pictures -- [FOLDER]`; without a folder the report stays as it is.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const ROOT = join(import.meta.dirname, '..');
const FOLDER = join(ROOT, 'docs/pictures');
/** What the picture of the terminal shows: from the first run to the question why. */
const FROM = '$ repro';
const TO = '$ $EDITOR train.sh';

const LINE_PX = 18;
const LETTER_PX = 7.8;
const MARGIN_PX = 16;
const COLUMNS = 80;

mkdirSync(FOLDER, { recursive: true });
writeFileSync(join(FOLDER, 'terminal.svg'), drawTerminal(shownLines()));
if (process.argv[2] !== undefined) await photographReport(resolve(process.argv[2]));

function shownLines(): string[] {
  const lines = readFileSync(join(ROOT, 'docs/recording.txt'), 'utf8').split('\n');
  const end = lines.indexOf(TO);
  const shown = lines.slice(lines.indexOf(FROM), end < 0 ? undefined : end);
  while (shown.at(-1) === '') shown.pop();
  return shown;
}

/** The recording has no colours; these are the ones that the program gives to these words. */
function classOf(word: string): string {
  switch (word) {
    case 'ran':
    case 'run':
      return 'ran';
    case 'restored':
    case 'maybe':
      return 'maybe';
    case 'failed':
      return 'failed';
    default:
      return '';
  }
}

function drawTerminal(lines: readonly string[]): string {
  const width = Math.ceil(COLUMNS * LETTER_PX + 2 * MARGIN_PX);
  const height = lines.length * LINE_PX + 2 * MARGIN_PX;
  const rows = lines.map((line, index) => {
    const y = MARGIN_PX + (index + 0.75) * LINE_PX;
    return line === '' ? '' : `<text x="${MARGIN_PX}" y="${y}">${drawLine(line)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>A terminal: a first run, a run with nothing to do, a change, and why a stage would run</title>
<style>
  text { font: 13px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #d7dae0; white-space: pre; }
  .prompt { fill: #ffffff; font-weight: bold; } .ran { fill: #8ccf7e; } .maybe { fill: #e5c76b; } .failed { fill: #e57474; } .dim { fill: #8b919c; }
</style>
<rect width="${width}" height="${height}" rx="8" fill="#1b1e24"/>
${rows.filter((row) => row !== '').join('\n')}
</svg>
`;
}

function drawLine(line: string): string {
  if (line.startsWith('$ ')) return `<tspan class="prompt">${escaped(line)}</tspan>`;
  if (line.startsWith('[')) return `<tspan class="dim">${escaped(line)}</tspan>`;
  const word = /^\w+/.exec(line)?.[0] ?? '';
  const kind = classOf(word);
  if (kind === '' || !line.startsWith(`${word}  `)) return escaped(line);
  return `<tspan class="${kind}">${word}</tspan>${escaped(line.slice(word.length))}`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

async function photographReport(project: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'repro-pictures-'));
  const page = join(folder, 'report.html');
  const browser = await chromium.launch({
    executablePath: process.env['REPRO_TEST_CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  });
  try {
    const command = [join(ROOT, 'src/repro.ts'), 'report', '--cd', project, '--output', page];
    execFileSync(process.execPath, command, { stdio: 'inherit' });
    const view = await browser.newPage({ viewport: { width: 1000, height: 1000 }, colorScheme: 'light' });
    await view.goto(pathToFileURL(page).href);
    await view.screenshot({ path: join(FOLDER, 'report.png') });
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true });
  }
}
