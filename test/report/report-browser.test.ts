// The pages of `repro report` and `repro graph --html` in a real browser: legible for everybody, complete without scripts,
// and whatever stands in the project stays text.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { plotScript } from '../../src/report/plot-view.ts';
import { accessibilityProblems } from '../rig/accessible.ts';
import { browserTest, openPage } from '../rig/browser.ts';
import { show } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';
import type { Workspace } from '../rig/workspace.ts';
import { failedProject, hostileProject, TRAP } from './report-rig.ts';

/** Made once: tests look at them and write pages of their own names. */
let failed: Workspace;
let hostile: Workspace;

beforeAll(async () => {
  failed = await failedProject();
  hostile = await hostileProject();
});

afterAll(async () => {
  await failed.dispose();
  await hostile.dispose();
});

async function written(workspace: Workspace, ...args: readonly string[]): Promise<string> {
  const { stdout } = await show(workspace, args);
  return workspace.path(stdout.trim());
}

const LOOKS = [
  { scheme: 'light', width: 1280 },
  { scheme: 'light', width: 360 },
  { scheme: 'dark', width: 1280 },
  { scheme: 'dark', width: 360 },
] as const;

browserTest('both pages keep the rules of accessibility and never grow wider than the window', async () => {
  const report = await written(failed, 'report');
  const graph = await written(failed, 'graph', '--html');
  for (const look of LOOKS) {
    for (const file of [report, graph]) {
      const { page, trouble } = await openPage(file, look);
      await page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))");
      const width = await page.evaluate<number>('document.documentElement.scrollWidth');
      expect({ look, width, trouble }).toEqual({ look, width: look.width, trouble: [] });
      // axe is slow: of the graph the two looks that have least in common.
      const isChecked = file === report || (look.scheme === 'dark') === (look.width === 360);
      if (isChecked) expect(await accessibilityProblems(page)).toEqual([]);
    }
  }
});

browserTest('a report says everything without scripts', async () => {
  const { page, trouble } = await openPage(await written(failed, 'report'), { scripts: false });
  const text = (await page.innerText('body')).replaceAll(/\s+/g, ' ');
  for (const words of [
    '1 stage failed, 4 checks failed, 1 stage blocked',
    'evaluate exited with code 3',
    'step 1 step 2 step 3',
    'r2 is 0.7, 0.9 at the base, −0.2',
    'params.yaml: lr 0.1 → 0.5 (not committed)',
    'm1.json: rmse 0.2 0.4 +0.2 ▼ worse',
    'params.yaml: broken false true',
  ]) {
    expect(text).toContain(words);
  }
  expect(await page.locator('.plot img').count()).toBe(2);
  expect(await page.locator('#stage-tools').isVisible()).toBe(false);
  expect(await page.locator('svg.graph g.node').count()).toBe(5);
  await page.locator('svg.graph a').first().click();
  expect(await page.locator('#stage-0').isVisible()).toBe(true);
  expect(trouble).toEqual([]);
});

browserTest('with scripts stages can be filtered and sorted, and a link opens the details', async () => {
  const { page, trouble } = await openPage(await written(failed, 'report'));
  const rows = (): Promise<string[]> => page.locator('#stage-table tbody tr:visible th').allInnerTexts();
  expect(await rows()).toHaveLength(5);
  await page.fill('#stage-filter', 'TRAIN');
  expect((await rows()).sort()).toEqual(['train@1', 'train@2']);
  expect(await page.innerText('#stage-count')).toBe('2 of 5 stages');
  await page.fill('#stage-filter', '');
  await page.selectOption('#stage-state', 'failed');
  expect(await rows()).toEqual(['evaluate']);
  await page.selectOption('#stage-state', '');
  const sort = page.locator('#stage-table thead button').first();
  await sort.focus();
  await page.keyboard.press('Enter');
  expect(await rows()).toEqual(['evaluate', 'prepare', 'tell', 'train@1', 'train@2']);
  await page.keyboard.press('Enter');
  expect((await rows())[0]).toBe('train@2');
  expect(await page.locator('#stage-table thead th').first().getAttribute('aria-sort')).toBe('descending');
  const name = page.locator('#stage-table a', { hasText: 'evaluate' });
  const details = page.locator((await name.getAttribute('href')) ?? '');
  expect(await details.isVisible()).toBe(false);
  await name.click();
  expect(await details.isVisible()).toBe(true);
  expect(trouble).toEqual([]);
});

/** Needs what the build makes for browsers. */
const isBuilt = plotScript() !== undefined || process.env['CI'] === 'true';
const liveTest: typeof browserTest = (name, body) =>
  isBuilt ? browserTest(name, body) : test.skip(`${name} (\`npm run build\` makes the script)`, body);

liveTest('plots are live where scripts may run', async () => {
  const { page, trouble } = await openPage(await written(failed, 'report'));
  await page.locator('#plots').scrollIntoViewIfNeeded();
  await page.locator('.plot-live svg').first().waitFor();
  expect(trouble).toEqual([]);
});

browserTest('nothing that stands in a project can run, be asked for, or get out of its place', async () => {
  for (const file of [await written(hostile, 'report'), await written(hostile, 'graph', '--html')]) {
    const { page, trouble } = await openPage(file);
    await page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))");
    await page.evaluate("document.querySelectorAll('a, button, summary, rect').forEach((each) => each.click?.())");
    expect(await page.evaluate('typeof pwned')).toBe('undefined');
    expect(await page.locator('img[src="x"], [onerror], [onload], [style]:not(.plot-live *, .plot-live)').count()).toBe(
      0,
    );
    expect(await page.locator('a:not([href^="#"])').count()).toBe(0);
    expect(new URL(page.url()).pathname).toBe(file);
    expect(await page.locator('body').innerText()).toContain('<img src=x');
    expect(trouble).toEqual([]);
  }
});

