// Draws one message: who, when, what, its marks, and the way into its thread.

import { blocks } from "./blocks.js";
import { h } from "./dom.js";
import { emoji } from "./emoji.js";
import { mrkdwn, plainWords } from "./mrkdwn.js";
import { newReplies, replies } from "./messages.js";
import { avatar, nameOf } from "./people.js";
import { go, person, state, worldNow, you } from "./state.js";
import { clock, dayWords, fullWords } from "./time.js";

const TOGETHER_SECONDS = 300;

/** Draw a message; `before` is the one above it, `inThread` tells where it stands. */
export function message(channel, one, before, inThread) {
  const joined = before && belongsTo(before, one);
  const classes = ["message", joined && "is-joined", one.ephemeral && "is-private"].filter(Boolean).join(" ");
  return h("article", { key: one.ts, class: classes, "data-ts": one.ts, "aria-label": `${nameOf(one.user)} at ${timeOf(one)}` },
    h("div", { class: "gutter" }, joined ? h("span", { class: "side-time" }, timeOf(one).replace(/ [AP]M$/, "")) : avatar(one.user)),
    h("div", { class: "message-main" },
      one.ephemeral && h("div", { class: "private-mark" }, eye(), "Only visible to you"),
      inThread && broadcastMark(channel, one, inThread),
      !joined && byline(one),
      !inThread && broadcastMark(channel, one, inThread),
      h("div", { class: "content" }, content(channel, one)),
      (one.reactions || []).map((reaction) => h("span", { class: "reaction" }, `${emoji(reaction.name)} ${reaction.count}`)),
      !inThread && threadLink(channel, one)),
    !inThread && !one.ephemeral && h("button", {
      type: "button", class: "reply-button", title: "Reply in thread", "aria-label": "Reply in thread",
      onclick: () => openThread(one),
    }, "💬"));
}

function belongsTo(before, one) {
  const marked = one.ephemeral || before.ephemeral || one.subtype || before.subtype;
  return !marked && before.user === one.user && Number(one.ts) - Number(before.ts) < TOGETHER_SECONDS;
}

function timeOf(one) {
  return clock(Number(one.ts) * 1000, you().tz);
}

function byline(one) {
  return h("div", { class: "byline" },
    h("span", { class: "author" }, nameOf(one.user)),
    person(one.user)?.is_bot && h("span", { class: "app-mark" }, "APP"),
    h("time", { class: "when", title: fullWords(Number(one.ts) * 1000, you().tz) }, timeOf(one)));
}

function content(channel, one) {
  if (one.plain) return h("div", { class: "text" }, one.text);
  const surface = { id: `${channel.id}|${one.ts}`, address: { channel: channel.id, ts: one.ts }, values: {}, errors: {} };
  const body = one.blocks?.length ? blocks(one.blocks, surface) : h("div", { class: "text" }, mrkdwn(one.text));
  return [
    body,
    one.edited && h("span", { class: "muted edited" }, "(edited)"),
    (one.attachments || []).map((attachment) => h("div", { class: "attachment" },
      attachment.blocks ? blocks(attachment.blocks, surface) : mrkdwn(attachment.text || attachment.fallback || ""))),
  ];
}

function broadcastMark(channel, one, inThread) {
  if (one.subtype !== "thread_broadcast") return null;
  if (inThread) return h("div", { class: "broadcast-mark" }, `Also sent to #${channel.name}`);
  const root = channel.messages.find((other) => other.ts === one.thread_ts);
  return h("div", { class: "broadcast-mark" }, h("span", null, "replied to a thread:"),
    h("button", { type: "button", class: "link broadcast-root", onclick: () => openThread(one) }, root ? preview(root) : "…"));
}

function preview(root) {
  const words = plainWords(root.text);
  return words.length > 200 ? `${words.slice(0, 199)}…` : words;
}

function threadLink(channel, one) {
  if (one.subtype === "thread_broadcast") return null;
  const answers = replies(channel, one.ts).filter((reply) => !reply.ephemeral);
  if (!answers.length) return null;
  const last = Number(answers[answers.length - 1].ts) * 1000;
  const people = [...new Set(answers.map((reply) => reply.user))].slice(0, 4);
  const fresh = newReplies(channel, one.ts);
  return h("button", { type: "button", class: state.thread === one.ts ? "thread-link is-open" : "thread-link", onclick: () => openThread(one) },
    h("span", { class: "thread-people" }, people.map((id) => avatar(id, "avatar-small"))),
    h("strong", null, `${answers.length} ${answers.length === 1 ? "reply" : "replies"}`),
    fresh > 0 && h("span", { class: "new-mark" }, `${fresh} new`),
    h("span", { class: "muted" }, `Last reply ${dayWords(last, you().tz, worldNow()).toLowerCase()} at ${clock(last, you().tz)}`));
}

function openThread(one) {
  go({ thread: one.thread_ts || one.ts });
}

function eye() {
  return h("svg", { class: "eye", viewBox: "0 0 20 20", "aria-hidden": "true" },
    h("path", { d: "M2 10s3-5.5 8-5.5 8 5.5 8 5.5-3 5.5-8 5.5-8-5.5-8-5.5Z" }), h("circle", { cx: "10", cy: "10", r: "2.5" }));
}
