// The page's language: what the server wrote on <html> (the customer's, or what the browser prefers).
import type { Catalogue, Fills } from "./catalogue";
import { en } from "./en";
import { zh } from "./zh";

export type Language = "en" | "zh";

export interface Words {
  language: Language;
  /** For Intl: dates and numbers. */
  locale: string;
  say: Catalogue;
}

/** Chooses the words for a BCP 47 tag. What is neither Chinese nor English gets English. */
export function wordsFor(tag: string): Words {
  return /^zh\b/i.test(tag)
    ? { language: "zh", locale: /^zh/i.test(tag) && tag.length > 2 ? tag : "zh-CN", say: zh }
    : { language: "en", locale: /^en-/i.test(tag) ? tag : regional(tag), say: en };
}

// English dates differ by region (5/6 is in May or in June): the reader's browser may know which it is.
function regional(tag: string): string {
  const preferred = globalThis.navigator?.languages?.find((l) => /^en-/i.test(l));
  return preferred ?? (tag || "en");
}

/** Fills the `{names}` of a text. */
export function fill(text: string, fills: Fills): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => fills[name] ?? whole);
}
