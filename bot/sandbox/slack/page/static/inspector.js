// Shows what crossed between bot and Slack: each call and delivery, its JSON, and in red what was refused and where.

import { h } from "./dom.js";
import { json } from "./json.js";
import { change, state, you } from "./state.js";
import { clock } from "./time.js";
import { pointers, traffic } from "./traffic.js";

const SHOWN = 150;
const WAYS = { web_api: ["→", "the bot calls Slack"], delivery: ["←", "Slack delivers to the bot"], response_url: ["→", "the bot uses a response URL"] };

const look = { open: new Set(), words: "", onlyErrors: false };

export function inspector() {
  traffic.seen = traffic.last;
  const rows = traffic.rows.filter(fits).slice(-SHOWN).reverse();
  return h("div", { class: "inspector" },
    h("div", { class: "inspector-tools" },
      h("input", {
        type: "search", class: "input", placeholder: "Filter, e.g. views", "aria-label": "Filter the traffic", value: look.words,
        oninput: (event) => ((look.words = event.target.value), change()),
      }),
      h("label", { class: "tick" }, h("input", {
        type: "checkbox", checked: look.onlyErrors, onchange: () => ((look.onlyErrors = !look.onlyErrors), change()),
      }), "Errors")),
    [...new Set(state.screen.warnings)].slice(-3).map((warning) => h("div", { class: "warning" }, `⚠ ${warning}`)),
    rows.length ? h("ol", { class: "exchanges" }, rows.map(exchange)) : h("p", { class: "muted pad" }, "Nothing has crossed yet."));
}

function fits(row) {
  if (look.onlyErrors && !row.error) return false;
  return !look.words || `${row.name} ${row.error || ""} ${JSON.stringify(row.request)}`.toLowerCase().includes(look.words.toLowerCase());
}

function exchange(row) {
  const isOpen = look.open.has(row.number);
  const [arrow, title] = WAYS[row.kind] || ["·", row.kind];
  const toggle = () => (isOpen ? look.open.delete(row.number) : look.open.add(row.number), change());
  return h("li", { key: row.number, class: row.error ? "exchange has-error" : "exchange" },
    h("button", { type: "button", class: "exchange-head", "aria-expanded": isOpen ? "true" : "false", onclick: toggle },
      h("span", { class: `way way-${row.kind}`, title }, arrow),
      h("span", { class: "exchange-name" }, row.name),
      row.error ? h("span", { class: "exchange-error" }, row.error) : h("span", { class: "exchange-note" }, summary(row)),
      h("span", { class: "exchange-time" }, clock(Date.parse(row.at), you().tz, "s"))),
    isOpen && h("div", { class: "exchange-body" },
      pointers(row).map((line) => h("div", { class: "pointer" }, line)),
      h("h4", null, row.kind === "delivery" ? "Slack sent" : "The bot sent"), json(row.request),
      h("h4", null, row.kind === "delivery" ? "The bot answered" : "Slack answered", row.status !== 200 && ` (${row.status})`), json(row.answer)));
}

function summary(row) {
  const { request } = row;
  const action = request.actions?.[0];
  if (action) return action.text?.text || action.action_id;
  return request.text || request.view?.title?.text || parsed(request.view) || request.value || request.command || "";
}

/** The Web API takes a view as JSON in a form, too. */
function parsed(view) {
  try {
    return typeof view === "string" ? JSON.parse(view).title?.text || "" : "";
  } catch {
    return "";
  }
}
