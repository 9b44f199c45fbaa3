// Draws JSON as a tree that opens and closes.

import { h } from "./dom.js";

const OPEN_DEPTH = 2;

export function json(value, name = null, depth = 0) {
  const label = name === null ? null : h("span", { class: "json-name" }, `${name}: `);
  if (value === null || typeof value !== "object") {
    return h("div", { class: "json-leaf" }, label, h("span", { class: `json-${value === null ? "null" : typeof value}` }, JSON.stringify(value)));
  }
  const entries = Object.entries(value);
  const [left, right] = Array.isArray(value) ? "[]" : "{}";
  if (!entries.length) return h("div", { class: "json-leaf" }, label, left + right);
  const tree = h("details", { class: "json-tree", created: (node) => (node.open = depth < OPEN_DEPTH) },
    h("summary", null, label, h("span", { class: "muted" }, `${left} ${entries.length} ${right}`)),
    entries.map(([key, one]) => json(one, key, depth + 1)));
  return depth ? tree : h("div", { class: "json" }, tree);
}
