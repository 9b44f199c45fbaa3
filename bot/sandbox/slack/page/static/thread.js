// Draws the thread pane: the root, its replies, and where one answers.

import { messageList, titleOf } from "./channel.js";
import { composer } from "./composer.js";
import { h } from "./dom.js";
import { message } from "./message.js";
import { replies } from "./messages.js";
import { go } from "./state.js";
import { worldButton } from "./topbar.js";

export function threadPane(channel, ts) {
  const root = channel.messages.find((one) => one.ts === ts);
  const answers = replies(channel, ts);
  const shut = () => go({ thread: null });
  const count = answers.filter((one) => !one.ephemeral).length;
  return h("aside", {
    key: `thread ${channel.id} ${ts}`, class: "thread", "aria-label": "Thread",
    onkeydown: (event) => event.key === "Escape" && !event.defaultPrevented && shut(),
  },
    h("header", { class: "bar" },
      h("h2", { class: "bar-title" }, "Thread"),
      h("span", { class: "bar-note" }, titleOf(channel)),
      worldButton(),
      h("button", { type: "button", class: "icon-button bar-end", "aria-label": "Close thread", onclick: shut }, "✕")),
    messageList(channel, answers, true, [
      root ? message(channel, root, null, true) : h("p", { class: "muted pad" }, "The first message of this thread is gone."),
      h("div", { key: "count", class: "day day-start" }, h("span", null, `${count} ${count === 1 ? "reply" : "replies"}`)),
    ]),
    channel.is_archived ? null : composer({ channel, thread: ts, placeholder: "Reply…" }));
}
