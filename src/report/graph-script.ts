// What scripts add to the page of the graph: zoom, pan, search, and the details of a stage beside the drawing. The address
// holds the stage, so that links and the way back work. Runs in the browser: the functions use each other, their arguments
// and the language only.
import { scriptOf } from './page-dom.ts';
import type { PageDocument, PageElement, PageEvent, PageWindow } from './page-dom.ts';

export function graphScript(): string {
  return scriptOf(exploreGraph, [cameraOf, panAndZoom, keysAndButtons, showStages, searchStages]);
}

interface Camera {
  zoom(factor: number, x: number, y: number): void;
  zoomMiddle(factor: number): void;
  /** `least`: not smaller than this, even if not all can be seen. */
  fit(least: number): void;
  move(x: number, y: number): void;
  /** Brings an element into view. */
  reveal(element: PageElement): void;
}

function exploreGraph(document: PageDocument, window: PageWindow): void {
  const svg = document.querySelector('svg.graph');
  const view = document.querySelector('g.view');
  if (!svg || !view) return;
  document.documentElement.dataset['scripts'] = 'on';
  const camera = cameraOf(svg, view);
  panAndZoom(svg, camera);
  keysAndButtons(document, camera);
  searchStages(document, window);
  // At first never so small that nothing can be read.
  camera.fit(0.5);
  const first = document.querySelector('g.node');
  if (first) camera.reveal(first);
  showStages(document, window, camera);
}

function cameraOf(svg: PageElement, view: PageElement): Camera {
  const size = { width: Number(svg.getAttribute('width')), height: Number(svg.getAttribute('height')) };
  for (const name of ['width', 'height', 'viewBox']) svg.removeAttribute(name);
  const at = { x: 0, y: 0, scale: 1 };
  const draw = (): void => view.setAttribute('transform', `translate(${at.x} ${at.y}) scale(${at.scale})`);
  const limit = (scale: number): number => Math.min(4, Math.max(0.02, scale));
  /** The point under the pointer stays where it is. */
  const zoom = (factor: number, x: number, y: number): void => {
    const scale = limit(at.scale * factor);
    at.x = x - ((x - at.x) * scale) / at.scale;
    at.y = y - ((y - at.y) * scale) / at.scale;
    at.scale = scale;
    draw();
  };
  const move = (x: number, y: number): void => {
    at.x += x;
    at.y += y;
    draw();
  };
  return {
    zoom,
    zoomMiddle: (factor) => {
      const { width, height } = svg.getBoundingClientRect();
      zoom(factor, width / 2, height / 2);
    },
    fit: (least) => {
      const { width, height } = svg.getBoundingClientRect();
      at.scale = limit(Math.max(least, Math.min(1, width / size.width, height / size.height)));
      at.x = Math.max(0, (width - size.width * at.scale) / 2);
      at.y = Math.max(0, (height - size.height * at.scale) / 2);
      draw();
    },
    move,
    reveal: (element) => {
      const frame = svg.getBoundingClientRect();
      const box = element.getBoundingClientRect();
      const isAcross = box.left >= frame.left && box.left + box.width <= frame.left + frame.width;
      const isDown = box.top >= frame.top && box.top + box.height <= frame.top + frame.height;
      const x = frame.left + frame.width / 2 - (box.left + box.width / 2);
      const y = frame.top + frame.height / 2 - (box.top + box.height / 2);
      if (!isAcross || !isDown) move(x, y);
    },
  };
}

