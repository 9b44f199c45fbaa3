// Carries out what a person does with elements and modals, one thing after the other, as their hands would.

import { act, look } from "./api.js";
import { change, state, toast } from "./state.js";

const TYPING_MS = 250;

const pending = new Map();
let line = Promise.resolve();

function inTurn(work) {
  line = line.then(work, work);
  return line;
}

/** What names an element on the whole page. */
export function keyOf(surface, block, element) {
  return `${surface.id}|${addressOf(block, element)}`;
}

function addressOf(block, element) {
  return `${block.block_id}/${element.action_id}`;
}

/** Type into a text input; the workspace hears of it after a short rest, and before anything else happens. */
export function type(surface, block, element, value) {
  const key = keyOf(surface, block, element);
  state.entered[key] = value;
  forgetFault(surface, block);
  clearTimeout(pending.get(key)?.timer);
  const timer = holdsBack(block, element) ? 0 : setTimeout(() => send(key), TYPING_MS);
  pending.set(key, { surface, block, element, timer });
  change();
}

/** Slack hears of such a text when Enter is pressed, not before. */
function holdsBack(block, element) {
  const heard = block.type !== "input" || block.dispatch_action;
  const on = element.dispatch_action_config?.trigger_actions_on || ["on_enter_pressed"];
  return Boolean(heard) && !on.includes("on_character_entered");
}

function send(key) {
  const one = pending.get(key);
  if (!one) return line;
  clearTimeout(one.timer);
  pending.delete(key);
  const value = state.entered[key];
  return inTurn(async () => {
    const name = addressOf(one.block, one.element);
    tell(await act("fill", { ...one.surface.address, name, value: value === "" ? null : value }));
  });
}

/** Send what was typed and is not sent yet. */
export function finishTyping() {
  for (const key of [...pending.keys()]) send(key);
  return line;
}

/** Leave a text input: from now on it shows what the workspace has. */
export async function leave(surface, block, element) {
  const key = keyOf(surface, block, element);
  await send(key);
  await look();
  if (!pending.has(key) && document.activeElement?.dataset.element !== key) delete state.entered[key];
}

/** Pick an option of a menu, or nothing. */
export function pick(surface, block, element, option) {
  const key = keyOf(surface, block, element);
  state.picked[key] = option;
  forgetFault(surface, block);
  finishTyping();
  change();
  return inTurn(async () => {
    tell(await act("pick", { ...surface.address, name: addressOf(block, element), option }));
    await look();
    // A message's screen does not tell what was chosen in it, so the page remembers.
    if (surface.address.view) delete state.picked[key];
    change();
  });
}

/** Enter a value that is no text and no option: a person, a date, a list. */
export function enter(surface, block, element, value) {
  forgetFault(surface, block);
  return inTurn(async () => {
    tell(await act("fill", { ...surface.address, name: addressOf(block, element), value }));
    await look();
  });
}

/** Press a button; one with a confirm dialog asks first. */
export function press(surface, block, element, option = null) {
  const question = (option && option.confirm) || element.confirm;
  if (question) change({ confirm: { question, yes: () => pressNow(surface, block, element, option) } });
  else pressNow(surface, block, element, option);
}

function pressNow(surface, block, element, option) {
  const key = keyOf(surface, block, element);
  if (state.busy.has(key)) return;
  state.busy.add(key);
  delete state.troubled[key];
  if (element.url) window.open(element.url, "_blank", "noopener");
  finishTyping();
  change();
  inTurn(async () => {
    const answer = await act("press_seen", { ...surface.address, block, element, option });
    if (answer.refusal) toast(answer.refusal, "error");
    else if (!answer.result.ok) state.troubled[key] = answer.result.error;
    await look();
    state.busy.delete(key);
    change();
  });
}

/** Press the modal's submit button. */
export async function submit(view) {
  const key = `${view.id}|submit`;
  if (state.busy.has(key)) return;
  state.busy.add(key);
  change();
  await finishTyping();
  const answer = await act("submit");
  if (answer.refusal) refuse(view, answer);
  else if (answer.result.outcome === "trouble") {
    toast(`The bot's answer to this form can't be used: ${answer.result.error}`, "error");
  }
  await look();
  state.busy.delete(key);
  change();
  // After the page is drawn: the first field with an error gets the focus.
  queueMicrotask(() => document.querySelector(".dialog .has-error [data-element]")?.focus());
}

function refuse(view, answer) {
  if (!Object.keys(answer.fields).length) toast(answer.refusal, "error");
  else state.faults[view.id] = answer.fields;
}

/** Close the modal on top, or all of them. */
export async function close(everything = false) {
  await finishTyping();
  tell(await act("close", { everything }));
  await look();
}

function forgetFault(surface, block) {
  if (state.faults[surface.id]) delete state.faults[surface.id][block.block_id];
}

function tell(answer) {
  if (answer.refusal) toast(answer.refusal, "error");
}
