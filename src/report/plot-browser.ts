// Runs in a page, bundled with Vega by the build: puts a live drawing in the place of each static one that is seen and has
// room. Makes no code from text and loads nothing. Whatever fails, the static drawing stays.
import { safeView } from './vega-view.ts';

/** The little of a browser that is used here; the program itself never runs in one. */
interface PageElement {
  hidden: boolean;
  className: string;
  readonly clientWidth: number;
  readonly textContent: string | null;
  getAttribute(name: string): string | null;
  querySelector(selector: string): PageElement | null;
  append(child: PageElement): void;
  replaceChildren(): void;
}

interface PageWindow {
  readonly document: {
    querySelectorAll(selector: string): Iterable<PageElement>;
    getElementById(id: string): PageElement | null;
    createElement(tag: string): PageElement;
  };
  matchMedia(query: string): {
    readonly matches: boolean;
    addEventListener(event: 'change', listener: () => void): void;
  };
  readonly IntersectionObserver: new (
    seen: (entries: readonly { readonly isIntersecting: boolean; readonly target: PageElement }[]) => void,
    options: { readonly rootMargin: string },
  ) => { observe(element: PageElement): void; unobserve(element: PageElement): void };
  addEventListener(event: 'resize', listener: () => void): void;
}

/** What a page keeps of a plot: two specifications, and once the rows that both draw. */
interface PlotData {
  readonly width: number;
  readonly light: VegaSpec;
  readonly dark: VegaSpec;
  readonly rows: Readonly<Record<string, unknown>>;
}

interface VegaSpec {
  readonly data?: readonly { readonly name: string }[];
}

type LiveView = ReturnType<typeof safeView>;

// In a page the global object is the window.
const page = globalThis as unknown as PageWindow;
const dark = page.matchMedia('(prefers-color-scheme: dark)');
const shown = new Map<
  PageElement,
  { readonly data: PlotData; readonly live: PageElement; view: LiveView | undefined }
>();

const observer = new page.IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      observer.unobserve(target);
      void show(target);
    }
  },
  { rootMargin: '200px' },
);

for (const figure of page.document.querySelectorAll('[data-plot]')) observer.observe(figure);
dark.addEventListener('change', () => {
  for (const figure of shown.keys()) void draw(figure);
});
page.addEventListener('resize', () => {
  for (const figure of shown.keys()) chooseForm(figure);
});

async function show(figure: PageElement): Promise<void> {
  const text = page.document.getElementById(figure.getAttribute('data-plot') ?? '')?.textContent;
  if (!text) return;
  const live = page.document.createElement('div');
  live.className = 'plot-live';
  live.hidden = true;
  figure.append(live);
  // The block was written by the program that made the page.
  shown.set(figure, { data: JSON.parse(text) as PlotData, live, view: undefined });
  await draw(figure);
}

async function draw(figure: PageElement): Promise<void> {
  const entry = shown.get(figure);
  if (!entry) return;
  const { data, live } = entry;
  try {
    entry.view?.finalize();
    live.replaceChildren();
    const spec = withRows(dark.matches ? data.dark : data.light, data.rows);
    const view = safeView(spec, { renderer: 'svg', container: live as never, hover: true });
    entry.view = view;
    await view.runAsync();
    chooseForm(figure);
  } catch {
    shown.delete(figure);
    live.hidden = true;
  }
}

/** A drawing that had to be shrunk would answer the pointer in the wrong places: then the static one is shown. */
function chooseForm(figure: PageElement): void {
  const entry = shown.get(figure);
  const still = figure.querySelector('picture');
  if (!entry?.view || !still) return;
  const fits = figure.clientWidth >= entry.data.width;
  entry.live.hidden = !fits;
  still.hidden = fits;
}

function withRows(spec: VegaSpec, rows: PlotData['rows']): object {
  const data = (spec.data ?? []).map((source) =>
    // Vega writes into the rows that it is given.
    Object.hasOwn(rows, source.name) ? { ...source, values: structuredClone(rows[source.name]) } : source,
  );
  return { ...spec, data };
}
