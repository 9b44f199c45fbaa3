// Draws every element that holds a value: text, number, menus, radio buttons, check boxes, dates, people, channels.

import { h } from "./dom.js";
import { enter, keyOf, leave, pick, type } from "./gestures.js";
import { textOf, wordsOf } from "./mrkdwn.js";
import { channels, state } from "./state.js";
import { select } from "./select.js";

const TEXTS = { plain_text_input: "text", number_input: "text", email_text_input: "email", url_text_input: "url" };
const NATIVE = {
  datepicker: ["date", "selected_date"],
  timepicker: ["time", "selected_time"],
};

/** Draw an element with a value, or give null where it is none. */
export function input(surface, block, element, label) {
  const kind = element.type;
  if (kind in TEXTS) return text(surface, block, element, label);
  if (kind === "radio_buttons" || kind === "checkboxes") return ticks(surface, block, element, label);
  if (kind in NATIVE) return native(surface, block, element, label);
  if (kind.startsWith("multi_")) return several(surface, block, element, label);
  if (kind.endsWith("_select")) return single(surface, block, element, label);
  return null;
}

/** What the workspace holds for an element; of a message's elements it tells nothing, so their first value counts. */
function valueOf(surface, block, element) {
  const untouched = { value: element.initial_value, selected_option: element.initial_option, selected_options: element.initial_options };
  return surface.values[block.block_id]?.[element.action_id] || untouched;
}

function text(surface, block, element, label) {
  const key = keyOf(surface, block, element);
  const value = state.entered[key] ?? valueOf(surface, block, element).value ?? "";
  const most = element.max_length;
  const props = {
    key, class: "input", "aria-label": label, "data-element": key, placeholder: wordsOf(element.placeholder), value,
    "data-focus-on-load": element.focus_on_load, autocomplete: "off", maxlength: most,
    inputmode: element.type === "number_input" ? "numeric" : null,
    oninput: (event) => type(surface, block, element, event.target.value),
    onchange: () => leave(surface, block, element),
    onblur: () => leave(surface, block, element),
  };
  if (!element.multiline) return h("input", { ...props, type: TEXTS[element.type] });
  const left = most ? most - value.length : null;
  return h("div", { key: `${key}|area`, class: "area" },
    h("textarea", { ...props, rows: "3" }),
    left !== null && left < 200 && h("span", { class: "area-left", "aria-live": "polite" }, `${left} left`));
}

function ticks(surface, block, element, label) {
  const radio = element.type === "radio_buttons";
  const key = keyOf(surface, block, element);
  const held = valueOf(surface, block, element);
  const now = key in state.picked ? state.picked[key] : radio ? held.selected_option : held.selected_options;
  const chosen = [now || []].flat();
  return h("div", { key, class: "ticks", role: radio ? "radiogroup" : "group", "aria-label": label },
    element.options.map((option) => {
      const on = chosen.some((one) => one.value === option.value);
      const rest = chosen.filter((one) => one.value !== option.value);
      return h("label", { key: option.value, class: "tick" },
        h("input", {
          type: radio ? "radio" : "checkbox", name: key, checked: on, "data-element": key,
          onchange: () => pick(surface, block, element, radio ? option : on ? rest : [...rest, option]),
        }),
        h("span", { class: "tick-text" }, textOf(option.text),
          option.description && h("span", { class: "tick-description" }, textOf(option.description))));
    }));
}

function native(surface, block, element, label) {
  const [kind, name] = NATIVE[element.type];
  const key = keyOf(surface, block, element);
  return h("input", {
    key, type: kind, class: "input", "aria-label": label, "data-element": key,
    value: valueOf(surface, block, element)[name] || "",
    onchange: (event) => enter(surface, block, element, event.target.value || null),
  });
}

function single(surface, block, element, label) {
  const key = keyOf(surface, block, element);
  const optional = block.type !== "input" || block.optional;
  const known = listed(element);
  const held = valueOf(surface, block, element);
  const id = held.selected_user || held.selected_conversation || held.selected_channel;
  const now = known.ids ? known.options.find((option) => option.value === id) : held.selected_option;
  const chosen = key in state.picked ? state.picked[key] : now;
  const choose = known.ids && ((option) => enter(surface, block, element, option ? option.value : null));
  return select(surface, block, element, { options: known.options, chosen, label, optional, choose });
}

function several(surface, block, element, label) {
  const key = keyOf(surface, block, element);
  const known = listed(element);
  const held = valueOf(surface, block, element);
  const ids = held.selected_users || held.selected_conversations || held.selected_channels;
  const now = known.ids ? known.options.filter((option) => ids?.includes(option.value)) : held.selected_options || [];
  const chosen = state.picked[key] || now;
  const put = (options) =>
    known.ids ? enter(surface, block, element, options.map((one) => one.value)) : pick(surface, block, element, options);
  const without = (option) => chosen.filter((one) => one.value !== option.value);
  const choose = (option) => option && put([...without(option), option]);
  return h("div", { key: `${key}|several`, class: "several" },
    chosen.map((option) => h("span", { key: option.value, class: "chip" }, wordsOf(option.text),
      h("button", { type: "button", "aria-label": `Remove ${wordsOf(option.text)}`, onclick: () => put(without(option)) }, "×"))),
    select(surface, block, element, { options: known.options, chosen: null, label, optional: false, choose }));
}

/** The options that are at hand; null where the app is asked for them, `ids` where a value is an id. */
function listed(element) {
  const kind = element.type.replace(/^multi_/, "");
  const option = (text, value) => ({ text: { type: "plain_text", text, emoji: false }, value });
  if (kind === "external_select") return { options: null };
  if (kind === "users_select") return { ids: true, options: state.screen.people.map((one) => option(one.name, one.id)) };
  if (kind === "static_select") {
    return { options: [...(element.options || []), ...(element.option_groups || []).flatMap((group) => group.options)] };
  }
  return { ids: true, options: channels().map((one) => option(`#${one.name}`, one.id)) };
}
