// Tells a newcomer what to do, step by step, and ticks off what has happened.

import { h } from "./dom.js";
import { channels, state } from "./state.js";

/** The steps as a list; a step is done once its words stand in some message. */
export function guide() {
  const steps = state.guide || [];
  if (!steps.length) return null;
  const said = channels().flatMap((one) => one.messages).map((one) => `${one.text} ${JSON.stringify(one.blocks || [])}`);
  const done = steps.map((step) => step.seen.some((words) => said.some((text) => text.includes(words))));
  const next = done.lastIndexOf(true) + 1;
  return h("ol", { class: "guide" }, steps.map((step, index) => h("li", {
    key: index, class: index < next ? "is-done" : index === next ? "is-next" : "",
  }, h("span", { class: "guide-mark", "aria-hidden": "true" }, index < next ? "✓" : index + 1), h("span", null, coded(step.text)))));
}

/** What an empty channel shows: where one is, and what to do. */
export function guideCard(channel) {
  return h("div", { key: "guide", class: "empty" },
    h("h2", null, `Welcome to #${channel.name}`),
    h("p", { class: "muted" }, "This is a Slack workspace on your own machine. Nothing here leaves it."),
    guide());
}

function coded(text) {
  return text.split("`").map((piece, index) => (index % 2 ? h("code", null, piece) : piece));
}
