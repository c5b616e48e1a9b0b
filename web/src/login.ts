// The sign-in page works without this; with it, it says what went wrong and where to go on.
import "./message.css";
import { byId, setText } from "./dom";
import { wordsFor } from "./words/language";

const query = new URLSearchParams(location.search);
const { login } = wordsFor(document.documentElement.lang).say;
const problems: Record<string, string> = { refused: login.refused, role: login.role, busy: login.busy };

setText(byId("problem"), problems[query.get("problem") ?? ""] ?? "");
document.querySelector<HTMLInputElement>("[name=next]")!.value = query.get("next") ?? "";
document.documentElement.dataset["ready"] = "true";
