// Draws the middle: a channel's head, its messages day by day, and where one writes.

import { composer } from "./composer.js";
import { h } from "./dom.js";
import { guideCard } from "./guide.js";
import { message } from "./message.js";
import { roots } from "./messages.js";
import { state, worldNow, you } from "./state.js";
import { dayWords, sameDay } from "./time.js";
import { burger, worldButton } from "./topbar.js";

const NEAR_THE_END = 120;

export function channelView(channel) {
  return h("main", { key: `channel ${channel.id}`, class: "channel", "aria-label": titleOf(channel) },
    h("header", { class: "bar" },
      burger(),
      h("h1", { class: "bar-title" }, h("span", { class: "channel-sign" }, signOf(channel)), channel.name),
      channel.is_ext_shared && h("span", { class: "tag" }, "shared with another organization"),
      h("span", { class: "bar-note" }, `${channel.members.length} members`),
      worldButton()),
    messageList(channel, roots(channel), false, roots(channel).length ? null : guideCard(channel)),
    foot(channel));
}

/** Draw messages with lines between the days, kept scrolled to the newest unless one has scrolled up. */
export function messageList(channel, list, inThread, empty) {
  const rows = [];
  list.forEach((one, index) => {
    const before = list[index - 1];
    const at = Number(one.ts) * 1000;
    const newDay = !before || !sameDay(Number(before.ts) * 1000, at, you().tz);
    if (newDay && !inThread) {
      rows.push(h("div", { key: `day ${one.ts}`, class: "day", role: "separator" }, h("span", null, dayWords(at, you().tz, worldNow()))));
    }
    rows.push(message(channel, one, newDay ? null : before, inThread));
  });
  return h("div", {
    key: `list ${channel.id} ${inThread ? state.thread : ""}`, class: "messages", role: "log", tabIndex: 0,
    "aria-label": inThread ? "Thread" : "Messages", onscroll: noteScroll, drawn: keepAtEnd,
  }, empty, rows);
}

function noteScroll(event) {
  const list = event.currentTarget;
  list.pageIsUp = list.scrollHeight - list.scrollTop - list.clientHeight > NEAR_THE_END;
}

function keepAtEnd(list) {
  if (!list.pageIsUp) queueMicrotask(() => (list.scrollTop = list.scrollHeight));
}

function foot(channel) {
  if (channel.is_archived) return h("div", { class: "no-composer" }, `#${channel.name} is archived: nobody can write here.`);
  return composer({ channel, thread: null, placeholder: `Message ${titleOf(channel)}` });
}

export function titleOf(channel) {
  return channel.kind === "im" ? state.screen.app.name : `#${channel.name}`;
}

export function signOf(channel) {
  if (channel.is_archived) return "▣";
  return channel.kind === "groups" ? "🔒" : "#";
}
