// Draws the modal on top of the acting person's screen, and what its buttons and keys do.

import { blocks } from "./blocks.js";
import { h } from "./dom.js";
import { enter, trap } from "./focus.js";
import { close, submit } from "./gestures.js";
import { wordsOf } from "./mrkdwn.js";
import { state } from "./state.js";

export function modal() {
  const view = state.screen.modals.at(-1);
  if (!view) return null;
  const surface = { id: view.id, address: { view: view.id }, values: view.state.values, errors: view.errors };
  const title = wordsOf(view.title);
  const page = view.blocks.find((block) => block.type === "input")?.block_id || view.hash;
  return h("div", { key: `shade ${view.root_view_id}`, class: "shade", onmousedown: (event) => event.preventDefault() },
    h("form", {
      key: view.id, class: "dialog", role: "dialog", "aria-modal": "true", "aria-label": title, tabIndex: -1,
      autocomplete: "off", onmousedown: (event) => event.stopPropagation(), drawn: (node) => queueMicrotask(() => state.confirm || enter(node, page)),
      onsubmit: (event) => (event.preventDefault(), view.submit && submit(view)),
      onkeydown: (event) => keys(event, view),
    },
      h("header", { class: "dialog-head" },
        h("span", { class: "avatar avatar-bot avatar-small", "aria-hidden": "true" }),
        h("h2", null, title),
        h("button", { type: "button", class: "icon-button", "aria-label": "Close", onclick: () => close(true) }, "✕")),
      h("div", { class: "dialog-body" },
        view.trouble && h("div", { class: "alert", role: "alert" }, view.trouble),
        blocks(view.blocks, surface)),
      foot(view)));
}

function foot(view) {
  const busy = state.busy.has(`${view.id}|submit`);
  return h("footer", { class: "dialog-foot" },
    h("button", { type: "button", class: view.submit ? "button" : "button dialog-main", onclick: () => close() }, wordsOf(view.close) || "Cancel"),
    view.submit && h("button", {
      type: "submit", class: "button button-primary dialog-main", "aria-busy": busy ? "true" : null,
    }, busy && h("span", { class: "spinner" }), h("span", null, wordsOf(view.submit))));
}

function keys(event, view) {
  trap(event, event.currentTarget);
  if (event.key === "Escape") {
    event.preventDefault();
    close();
  } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && view.submit) {
    event.preventDefault();
    submit(view);
  }
}
