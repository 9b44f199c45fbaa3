// Shows who somebody is: a picture with initials, a name, what they may do here.

import { h } from "./dom.js";
import { person, state } from "./state.js";

const COLOURS = 6;

export function avatar(id, size = "") {
  const member = person(id);
  const shape = `avatar ${size}`;
  if (member?.is_bot) return h("span", { class: `${shape} avatar-bot`, "aria-hidden": "true" });
  const index = Math.max(0, state.screen.people.findIndex((one) => one.id === id));
  const letter = (member?.name || (id === SLACKBOT ? "♯" : id))[0].toUpperCase();
  return h("span", { class: `${shape} avatar-${id === SLACKBOT ? "slackbot" : index % COLOURS}`, "aria-hidden": "true" }, letter);
}

/** The name under which the client itself speaks to a person. */
export const SLACKBOT = "Slackbot";

export function nameOf(id) {
  return person(id)?.name || id;
}

/** A word or two on what somebody is here; nothing for a plain member. */
export function roleOf(member) {
  if (member.deleted) return "deactivated";
  const groups = state.screen.usergroups.filter((group) => group.users.includes(member.id));
  if (groups.length) return groups.map((group) => group.handle).join(", ");
  if (member.is_guest) return "guest";
  return member.team_id === person(state.screen.app.user)?.team_id ? "" : "other organization";
}
