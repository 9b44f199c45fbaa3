// Draws the app's own place: its Home tab and its direct messages.

import { act, look } from "./api.js";
import { blocks } from "./blocks.js";
import { messageList } from "./channel.js";
import { composer } from "./composer.js";
import { h } from "./dom.js";
import { roots } from "./messages.js";
import { change, channels, go, state } from "./state.js";
import { burger, worldButton } from "./topbar.js";

export function isApp() {
  return state.place === "home" || channels().some((one) => one.id === state.place && one.kind === "im");
}

/** Go to the app: its Home tab where it has one, else its messages. */
export async function openApp() {
  go({ place: "home", thread: null, drawer: null, tab: state.screen.app.home_tab ? "home" : "messages" });
  await tell();
}

async function tell() {
  await act("open_home", { tab: state.tab || "home" });
  await look();
}

export function homeView() {
  const messages = channels().find((one) => one.kind === "im");
  const tab = state.tab || (state.screen.app.home_tab ? "home" : "messages");
  return h("main", { key: "home", class: "channel", "aria-label": state.screen.app.name },
    h("header", { class: "bar" }, burger(),
      h("span", { class: "avatar avatar-bot avatar-small", "aria-hidden": "true" }),
      h("h1", { class: "bar-title" }, state.screen.app.name),
      h("div", { class: "tabs", role: "tablist" }, [["home", "Home"], ["messages", "Messages"]].map(([id, label]) => h("button", {
        key: id, type: "button", role: "tab", class: tab === id ? "tab is-here" : "tab", "aria-selected": tab === id ? "true" : "false",
        onclick: () => (change({ tab: id }), tell()),
      }, label))),
      worldButton()),
    tab === "home" ? home() : conversation(messages));
}

function home() {
  const view = state.screen.home;
  if (!view) {
    const why = state.screen.app.home_tab ? "has not published a Home tab for you." : "has no Home tab (its manifest has none).";
    return h("div", { class: "empty" }, h("p", null, `${state.screen.app.name} ${why}`));
  }
  const surface = { id: view.id, address: { view: view.id }, values: view.state.values, errors: view.errors };
  return h("div", { class: "home-body", tabIndex: 0 }, blocks(view.blocks, surface));
}

function conversation(channel) {
  if (!channel) return h("div", { class: "empty" }, h("p", null, `You and ${state.screen.app.name} have no messages yet.`));
  const list = roots(channel);
  const empty = list.length ? null : h("div", { class: "empty" }, h("p", null, `What ${state.screen.app.name} tells you alone appears here.`));
  return [messageList(channel, list, false, empty), composer({ channel, thread: null, placeholder: `Message ${state.screen.app.name}` })];
}
