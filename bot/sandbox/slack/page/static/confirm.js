// Asks before a button does what it does, as its confirm dialog says.

import { h } from "./dom.js";
import { enter, trap } from "./focus.js";
import { textOf, wordsOf } from "./mrkdwn.js";
import { change, state } from "./state.js";

export function confirmDialog() {
  if (!state.confirm) return null;
  const { question, yes } = state.confirm;
  const no = () => change({ confirm: null });
  const agree = () => {
    change({ confirm: null });
    yes();
  };
  return h("div", { key: "confirm", class: "shade shade-confirm" },
    h("div", {
      class: "dialog dialog-small", role: "alertdialog", "aria-modal": "true", "aria-label": wordsOf(question.title), tabIndex: -1,
      drawn: (node) => queueMicrotask(() => enter(node)),
      onkeydown: (event) => (trap(event, event.currentTarget), event.key === "Escape" && (event.preventDefault(), no())),
    },
      h("header", { class: "dialog-head" }, h("h2", null, wordsOf(question.title))),
      h("div", { class: "dialog-body" }, h("div", { class: "text" }, textOf(question.text))),
      h("footer", { class: "dialog-foot" },
        h("button", { type: "button", class: "button", onclick: no }, wordsOf(question.deny)),
        h("button", {
          type: "button", class: `button dialog-main ${question.style === "danger" ? "button-danger" : "button-primary"}`, onclick: agree,
        }, wordsOf(question.confirm)))));
}