browserTest('the facts can be read out of the page exactly, however hostile they are', async () => {
  const facts = JSON.parse((await show(hostile, ['report', '--json'], { nowMs: () => 0 })).stdout) as object;
  await show(hostile, ['report'], { nowMs: () => 0 });
  const { page } = await openPage(hostile.path('.repro/report.html'));
  const inPage = await page.evaluate<string>("document.getElementById('report-facts').textContent");
  expect(JSON.parse(inPage)).toEqual(facts);
  expect(JSON.stringify(facts)).toContain(JSON.stringify(TRAP).slice(1, -1));
});

browserTest('the policy of a page stops what somebody writes into it afterwards', async () => {
  await written(failed, 'report', '-o', 'forged.html');
  const added = `<script>pwned=1</script><img src="http://127.0.0.1:9/x"><style>body{color:red}</style></main>`;
  failed.write({ 'forged.html': failed.read('forged.html').replace('</main>', () => added) });
  const { page, trouble } = await openPage(failed.path('forged.html'));
  expect(await page.evaluate('typeof pwned')).toBe('undefined');
  expect(await page.evaluate('getComputedStyle(document.body).color')).not.toBe('rgb(255, 0, 0)');
  expect(trouble.filter((each) => /Content Security Policy/.test(each))).toHaveLength(3);
});

/** The page hears of a new place, as of a turn of the wheel, a moment after it was sent. */
async function panelWith(page: Page, text: string): Promise<void> {
  await page.locator('#panel > section.shown', { hasText: text }).waitFor();
}

browserTest('the graph is explored with the pointer and with keys', async () => {
  const { page, trouble } = await openPage(await written(failed, 'graph', '--html'));
  const place = (): Promise<string | null> => page.locator('g.view').getAttribute('transform');
  await panelWith(page, 'Stages by state');
  await page.locator('g.node', { hasText: 'train@2' }).click();
  await panelWith(page, 'sh train.sh 2');
  expect(await page.locator('path.edge.lit').count()).toBe(1);
  const before = await place();
  await page.mouse.move(300, 600);
  await page.mouse.wheel(0, -400);
  await expect.poll(place).not.toBe(before);
  const zoomed = await place();
  // From a box: a drag is no click.
  const box = await page.locator('g.node', { hasText: 'prepare' }).boundingBox();
  await page.mouse.move((box?.x ?? 0) + 10, (box?.y ?? 0) + 10);
  await page.mouse.down();
  await page.mouse.move((box?.x ?? 0) + 90, (box?.y ?? 0) + 40, { steps: 4 });
  await page.mouse.up();
  await expect.poll(place).not.toBe(zoomed);
  await panelWith(page, 'sh train.sh 2');
  await page.click('#fit');
  await expect.poll(place).toBe(before);
  await page.fill('#search', 'evalu');
  expect(await page.innerText('#found')).toBe('1 found');
  await page.keyboard.press('Enter');
  await panelWith(page, 'exit 3');
  await page.locator('g.node a').first().focus();
  await page.keyboard.press('+');
  await expect.poll(place).not.toBe(before);
  await page.keyboard.press('0');
  await expect.poll(place).toBe(before);
  await page.goBack();
  await panelWith(page, 'sh train.sh 2');
  expect(trouble).toEqual([]);
});

browserTest('the graph is a drawing with text where scripts may not run', async () => {
  const { page, trouble } = await openPage(await written(failed, 'graph', '--html'), { scripts: false });
  expect(await page.locator('svg.graph').isVisible()).toBe(true);
  expect(await page.locator('#graph-tools').isVisible()).toBe(false);
  expect(await page.locator('section.stage:visible').count()).toBe(5);
  expect(trouble).toEqual([]);
});

browserTest('a report on paper shows whole tables and no tools', async () => {
  const { page } = await openPage(await written(failed, 'report'), { scheme: 'dark' });
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  expect(await page.locator('#stage-tools').isVisible()).toBe(false);
  expect(await page.locator('nav').isVisible()).toBe(false);
  expect(await page.evaluate('getComputedStyle(document.body).color')).toBe('rgb(0, 0, 0)');
});

browserTest('one stage and five hundred are drawn alike', async () => {
  const chain = Array.from({ length: 500 }, (_, n) => [
    `stage_${n}`,
    { cmd: 'x', deps: n === 0 ? [] : [`o${Math.floor((n - 1) / 3)}`], outs: [`o${n}`] },
  ]);
  for (const stages of [{ only: { cmd: 'x', outs: ['o'] } }, Object.fromEntries(chain) as object]) {
    const workspace = project({ 'pipeline.yaml': { stages } });
    const { page, trouble } = await openPage(await written(workspace, 'graph', '--html'));
    expect(await page.locator('g.node').count()).toBe(Object.keys(stages).length);
    await page.locator('g.node a').last().focus();
    await page.keyboard.press('Enter');
    await panelWith(page, 'Command');
    expect(trouble).toEqual([]);
  }
});

test('a pipeline without stages has pages, too', async () => {
  const workspace = project({ 'pipeline.yaml': 'stages: {}\n' });
  await written(workspace, 'graph', '--html');
  await written(workspace, 'report');
  expect(workspace.read('.repro/report.html')).toContain('The pipeline has no stages.');
  expect(workspace.read('.repro/graph.html')).toContain('The pipeline has no stages');
});
