// Draws rich text: sections, lists, quotes and code, leaf by leaf.

import { h } from "./dom.js";
import { emoji } from "./emoji.js";
import { channelName, groupMention, mention } from "./mrkdwn.js";
import { worldNow, you } from "./state.js";
import { fillPattern } from "./time.js";

const PARTS = {
  rich_text_section: (part) => h("div", null, leaves(part)),
  rich_text_quote: (part) => h("blockquote", null, leaves(part)),
  rich_text_preformatted: (part) => h("pre", null, leaves(part)),
  rich_text_list: (part) => h(part.style === "ordered" ? "ol" : "ul", { class: `indent-${part.indent || 0}` },
    part.elements.map((item) => h("li", null, leaves(item)))),
};

const LEAVES = {
  text: (leaf) => leaf.text,
  link: (leaf) => (/^https?:|^mailto:/i.test(leaf.url)
    ? h("a", { href: leaf.url, target: "_blank", rel: "noreferrer noopener" }, leaf.text || leaf.url) : leaf.text || leaf.url),
  user: (leaf) => mention(leaf.user_id),
  usergroup: (leaf) => groupMention(leaf.usergroup_id),
  channel: (leaf) => h("span", { class: "mention" }, `#${channelName(leaf.channel_id)}`),
  broadcast: (leaf) => h("span", { class: "mention mention-you" }, `@${leaf.range}`),
  emoji: (leaf) => emoji(leaf.name),
  date: (leaf) => h("time", null, fillPattern(leaf.timestamp, leaf.format, you()?.tz || "UTC", worldNow())),
  color: (leaf) => h("code", null, leaf.value),
  team: (leaf) => leaf.team_id,
};

/** Draw a rich_text block or cell. */
export function richText(block) {
  return block.elements.map((part) => PARTS[part.type]?.(part) || null);
}

function leaves(part) {
  return part.elements.map((leaf) => styled(LEAVES[leaf.type]?.(leaf) ?? "", leaf.style || {}));
}

function styled(shown, style) {
  let result = shown;
  for (const [name, tag] of [["bold", "strong"], ["italic", "em"], ["strike", "s"], ["code", "code"]]) {
    if (style[name]) result = h(tag, null, result);
  }
  return result;
}
