// A menu to choose from: opens on a click or a key, narrows as one types, is walked through with the arrow keys.

import { act } from "./api.js";
import { h } from "./dom.js";
import { keyOf, pick } from "./gestures.js";
import { wordsOf } from "./mrkdwn.js";
import { change, state } from "./state.js";

const DEBOUNCE_MS = 200;
const GAP = 4;

/** A select of any kind; `options` are those at hand, or null where the app is asked for them. */
export function select(surface, block, element, { options, chosen, label, optional, choose }) {
  const field = { surface, block, element, options, choose: choose || ((option) => pick(surface, block, element, option)) };
  field.key = keyOf(surface, block, element);
  const menu = state.menu?.key === field.key ? state.menu : null;
  const words = chosen ? wordsOf(chosen.text) : "";
  return h("div", { key: field.key, class: menu ? "select is-open" : "select" },
    input(field, menu, words, label),
    optional && chosen && h("button", {
      type: "button", class: "select-clear", "aria-label": `Clear ${label}`, onclick: () => field.choose(null),
    }, "×"),
    h("span", { class: "select-arrow", "aria-hidden": "true" }),
    menu && list(field, menu, chosen));
}

function input(field, menu, words, label) {
  const placeholder = menu && words ? words : wordsOf(field.element.placeholder) || "Choose an option";
  return h("input", {
    type: "text", class: "input", role: "combobox", autocomplete: "off", spellcheck: "false",
    "aria-label": label, "aria-expanded": menu ? "true" : "false", "aria-controls": `${field.key}|list`,
    "aria-autocomplete": "list", "aria-activedescendant": menu && menu.shown.length ? optionId(menu, menu.active) : null,
    "data-element": field.key, "data-focus-on-load": field.element.focus_on_load, placeholder,
    value: menu ? menu.query : words,
    onclick: () => menu || open(field, ""),
    onfocus: (event) => event.target.select(),
    oninput: (event) => (menu ? narrow(field, event.target.value) : open(field, event.target.value)),
    onkeydown: (event) => key(event, field, menu),
    onblur: () => state.menu?.key === field.key && shut(),
  });
}

function list(field, menu, chosen) {
  const rows = menu.shown.map((option, index) => row(field, menu, option, index, chosen));
  return h("ul", {
    id: `${field.key}|list`, class: "menu", role: "listbox", drawn: place, onmousedown: (event) => event.preventDefault(),
  },
    rows,
    menu.loading && !rows.length && h("li", { class: "menu-note" }, h("span", { class: "spinner" }), "Loading…"),
    menu.error && h("li", { class: "menu-note menu-error", role: "alert" }, menu.error),
    !menu.loading && !menu.error && !rows.length && h("li", { class: "menu-note" }, menu.hint || "No results"));
}

function row(field, menu, option, index, chosen) {
  const active = index === menu.active;
  return h("li", {
    key: `${index}|${option.value}`, id: optionId(menu, index), role: "option", "aria-selected": active ? "true" : "false",
    class: ["menu-option", active && "is-active", chosen?.value === option.value && "is-chosen"].filter(Boolean).join(" "),
    onmousemove: () => active || ((menu.active = index), change()),
    onclick: () => take(field, option),
    drawn: active ? intoView : undefined,
  },
    h("span", { class: "menu-text" }, wordsOf(option.text)),
    option.description && h("span", { class: "menu-description" }, wordsOf(option.description)));
}

function optionId(menu, index) {
  return `${menu.key}|${index}`;
}

function open(field, query) {
  state.menu = { key: field.key, query, shown: [], all: [], active: 0, loading: false, error: null, hint: "", asked: 0 };
  narrow(field, query, 0);
}

function shut() {
  clearTimeout(state.menu?.timer);
  change({ menu: null });
}

function narrow(field, query, wait = DEBOUNCE_MS) {
  const menu = state.menu;
  menu.query = query;
  if (field.options) {
    const wanted = query.trim().toLowerCase();
    menu.shown = field.options.filter((option) => wordsOf(option.text).toLowerCase().includes(wanted));
    menu.active = 0;
  } else {
    ask(field, menu, query, wait);
  }
  change();
}

/** Ask the app for options, after a short rest; only the answer to the latest question counts. */
function ask(field, menu, query, wait) {
  clearTimeout(menu.timer);
  const least = field.element.min_query_length ?? 3;
  menu.asked += 1;
  Object.assign(menu, { error: null, hint: "", loading: query.length >= least });
  if (query.length < least) {
    Object.assign(menu, { shown: [], hint: `Type ${least} or more letters` });
    return;
  }
  const number = menu.asked;
  menu.timer = setTimeout(async () => {
    const name = `${field.block.block_id}/${field.element.action_id}`;
    const answer = await act("suggest", { ...field.surface.address, name, typed: query });
    if (state.menu !== menu || menu.asked !== number) return;
    Object.assign(menu, { loading: false, error: answer.refusal, shown: answer.result || [], active: 0 });
    change();
  }, wait);
}

function take(field, option) {
  shut();
  field.choose(option);
}

function key(event, field, menu) {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (!menu) {
    if (["ArrowDown", "ArrowUp", "Enter"].includes(event.key)) {
      event.preventDefault();
      open(field, "");
    }
    return;
  }
  const last = menu.shown.length - 1;
  const moves = {
    ArrowDown: menu.active >= last ? 0 : menu.active + 1,
    ArrowUp: menu.active <= 0 ? last : menu.active - 1,
    PageDown: Math.min(last, menu.active + 6),
    PageUp: Math.max(0, menu.active - 6),
  };
  if (event.key in moves) {
    event.preventDefault();
    menu.active = Math.max(0, moves[event.key]);
    change();
  } else if (event.key === "Enter") {
    event.preventDefault();
    // While the answer is on its way, Enter would take an option of the question before.
    if (!menu.loading && menu.shown[menu.active]) take(field, menu.shown[menu.active]);
  } else if (event.key === "Escape") {
    event.preventDefault();
    event.stopPropagation();
    shut();
  } else if (event.key === "Tab") {
    shut();
  }
}

/** Put the list below its field, or above where there is more room; it must not be cut off by the modal. */
function place(node) {
  const field = node.parentNode.getBoundingClientRect();
  const below = window.innerHeight - field.bottom - 2 * GAP;
  const above = field.top - 2 * GAP;
  const height = Math.min(320, Math.max(below, above));
  const up = below < Math.min(220, above);
  node.style.left = `${field.left}px`;
  node.style.width = `${field.width}px`;
  node.style.maxHeight = `${Math.min(height, up ? above : below)}px`;
  node.style.top = up ? "auto" : `${field.bottom + GAP}px`;
  node.style.bottom = up ? `${window.innerHeight - field.top + GAP}px` : "auto";
}

function intoView(node) {
  node.scrollIntoView({ block: "nearest" });
}
