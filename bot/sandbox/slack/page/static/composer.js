// Where one writes: messages, and slash commands with their usage as one types.

import { act, look } from "./api.js";
import { h } from "./dom.js";
import { showLocally } from "./messages.js";
import { change, channels, state } from "./state.js";

export function composer({ channel, thread, placeholder }) {
  const place = { channel, thread, key: [state.user, channel.id, thread].filter(Boolean).join("|") };
  const text = state.drafts[place.key] || "";
  const offered = thread ? [] : commandsFor(text);
  const active = Math.min(state.suggestion || 0, Math.max(0, offered.length - 1));
  return h("div", { key: `composer ${place.key}`, class: "composer" },
    offered.length > 0 && suggestions(place, offered, active),
    h("div", { class: "composer-box" },
      h("textarea", {
        rows: "1", class: "composer-text", "aria-label": placeholder, placeholder, value: text, autocomplete: "off",
        "aria-expanded": offered.length ? "true" : "false",
        oninput: (event) => write(place, event.target.value),
        onkeydown: (event) => key(event, place, offered, active),
        created: (node) => thread && matchMedia("(min-width: 700px)").matches && node.focus(),
      }),
      h("button", {
        type: "button", class: text.trim() ? "send is-ready" : "send", disabled: !text.trim(), "aria-label": "Send",
        onclick: () => send(place, text),
      }, "➤")),
    h("div", { class: "composer-note" }, note(text, thread)));
}

function note(text, thread) {
  const help = state.screen.command_help[text.split(" ")[0]];
  if (help && text.includes(" ")) return [h("code", null, `${text.split(" ")[0]} ${help[1]}`), ` ${help[0]}`];
  if (text) return [h("strong", null, "Enter"), " to send, ", h("strong", null, "Shift + Enter"), " for a new line"];
  const known = state.screen.commands;
  return known.length && !thread ? ["Type ", h("strong", null, "/"), " for commands"] : "";
}

/** The commands that what is typed may become. */
function commandsFor(text) {
  if (!/^\/\S*$/.test(text)) return [];
  return state.screen.commands.filter((name) => name.startsWith(text));
}

function suggestions(place, offered, active) {
  return h("div", { class: "suggestions", role: "listbox", "aria-label": "Commands" },
    h("div", { class: "suggestions-title" }, `Commands matching “${state.drafts[place.key]}”`),
    offered.map((name, index) => {
      const [description, hint] = state.screen.command_help[name] || ["", ""];
      return h("div", {
        key: name, role: "option", class: index === active ? "suggestion is-active" : "suggestion",
        "aria-selected": index === active ? "true" : "false",
        onmousedown: (event) => (event.preventDefault(), write(place, `${name} `)),
      },
        h("span", { class: "avatar avatar-bot avatar-small", "aria-hidden": "true" }),
        h("strong", null, name), hint && h("span", { class: "usage" }, hint),
        h("span", { class: "muted" }, description));
    }));
}

function write(place, text) {
  state.drafts[place.key] = text;
  change({ suggestion: 0 });
}

function key(event, place, offered, active) {
  if (event.isComposing) return;
  const text = event.target.value;
  const unfinished = offered.length > 0 && !offered.includes(text);
  if (offered.length && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    const step = event.key === "ArrowDown" ? 1 : -1;
    change({ suggestion: (active + step + offered.length) % offered.length });
  } else if ((event.key === "Tab" && offered.length) || (event.key === "Enter" && unfinished && !event.shiftKey)) {
    event.preventDefault();
    write(place, `${offered[active]} `);
  } else if (event.key === "Escape" && text.startsWith("/")) {
    event.preventDefault();
    write(place, "");
  } else if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    send(place, text);
  }
}

async function send({ channel, thread, key: draft }, text) {
  const line = text.trim();
  if (!line) return;
  state.drafts[draft] = "";
  change();
  if (line.startsWith("/")) await command(channel, thread, line);
  else await say(channel, thread, line);
  await look();
}

async function command(channel, thread, line) {
  const answer = await act("command", { line, channel: channel.id, thread_ts: thread });
  const told = answer.refusal || answer.result.seen;
  if (told) showLocally(channel.id, thread, told);
}

async function say(channel, thread, line) {
  const answer = await act("say", { channel: channel.id, text: marked(line), thread_ts: thread });
  if (answer.refusal) showLocally(channel.id, thread, answer.refusal);
}

/** What was typed as Slack's clients send it: escaped, with names turned into ids. */
function marked(text) {
  const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return escaped
    .replace(/(?<!\S)@([\w.-]+)/g, (whole, name) => {
      const wanted = name.toLowerCase();
      const someone = state.screen.people.find((one) => one.name.toLowerCase() === wanted);
      const group = state.screen.usergroups.find((one) => one.handle === wanted);
      return someone ? `<@${someone.id}>` : group ? `<!subteam^${group.id}>` : whole;
    })
    .replace(/(?<!\S)#([\w-]+)/g, (whole, name) => {
      const there = channels().find((one) => one.name === name);
      return there ? `<#${there.id}|${name}>` : whole;
    })
    .replace(/https?:\/\/[^\s|]+/g, (link) => `<${link}>`);
}
