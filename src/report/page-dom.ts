// The little of a browser that our scripts use, as types: the program itself never runs in one, so its types are not loaded.
// A script is a function that uses nothing but its arguments and the language; its source text goes into the page.

export interface PageElement {
  id: string;
  hidden: boolean;
  open: boolean;
  value: string;
  textContent: string | null;
  readonly dataset: Record<string, string | undefined>;
  readonly children: Iterable<PageElement>;
  readonly parentElement: PageElement | null;
  readonly classList: { toggle(name: string, on: boolean): void };
  getAttribute(name: string): string | null;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  closest(selector: string): PageElement | null;
  querySelector(selector: string): PageElement | null;
  querySelectorAll(selector: string): Iterable<PageElement>;
  append(...children: readonly PageElement[]): void;
  replaceChildren(...children: readonly PageElement[]): void;
  addEventListener(kind: string, listener: (event: PageEvent) => void, options?: { readonly passive: boolean }): void;
  getBoundingClientRect(): {
    readonly left: number;
    readonly top: number;
    readonly width: number;
    readonly height: number;
  };
  setPointerCapture(id: number): void;
  focus(options?: { readonly preventScroll: boolean }): void;
  scrollIntoView(options?: { readonly block: 'nearest' | 'start' }): void;
}

export interface PageEvent {
  readonly target: PageElement | null;
  readonly key: string;
  readonly button: number;
  readonly pointerId: number;
  readonly clientX: number;
  readonly clientY: number;
  readonly deltaY: number;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  preventDefault(): void;
}

export interface PageDocument {
  readonly documentElement: PageElement;
  getElementById(id: string): PageElement | null;
  createElement(tag: string): PageElement;
  querySelector(selector: string): PageElement | null;
  querySelectorAll(selector: string): Iterable<PageElement>;
}

export interface PageWindow {
  readonly location: { hash: string };
  addEventListener(kind: string, listener: () => void): void;
}

/** The source of a script that calls a function with the browser's own document and window; `helpers`: what it calls. */
export function scriptOf(
  behaviour: (document: PageDocument, window: PageWindow) => void,
  helpers: readonly { toString(): string; readonly name: string }[] = [],
): string {
  const sources = [...helpers, behaviour].map((each) => each.toString());
  return `(()=>{${sources.join('\n')}\n${behaviour.name}(document,window)})();`;
}
