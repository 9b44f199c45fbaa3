// Knows the messages of a channel: roots, replies, what is new to the acting person, what names them.

import { SLACKBOT } from "./people.js";
import { change, channels, state, you, worldNow } from "./state.js";

/** What the channel itself shows: roots and broadcast replies. */
export function roots(channel) {
  const shown = channel.messages.filter((one) => !isReply(one) || one.subtype === "thread_broadcast");
  return [...shown, ...localLines(channel.id, null)].sort(byTime);
}

/** The replies to a root, oldest first. */
export function replies(channel, ts) {
  return [...channel.messages.filter((one) => isReply(one) && one.thread_ts === ts), ...localLines(channel.id, ts)].sort(byTime);
}

export function isReply(message) {
  return Boolean(message.thread_ts) && message.thread_ts !== message.ts;
}

function byTime(one, other) {
  return Number(one.ts) - Number(other.ts);
}

function localLines(channelId, thread) {
  return (state.local[`${state.user}|${channelId}`] || []).filter((one) => (one.thread_ts || null) === thread);
}

/** Show the acting person a line that only their client knows, as a failed command's, below all that they see. */
export function showLocally(channelId, thread, text) {
  const key = `${state.user}|${channelId}`;
  const line = { ts: afterAll(channelId, thread).toFixed(6), user: SLACKBOT, text, ephemeral: true, plain: true, thread_ts: thread || undefined };
  state.local[key] = [...(state.local[key] || []), line];
  change();
}

/** Now, or just after the newest message: the browser's picture of the world's clock may be a moment behind it. */
function afterAll(channelId, thread) {
  const channel = channels().find((one) => one.id === channelId);
  const seen = channel ? (thread ? replies(channel, thread) : roots(channel)) : [];
  const newest = seen.length ? Number(seen[seen.length - 1].ts) : 0;
  return Math.max(worldNow() / 1000, newest + 0.000002);
}

/** Note that the acting person has seen a channel, or a thread of it, up to now. */
export function markRead(channel, thread = null) {
  const seen = thread ? replies(channel, thread) : roots(channel);
  const newest = seen.length ? seen[seen.length - 1].ts : "0";
  const key = readKey(channel.id, thread);
  if (Number(newest) <= Number(state.read[key] || 0)) return;
  state.read[key] = newest;
  sessionStorage.setItem("read", JSON.stringify(state.read));
  change();
}

export function readBefore() {
  return JSON.parse(sessionStorage.getItem("read") || "{}");
}

export function isUnread(channel) {
  return roots(channel).some((one) => isNews(one, readKey(channel.id, null)));
}

export function newReplies(channel, ts) {
  return replies(channel, ts).filter((one) => isNews(one, readKey(channel.id, ts))).length;
}

/** How many messages the acting person has not seen that name them or their group. */
export function mentions(channel) {
  const me = you();
  const names = [`<@${me.id}`, ...state.screen.usergroups.filter((g) => g.users.includes(me.id)).map((g) => `<!subteam^${g.id}`)];
  return channel.messages.filter((one) => {
    const key = readKey(channel.id, isReply(one) ? one.thread_ts : null);
    if (!isNews(one, key)) return false;
    const said = `${one.text} ${JSON.stringify(one.blocks || [])}`;
    return names.some((name) => said.includes(name));
  }).length;
}

function isNews(message, key) {
  return message.user !== state.user && Number(message.ts) > Number(state.read[key] || 0);
}

function readKey(channelId, thread) {
  return [state.user, channelId, thread].filter(Boolean).join("|");
}
