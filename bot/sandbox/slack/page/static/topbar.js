// The two buttons that open the sides of the page where the window is too small to show them.

import { h } from "./dom.js";
import { change, state } from "./state.js";
import { faultCount } from "./traffic.js";

export function burger() {
  return h("button", {
    type: "button", class: "icon-button burger", "aria-label": "Channels and people",
    onclick: () => change({ drawer: state.drawer === "sidebar" ? null : "sidebar" }),
  }, "☰");
}

export function worldButton() {
  const faults = faultCount();
  return h("button", {
    type: "button", class: "world-button bar-end", "aria-label": "The world: time, failures, traffic",
    onclick: () => change({ drawer: state.drawer === "world" ? null : "world" }),
  }, "World", faults > 0 && h("span", { class: "badge" }, faults));
}
