// The panel for the world beside Slack: its time, what can go wrong in it, and the traffic.

import { look, moveClock, orderFailure } from "./api.js";
import { h } from "./dom.js";
import { guide } from "./guide.js";
import { inspector } from "./inspector.js";
import { change, state, toast, worldNow, you } from "./state.js";
import { clock, longDay } from "./time.js";
import { faultCount } from "./traffic.js";

const STEPS = [["1 hour", 3_600], ["1 day", 86_400], ["30 days", 2_592_000]];
const SPEEDS = [[0, "Stopped"], [1, "Real time"], [60, "1 min/s"], [3_600, "1 h/s"]];

export function panel() {
  const tab = state.panel || "world";
  const faults = faultCount();
  return h("aside", { class: state.drawer === "world" ? "panel is-open" : "panel", "aria-label": "The world" },
    h("header", { class: "bar" },
      h("div", { class: "tabs", role: "tablist" },
        tabButton("world", "World", tab),
        tabButton("traffic", "Traffic", tab, faults > 0 && h("span", { class: "badge", title: "refused and not looked at" }, faults))),
      h("button", { type: "button", class: "icon-button bar-end panel-close", "aria-label": "Close", onclick: () => change({ drawer: null }) }, "✕")),
    tab === "world" ? h("div", { key: "world", class: "panel-body" }, toDo(), time(), failures()) : h("div", { key: "traffic", class: "panel-body" }, inspector()));
}

function tabButton(id, label, now, ...marks) {
  return h("button", {
    key: id, type: "button", role: "tab", class: id === now ? "tab is-here" : "tab", "aria-selected": id === now ? "true" : "false",
    onclick: () => change({ panel: id }),
  }, label, marks);
}

function toDo() {
  const steps = guide();
  return steps && h("section", { class: "panel-part to-do" }, h("h3", null, "What to do"), steps);
}

function time() {
  const now = worldNow();
  return h("section", { class: "panel-part" },
    h("h3", null, "Time in this world"),
    h("div", { class: "world-clock" },
      h("span", { class: "world-day" }, longDay(now, you().tz)),
      h("span", { class: "world-time" }, clock(now, you().tz, "s"))),
    h("div", { class: "muted small" }, `${you().tz}, where ${you().name} is`),
    h("div", { class: "button-row", role: "group", "aria-label": "Move time on" },
      STEPS.map(([label, seconds]) => h("button", { key: label, type: "button", class: "button", onclick: () => moveOn(label, seconds) }, `+ ${label}`))),
    h("div", { class: "speeds", role: "radiogroup", "aria-label": "Speed" }, SPEEDS.map(([speed, label]) => h("button", {
      key: label, type: "button", role: "radio", "aria-checked": state.screen.speed === speed ? "true" : "false",
      class: state.screen.speed === speed ? "speed is-here" : "speed", onclick: () => setSpeed(speed),
    }, label))));
}

async function moveOn(label, seconds) {
  const answer = await moveClock({ advance_seconds: seconds });
  if (answer.status === 200) toast(`It is ${label} later.`);
  await look();
}

async function setSpeed(speed) {
  await moveClock({ speed });
  await look();
}

function failures() {
  const groups = [...new Set((state.failures || []).map((one) => one.group))];
  return groups.map((group) => h("section", { key: group, class: "panel-part" },
    h("h3", null, `Failures of ${group}`),
    h("ul", { class: "failures" }, state.failures.filter((one) => one.group === group).map(failure))));
}

function failure(one) {
  const toggles = one.on !== null;
  return h("li", { key: one.id, class: one.on ? "failure is-on" : "failure" },
    h("div", { class: "failure-words" }, h("strong", null, one.label), h("span", { class: "muted" }, one.hint)),
    toggles
      ? h("button", {
        type: "button", class: "switch", role: "switch", "aria-checked": one.on ? "true" : "false", "aria-label": one.label,
        onclick: () => order(one, !one.on),
      })
      : h("button", { type: "button", class: "button", "aria-label": `${one.label}: do it`, onclick: () => order(one, true) }, "Do it"),
    one.text !== null && h("textarea", {
      class: "input failure-text", rows: "2", "aria-label": `${one.label}: message`, value: texts[one.id] ?? one.text,
      oninput: (event) => ((texts[one.id] = event.target.value), change()),
    }));
}

const texts = {};

async function order(one, on) {
  const answer = await orderFailure(one.id, { on, text: texts[one.id] });
  if (answer.status !== 200) return;
  change({ failures: answer.body.failures });
  toast(one.on === null ? `Ordered: ${one.label}.` : `${one.label}: ${on ? "on" : "off"}.`);
}
