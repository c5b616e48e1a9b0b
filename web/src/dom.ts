// The few things that the pages need to build elements. Text always goes in as text, never as markup.

type Child = Node | string | undefined | false;

/** Makes an element: `h("p", { class: "quiet" }, "text")`. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string | undefined> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((c): c is Node | string => c !== undefined && c !== false && c !== ""));
  return element;
}

/** Finds an element that the page's markup must have. */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return element as T;
}

/** Sets text only when it changed: screen readers announce a live region at every write. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** A time as an element that programs can read too. */
export function time(at: Date, text: string): HTMLTimeElement {
  return h("time", { datetime: at.toISOString() }, text);
}
