// Starts the page: finds out where one is, draws, and stays up to date.

import { act, listen, look, readMenu } from "./api.js";
import { channelView } from "./channel.js";
import { confirmDialog } from "./confirm.js";
import { h, render } from "./dom.js";
import { giveBack, remember } from "./focus.js";
import { homeView, isApp } from "./home.js";
import { markRead, mentions, readBefore } from "./messages.js";
import { modal } from "./modal.js";
import { panel } from "./panel.js";
import { sidebar } from "./sidebar.js";
import { change, channelNow, channels, dismiss, drawWith, go, person, state, whereabouts, you } from "./state.js";
import { threadPane } from "./thread.js";
import { readNews } from "./traffic.js";

const page = document.getElementById("page");
const FIRST_PERSON = "U0ANNA00001";
const FIRST_PLACE = "backups";
let hadDialog = false;

function draw() {
  if (!state.screen) return;
  const dialog = modal();
  const hasDialog = Boolean(dialog || state.confirm);
  if (hasDialog && !hadDialog) remember();
  const channel = channelNow();
  const thread = state.thread && channel && !isApp() ? threadPane(channel, state.thread) : null;
  document.body.className = [thread && "has-thread", hasDialog && "has-dialog"].filter(Boolean).join(" ");
  render(page, [
    h("div", { key: "frame", class: "frame", inert: hasDialog }, sidebar(), isApp() ? homeView() : channel && channelView(channel), thread),
    panel(),
    state.drawer && h("div", { key: "veil", class: "veil", onclick: () => change({ drawer: null }) }),
    dialog,
    confirmDialog(),
    h("div", { key: "toasts", class: "toasts", role: "status" }, state.toasts.map((one) => h("div", { key: one.id, class: `toast toast-${one.kind}` },
      h("span", null, one.text), h("button", { type: "button", class: "icon-button", "aria-label": "Dismiss", onclick: () => dismiss(one.id) }, "✕")))),
  ]);
  if (hadDialog && !hasDialog) giveBack();
  hadDialog = hasDialog;
  document.title = title(channel);
  noteRead(channel);
}

function title(channel) {
  const named = channels().reduce((sum, one) => sum + mentions(one), 0);
  return `${named ? `(${named}) ` : ""}${channel ? channel.name : state.screen.app.name} – ${you().name} – Local Slack`;
}

function noteRead(channel) {
  if (!channel || document.visibilityState !== "visible") return;
  markRead(channel);
  if (state.thread) markRead(channel, state.thread);
}

async function start() {
  const where = whereabouts();
  Object.assign(state, { ...where, user: where.user || FIRST_PERSON, read: readBefore() });
  drawWith(draw);
  if (performance.getEntriesByType("navigation")[0]?.type === "reload") await act("reload");
  await look();
  if (!state.screen || !person(state.user)) return;
  const known = channels().some((one) => one.id === state.place) || state.place === "home";
  const first = channels().find((one) => one.name === FIRST_PLACE) || channels()[0];
  go({ place: known ? state.place : first.id });
  const menu = await readMenu();
  if (menu.status === 200) change(menu.body);
  await readNews();
  listen(() => {
    look();
    readNews();
  });
  setInterval(() => document.visibilityState === "visible" && change(), 1000);
}

window.addEventListener("hashchange", async () => {
  const where = whereabouts();
  if (where.user === state.user && where.place === state.place && where.thread === state.thread) return;
  Object.assign(state, where);
  await look();
  change();
});
document.addEventListener("visibilitychange", () => change());

start();
