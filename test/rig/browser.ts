// Pages in a real Chromium, through its own protocol: what they show, and whatever they try besides (dialogs, requests,
// complaints of the policy). One browser for a test file, with an empty profile. Where there is no Chromium such tests are
// skipped with a word; with CI=true they fail.
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, onTestFinished, test } from 'vitest';

const CHROMIUM = process.env['REPRO_TEST_CHROMIUM'] ?? '/usr/bin/chromium';
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A test that needs a browser. */
export function browserTest(name: string, body: () => Promise<void>): void {
  if (existsSync(CHROMIUM) || process.env['CI'] === 'true') test(name, body);
  else test.skip(`${name} (there is no ${CHROMIUM})`, body);
}

export interface PageOptions {
  readonly width?: number;
  readonly scheme?: 'light' | 'dark';
  readonly scripts?: boolean;
}

export interface SeenPage {
  readonly page: Page;
  /** Dialogs, requests beyond the page itself, errors and everything on the console, as they came. */
  readonly trouble: readonly string[];
}

let browser: Promise<Browser> | undefined;

afterAll(async () => {
  const running = await browser;
  browser = undefined;
  await running?.close();
});

/** Opens a file from the disk, as a user would. */
export async function openPage(file: string, options: PageOptions = {}): Promise<SeenPage> {
  browser ??= chromium.launch({ executablePath: CHROMIUM, args: ARGS });
  const { width = 1280, scheme = 'light', scripts = true } = options;
  const context = await (
    await browser
  ).newContext({ viewport: { width, height: 900 }, colorScheme: scheme, javaScriptEnabled: scripts });
  onTestFinished(() => context.close());
  // As long as a test may take: the machine may be busy.
  context.setDefaultTimeout(100_000);
  const page = await context.newPage();
  const trouble: string[] = [];
  const url = pathToFileURL(file).href;
  page.on('dialog', (dialog) => {
    trouble.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('console', (message) => void trouble.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => void trouble.push(`error: ${error.message}`));
  page.on('request', (request) => {
    if (request.url() !== url && !request.url().startsWith('data:image/')) trouble.push(`request: ${request.url()}`);
  });
  await page.goto(url);
  return { page, trouble };
}
