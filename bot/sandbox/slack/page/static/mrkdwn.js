// Reads Slack's mark-up into elements: quotes, code, mentions, links, dates, emphasis, emoji.

import { h } from "./dom.js";
import { CODE, emoji, withEmoji } from "./emoji.js";
import { person, state, worldNow, you } from "./state.js";
import { fillPattern, fullWords } from "./time.js";

const ENTITIES = { "&lt;": "<", "&gt;": ">", "&amp;": "&" };
const SAFE_LINK = /^(https?:|mailto:)/i;

const INLINE = [
  [/`([^`\n]+)`/, (found) => h("code", null, entities(found[1].replace(/<([^<>|]+)(?:\|([^<>]*))?>/g, angleText)))],
  [/<([^<>\n]+)>/, (found) => angle(found[1])],
  [/(?<![\w*])\*(\S(?:[^*\n]*\S)?)\*(?![\w*])/, (found) => h("strong", null, inline(found[1]))],
  [/(?<![\w_])_(\S(?:[^_\n]*\S)?)_(?![\w_])/, (found) => h("em", null, inline(found[1]))],
  [/(?<![\w~])~(\S(?:[^~\n]*\S)?)~(?![\w~])/, (found) => h("s", null, inline(found[1]))],
  [CODE, (found) => emojiSpan(found)],
];

/** The elements of a mrkdwn text. */
export function mrkdwn(text) {
  return text.split(/```\n?/).map((piece, index) => (index % 2 ? preformatted(piece) : lines(piece)));
}

/** A text object, mrkdwn or plain. */
export function textOf(object) {
  if (!object) return [];
  if (object.type === "mrkdwn") return mrkdwn(object.text);
  return object.emoji === false ? [object.text] : [withEmoji(object.text)];
}

/** A text object for attributes and options, as a string. */
export function wordsOf(object) {
  return object ? (object.emoji === false ? object.text : withEmoji(object.text)) : "";
}

/** The text that a preview of a message shows. */
export function plainWords(text) {
  const said = text.replace(/<([^<>]+)>/g, (whole, inside) => angleText(whole, ...inside.split("|")));
  return withEmoji(entities(said)).replace(/[*`_~]/g, "").replace(/^>/gm, "").replace(/\s+/g, " ").trim();
}

function preformatted(text) {
  return h("pre", null, entities(text.replace(/\n$/, "")));
}

function lines(text) {
  const result = [];
  let quote = null;
  for (const line of text.split("\n")) {
    const quoted = /^(?:>|&gt;) ?(.*)$/.exec(line);
    if (quoted) {
      if (!quote) result.push((quote = []));
      quote.push(h("div", null, quoted[1] ? inline(quoted[1]) : "\u00a0"));
    } else {
      quote = null;
      result.push(line);
    }
  }
  return laidOut(result);
}

/** Join plain lines with breaks; a quote breaks by itself. */
function laidOut(pieces) {
  const shown = [];
  pieces.forEach((piece, index) => {
    if (Array.isArray(piece)) {
      shown.push(h("blockquote", null, piece));
    } else {
      if (index > 0 && !Array.isArray(pieces[index - 1])) shown.push(h("br"));
      shown.push(inline(piece));
    }
  });
  return shown;
}

function inline(text) {
  let first = null;
  for (const [pattern, make] of INLINE) {
    const found = pattern.exec(text);
    if (found && (!first || found.index < first.found.index)) first = { found, make };
  }
  if (!first) return text ? [entities(text)] : [];
  const { found, make } = first;
  const before = text.slice(0, found.index);
  return [before && entities(before), make(found), ...inline(text.slice(found.index + found[0].length))];
}

function emojiSpan(found) {
  const shown = emoji(found[1]);
  return shown === `:${found[1]}:` ? found[0] : h("span", { class: "emoji", role: "img", "aria-label": found[1].replaceAll("_", " ") }, shown);
}

function angle(inside) {
  const [target, ...rest] = inside.split("|");
  const label = rest.join("|");
  if (target.startsWith("@")) return mention(target.slice(1));
  if (target.startsWith("#")) return h("span", { class: "mention" }, `#${label || channelName(target.slice(1))}`);
  if (target.startsWith("!subteam^")) return groupMention(target.slice(9));
  if (target.startsWith("!date^")) return date(target, label);
  if (target.startsWith("!")) return h("span", { class: "mention mention-you" }, `@${target.slice(1)}`);
  if (!SAFE_LINK.test(target)) return entities(`<${inside}>`);
  return h("a", { href: entities(target), target: "_blank", rel: "noreferrer noopener" }, label ? inline(label) : entities(target));
}

function angleText(whole, target, label) {
  if (target.startsWith("@")) return `@${person(target.slice(1))?.name || target.slice(1)}`;
  if (target.startsWith("#")) return `#${label || channelName(target.slice(1))}`;
  if (target.startsWith("!subteam^")) return `@${groupName(target.slice(9))}`;
  if (target.startsWith("!date^")) return dateWords(target) || label || "";
  return label || target;
}

export function mention(id) {
  const own = id === you()?.id;
  return h("span", { class: own ? "mention mention-you" : "mention" }, `@${person(id)?.name || id}`);
}

export function groupMention(id) {
  const group = state.screen?.usergroups.find((one) => one.id === id);
  const own = group?.users.includes(you()?.id);
  const who = group?.users.map((user) => person(user)?.name || user).join(", ");
  return h("span", { class: own ? "mention mention-you" : "mention", title: who }, `@${groupName(id)}`);
}

function groupName(id) {
  return state.screen?.usergroups.find((group) => group.id === id)?.handle || id;
}

export function channelName(id) {
  return state.screen?.channels.find((channel) => channel.id === id)?.name || id;
}

function dateWords(target) {
  const [, seconds, pattern] = target.split("^");
  if (!/^\d+$/.test(seconds) || !pattern) return null;
  return fillPattern(Number(seconds), pattern, you()?.tz || "UTC", worldNow());
}

function date(target, fallback) {
  const words = dateWords(target);
  if (words === null) return fallback;
  const ms = Number(target.split("^")[1]) * 1000;
  return h("time", { datetime: new Date(ms).toISOString(), title: `${fullWords(ms, you()?.tz || "UTC")} (${you()?.tz})` }, words);
}

function entities(text) {
  return text.replace(/&(?:lt|gt|amp);/g, (entity) => ENTITIES[entity]);
}
