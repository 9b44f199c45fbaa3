// Draws the left side: who one acts as, the channels with their unread marks, and the app.

import { h } from "./dom.js";
import { signOf } from "./channel.js";
import { isUnread, mentions } from "./messages.js";
import { avatar, roleOf } from "./people.js";
import { change, channels, go, state } from "./state.js";
import { openApp, isApp } from "./home.js";
import { look } from "./api.js";

export function sidebar() {
  return h("nav", { class: state.drawer === "sidebar" ? "sidebar is-open" : "sidebar", "aria-label": "Workspace" },
    h("div", { class: "workspace" }, h("span", { class: "workspace-name" }, "Acme"), h("span", { class: "workspace-note" }, "a Slack on your machine")),
    state.offline && h("div", { class: "offline", role: "status" }, "Not connected. Trying again…"),
    h("h2", null, "Act as"),
    h("ul", { class: "people" }, state.screen.people.filter((one) => !one.is_bot).map(personRow)),
    h("h2", null, "Channels"),
    h("ul", null, channels().filter((one) => one.kind !== "im").map(channelRow)),
    h("h2", null, "Apps"),
    h("ul", null, h("li", null, appRow())));
}

function personRow(member) {
  const acting = member.id === state.user;
  const role = roleOf(member);
  return h("li", { key: member.id }, h("button", {
    type: "button", class: acting ? "row person is-here" : "row person", "aria-pressed": acting ? "true" : "false",
    onclick: () => actAs(member.id),
  }, avatar(member.id, "avatar-small"), h("span", { class: "row-name" }, member.name), role && h("span", { class: "row-note" }, role)));
}

function channelRow(channel) {
  const here = state.place === channel.id;
  const unread = !channel.is_archived && isUnread(channel);
  const named = mentions(channel);
  const classes = ["row", here && "is-here", (unread || named > 0) && "is-unread", channel.is_archived && "is-archived"];
  return h("li", { key: channel.id }, h("button", {
    type: "button", class: classes.filter(Boolean).join(" "), "aria-current": here ? "page" : null,
    onclick: () => go({ place: channel.id, thread: null, drawer: null }),
  },
    h("span", { class: "channel-sign" }, signOf(channel)), h("span", { class: "row-name" }, channel.name),
    channel.is_ext_shared && h("span", { class: "row-note", title: "Shared with another organization" }, "shared"),
    named > 0 && h("span", { class: "badge", title: `${named} unread that name you` }, named)));
}

function appRow() {
  const there = channels().find((one) => one.kind === "im");
  const unread = there && isUnread(there);
  return h("button", {
    type: "button", class: ["row", isApp() && "is-here", unread && "is-unread"].filter(Boolean).join(" "),
    "aria-current": isApp() ? "page" : null, onclick: openApp,
  }, h("span", { class: "avatar avatar-bot avatar-small", "aria-hidden": "true" }), h("span", { class: "row-name" }, state.screen.app.name));
}

/** Become somebody else; what they see is fetched before it is drawn. */
async function actAs(id) {
  if (id === state.user) return;
  const place = state.place;
  Object.assign(state, { menu: null, confirm: null, user: id });
  await look();
  const still = place === "home" || channels().some((one) => one.id === place);
  go({ user: id, place: still ? place : channels()[0]?.id || "home", thread: still ? state.thread : null });
  change({ drawer: null });
}
