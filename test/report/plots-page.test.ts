// The page of plots in a browser: live under a policy that allows no code from text, readable without scripts, and inert
// whatever names, cells, images and templates hold.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { bundlePlotView } from '../../bench/plot-view.ts';
import { workspaceSnapshot } from '../../src/plan/snapshot.ts';
import { loadPipeline } from '../../src/config/pipeline.ts';
import { renderPlotsPage } from '../../src/report/plots-page.ts';
import { plotsOf } from '../../src/report/plots.ts';
import { browserTest, openPage } from '../rig/browser.ts';
import { project } from '../rig/project.ts';
import type { Files, Workspace } from '../rig/workspace.ts';

let bundle: Promise<string> | undefined;

/** The page of all plots of a project; its path. */
async function pageOf(files: Files, isLive = true): Promise<string> {
  const workspace = project(files);
  const plots = await plotsOf([snapshotOf(workspace)]);
  bundle ??= bundlePlotView().then(({ code }) => code);
  const script = isLive ? await bundle : undefined;
  const { html } = await renderPlotsPage({ title: 'Plots', subtitle: 'workspace', plots, script });
  workspace.write({ 'page.html': html });
  return workspace.path('page.html');
}

function snapshotOf(workspace: Workspace): ReturnType<typeof workspaceSnapshot> {
  const reading = {
    read: (path: string) => (workspace.exists(path) ? Buffer.from(workspace.read(path)) : null),
    kind: (path: string) => (workspace.exists(path) ? ('file' as const) : null),
  };
  const { pipeline, problems } = loadPipeline('pipeline.yaml', reading, { root: workspace.root });
  if (!pipeline) throw new Error(problems.map(({ message }) => message).join('; '));
  return workspaceSnapshot(workspace.root, pipeline);
}

/** Waits for so many; a text to wait for would be evaluated in the page, which its policy forbids. */
async function live(page: Page, count: number): Promise<void> {
  await page
    .locator('.plot-live:not([hidden]) svg')
    .nth(count - 1)
    .waitFor({ state: 'attached' });
}

const CURVE = 'step,loss\n1,0.9\n2,0.5\n3,0.4\n';
const STILL = '[...document.querySelectorAll("picture")].map((each) => !each.hidden)';

browserTest('drawings come to life under the policy of the page, without a complaint', async () => {
  const file = await pageOf({
    'pipeline.yaml': 'plots: [a.csv: {x: step}, b.csv: {x: step, template: smooth}]\n',
    'a.csv': CURVE,
    'b.csv': CURVE,
  });
  const { page, trouble } = await openPage(file);
  await live(page, 2);
  expect(await page.evaluate(STILL)).toEqual([false, false]);
  expect(await page.locator('input[type=range]').count()).toBe(1);
  await page.locator('input[type=range]').fill('0.9');
  expect(await page.locator('.plot-live title, .plot-live svg').count()).toBeGreaterThan(0);
  expect(trouble).toEqual([]);
});

browserTest('without scripts, and on a narrow screen, the static drawing stays in place', async () => {
  const file = await pageOf({ 'pipeline.yaml': 'plots: [a.csv: {x: step}]\n', 'a.csv': CURVE });
  const still = await openPage(file, { scripts: false });
  const box = await still.page.locator('picture img').boundingBox();
  expect(box?.width).toBeGreaterThan(300);
  expect(still.trouble).toEqual([]);
  const narrow = await openPage(file, { width: 360, scheme: 'dark' });
  await narrow.page.locator('.plot-live').waitFor({ state: 'attached' });
  expect(await narrow.page.evaluate(STILL)).toEqual([true]);
  expect(await narrow.page.evaluate('document.documentElement.scrollWidth')).toBe(360);
  await narrow.page.setViewportSize({ width: 900, height: 900 });
  await live(narrow.page, 1);
  expect(narrow.trouble).toEqual([]);
});

const EVIL = '</script><img src=x onerror=alert(1)><svg onload=alert(2)>{{alert(3)}}\'"`<!--';
const cell = (text: string): string => `"${text.replaceAll('"', '""')}"`;

browserTest('names, cells, images and templates of others execute nothing and ask for nothing', async () => {
  const file = await pageOf({
    'pipeline.yaml': JSON.stringify({
      plots: [
        { 'evil.csv': { x: EVIL, y: `${EVIL}2`, title: EVIL, x_label: EVIL, template: 'bar' } },
        { [`${EVIL}/a.csv`]: { x: 'step' } },
        { 'matrix.csv': { x: 'a', y: 'b', template: 'confusion' } },
        'picture.svg',
        { 'own.csv': { template: 'own.json', x: 'step', y: 'loss' } },
        { 'code.csv': { template: 'code.json', x: 'step', y: 'loss' } },
      ],
    }),
    'evil.csv': `${cell(EVIL)},${cell(`${EVIL}2`)}\n${cell(EVIL)},1\n__proto__,2\nconstructor,3\n`,
    [`${EVIL}/a.csv`]: CURVE,
    'matrix.csv': `a,b\n${cell(EVIL)},x\nx,${cell(EVIL)}\n`,
    'picture.svg':
      '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(4)"><script>alert(5)</script><image href="http://127.0.0.1:9/x.png"/></svg>',
    'own.csv': CURVE,
    'code.csv': CURVE,
    'code.json': {
      data: { values: '<DVC_METRIC_DATA>' },
      transform: [{ calculate: "toString.constructor('alert(6)')()", as: 'z' }],
      mark: 'point',
    },
    'own.json': {
      data: { values: '<DVC_METRIC_DATA>' },
      layer: [
        {
          mark: {
            type: 'image',
            url: 'http://127.0.0.1:9/pixel.png',
            href: 'javascript:alert(7)',
            width: 9,
            height: 9,
          },
          encoding: { x: { field: 'step', type: 'quantitative' }, tooltip: { field: 'z' } },
        },
        {
          data: { sequence: { start: 0, stop: 3 } },
          mark: 'point',
          encoding: { href: { value: 'javascript:alert(8)' } },
        },
      ],
    },
  });
  const { page, trouble } = await openPage(file);
  for (const figure of await page.locator('[data-plot]').all()) await figure.scrollIntoViewIfNeeded();
  await live(page, 3);
  for (const link of await page.locator('.plot-live a').all()) await link.click({ force: true });
  expect(trouble).toEqual([]);
  expect(await page.evaluate('document.querySelectorAll("script:not([type])").length')).toBe(1);
  expect(await page.evaluate('document.querySelectorAll("img[onerror]").length')).toBe(0);
  expect(await page.locator('.plot-problem').allTextContents()).toEqual([
    expect.stringContaining('code.csv cannot be drawn with code.json: Illegal callee type'),
  ]);
});

browserTest('an accessibility check finds nothing, in light and dark, live and still', async () => {
  const file = await pageOf({
    'pipeline.yaml': 'plots: [a.csv: {x: step, template: smooth}, gone.csv, picture.svg]\n',
    'a.csv': CURVE,
    'picture.svg': '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"/>',
  });
  const axe = readFileSync(join(import.meta.dirname, '../../node_modules/axe-core/axe.min.js'), 'utf8');
  for (const options of [{}, { scheme: 'dark', width: 360 }] as const) {
    const { page } = await openPage(file, options);
    if (!('width' in options)) await live(page, 1);
    await page.evaluate(axe);
    const found = await page.evaluate<AxeResults>('axe.run()');
    expect(found.violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)])).toEqual([]);
  }
});
