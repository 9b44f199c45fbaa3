// Draws Block Kit: each kind of block and button as Slack lays them out.

import { h } from "./dom.js";
import { keyOf, press } from "./gestures.js";
import { input } from "./inputs.js";
import { textOf, wordsOf } from "./mrkdwn.js";
import { richText } from "./rich.js";
import { change, state } from "./state.js";

const STATUS = { pending: "○", in_progress: "◐", complete: "✓", error: "✗" };

/** Draw the blocks of a surface: a message, a modal or a Home tab. */
export function blocks(list, surface) {
  return list.map((block, index) => {
    const draw = KINDS[block.type] || unknown;
    const key = block.block_id || `at ${index}`;
    return h("div", { key, class: `block block-${block.type}`, "data-block": block.block_id }, draw(block, surface));
  });
}

const KINDS = {
  header: (block) => h("h3", null, textOf(block.text)),
  divider: () => h("hr"),
  section,
  context: (block) => block.elements.map((one) => h("span", { class: "context-part" }, one.type === "image" ? image(one) : textOf(one))),
  actions: (block, surface) => block.elements.map((one) => element(block, one, surface, wordsOf(one.placeholder))),
  input: field,
  image: (block) => [block.title && h("div", { class: "image-title" }, textOf(block.title)), image(block)],
  rich_text: (block) => richText(block),
  markdown: (block) => h("div", { class: "markdown" }, block.text),
  table,
  alert: (block) => h("div", { class: "alert" }, textOf(block.text)),
  task_card: task,
  plan: (block) => [h("strong", null, typeof block.title === "string" ? block.title : textOf(block.title)), (block.tasks || []).map(task)],
  card: (block, surface) => [
    [block.title, block.subtitle, block.body].filter(Boolean).map((text) => h("div", null, textOf(text))),
    (block.actions || []).map((one) => element(block, one, surface, "")),
  ],
};

function unknown(block) {
  return h("em", { class: "muted" }, `(A block of type ${block.type}; this page does not draw it.)`);
}

function section(block, surface) {
  return [
    h("div", { class: "section-body" },
      block.text && h("div", { class: "text" }, textOf(block.text)),
      block.fields && h("div", { class: "fields" }, block.fields.map((one) => h("div", { class: "text" }, textOf(one))))),
    block.accessory && h("div", { class: "accessory" }, element(block, block.accessory, surface, wordsOf(block.text))),
  ];
}

function field(block, surface) {
  const error = state.faults[surface.id]?.[block.block_id] || surface.errors?.[block.block_id];
  const label = wordsOf(block.label);
  return h("div", { class: error ? "field has-error" : "field" },
    h("div", { class: "label" }, label, block.optional && h("span", { class: "muted" }, " (optional)")),
    element(block, block.element, surface, label),
    error && h("div", { class: "field-error", role: "alert" }, error),
    block.hint && h("div", { class: "hint" }, textOf(block.hint)));
}

function element(block, one, surface, label) {
  if (one.type === "button" || one.type === "workflow_button") return button(block, one, surface);
  if (one.type === "overflow") return overflow(block, one, surface);
  if (one.type === "image") return image(one);
  return input(surface, block, one, label) || unknown(one);
}

function button(block, one, surface) {
  const key = keyOf(surface, block, one);
  const busy = state.busy.has(key);
  const trouble = state.troubled[key];
  return h("span", { key, class: "button-place" },
    h("button", {
      type: "button", class: `button ${one.style ? `button-${one.style}` : ""}`, "aria-label": one.accessibility_label,
      "aria-busy": busy ? "true" : null, "data-element": key, onclick: () => press(surface, block, one),
    }, busy && h("span", { class: "spinner" }), h("span", null, textOf(one.text))),
    trouble && h("span", { class: "trouble-mark", role: "alert", title: trouble }, `⚠ ${trouble}`));
}

function overflow(block, one, surface) {
  const key = keyOf(surface, block, one);
  const isOpen = state.menu?.key === key;
  const shut = () => change({ menu: null });
  return h("span", { key, class: "overflow", onkeydown: (event) => event.key === "Escape" && isOpen && (event.stopPropagation(), shut()) },
    h("button", {
      type: "button", class: "button", "aria-label": "More", "aria-expanded": isOpen ? "true" : "false",
      onclick: () => change({ menu: isOpen ? null : { key } }),
    }, "⋯"),
    isOpen && h("div", { class: "overflow-menu", role: "menu" }, one.options.map((option) => h("button", {
      type: "button", role: "menuitem", onclick: () => (shut(), press(surface, block, one, option)),
    }, textOf(option.text)))));
}

/** Pictures lie elsewhere, and this page fetches nothing from elsewhere: their description stands for them. */
function image(one) {
  return h("span", { class: "image", title: one.image_url || "" }, `🖼 ${one.alt_text}`);
}

function table(block) {
  return h("table", null, h("tbody", null, block.rows.map((row) => h("tr", null, row.map((cell) => h("td", null,
    cell.type === "rich_text" ? richText(cell) : String(cell.text ?? cell.value ?? "")))))));
}

function task(one) {
  return h("div", { class: "task" }, `${STATUS[one.status || "pending"]} ${one.title}`,
    [one.details, one.output].filter(Boolean).map(richText));
}