function panAndZoom(svg: PageElement, camera: Camera): void {
  let last: { readonly x: number; readonly y: number } | undefined;
  let travelled = 0;
  svg.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      const { left, top } = svg.getBoundingClientRect();
      const factor = Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015));
      camera.zoom(factor, event.clientX - left, event.clientY - top);
    },
    { passive: false },
  );
  svg.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    last = { x: event.clientX, y: event.clientY };
    travelled = 0;
  });
  svg.addEventListener('pointermove', (event) => {
    if (!last) return;
    const [x, y] = [event.clientX - last.x, event.clientY - last.y];
    // A hand is never quite still: a few pixels are a click.
    if (travelled === 0 && Math.hypot(x, y) < 5) return;
    if (travelled === 0) svg.setPointerCapture(event.pointerId);
    travelled += 1;
    last = { x: event.clientX, y: event.clientY };
    svg.classList.toggle('moving', true);
    camera.move(x, y);
  });
  const release = (): void => {
    last = undefined;
    svg.classList.toggle('moving', false);
  };
  svg.addEventListener('pointerup', release);
  svg.addEventListener('pointercancel', release);
  svg.addEventListener('dragstart', (event) => event.preventDefault());
  // The capture keeps the click from the box; not every browser agrees.
  svg.addEventListener('click', (event) => {
    if (travelled > 0) event.preventDefault();
    travelled = 0;
  });
  svg.addEventListener('focusin', (event) => {
    const node = event.target?.closest('g.node');
    if (node && !last) camera.reveal(node);
  });
}

function keysAndButtons(document: PageDocument, camera: Camera): void {
  const tools = document.getElementById('graph-tools');
  if (tools) tools.hidden = false;
  const on = (id: string, act: () => void): void => document.getElementById(id)?.addEventListener('click', act);
  on('zoom-in', () => camera.zoomMiddle(1.3));
  on('zoom-out', () => camera.zoomMiddle(1 / 1.3));
  on('fit', () => camera.fit(0));
  const keys: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => camera.move(60, 0),
    ArrowRight: () => camera.move(-60, 0),
    ArrowUp: () => camera.move(0, 60),
    ArrowDown: () => camera.move(0, -60),
    '+': () => camera.zoomMiddle(1.3),
    '-': () => camera.zoomMiddle(1 / 1.3),
    '0': () => camera.fit(0),
  };
  document.getElementById('viewport')?.addEventListener('keydown', (event: PageEvent) => {
    const act = event.ctrlKey || event.metaKey ? undefined : keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}

/** Shows the stage that the address names, or the legend. */
function showStages(document: PageDocument, window: PageWindow, camera: Camera): void {
  const nodes = [...document.querySelectorAll('g.node')];
  const edges = [...document.querySelectorAll('path.edge')];
  const sections = [...document.querySelectorAll('#panel>section')];
  const show = (): void => {
    const hash = window.location.hash.slice(1);
    const chosen = sections.find((section) => section.id === hash) ?? sections[0];
    for (const section of sections) section.classList.toggle('shown', section === chosen);
    const stage = hash.replace(/^stage-/, '');
    const picked = nodes.find((node) => (node.dataset['members'] ?? '').split(' ').includes(stage));
    const number = picked?.dataset['node'];
    for (const node of nodes) node.classList.toggle('picked', node === picked);
    for (const edge of edges) {
      const touches = edge.dataset['from'] === number || edge.dataset['to'] === number;
      edge.classList.toggle('lit', number !== undefined && touches);
      // Lines share their ways: those that matter are drawn last.
      if (number !== undefined && touches) edge.parentElement?.append(edge);
    }
    if (picked) camera.reveal(picked);
  };
  window.addEventListener('hashchange', show);
  show();
}

function searchStages(document: PageDocument, window: PageWindow): void {
  const nodes = [...document.querySelectorAll('g.node')];
  const search = document.getElementById('search');
  const found = document.getElementById('found');
  if (!search || !found) return;
  const look = (): PageElement[] => {
    const wanted = search.value.trim().toLowerCase();
    const isHit = (node: PageElement): boolean => (node.textContent ?? '').toLowerCase().includes(wanted);
    const hits = wanted === '' ? [] : nodes.filter(isHit);
    for (const node of nodes) {
      node.classList.toggle('hit', wanted !== '' && isHit(node));
      node.classList.toggle('off', wanted !== '' && !isHit(node));
    }
    found.textContent = wanted === '' ? '' : `${hits.length} found`;
    return hits;
  };
  search.addEventListener('input', () => void look());
  search.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') search.value = '';
    const [first] = look();
    const target = first?.querySelector('a')?.getAttribute('href');
    if (event.key === 'Enter' && target !== null && target !== undefined) window.location.hash = target;
  });
}
