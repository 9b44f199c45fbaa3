// Gathers the traffic between bot and Slack, and calls out what was refused.

import { readTraffic } from "./api.js";
import { change, state, toast } from "./state.js";

const KEPT = 500;
// What happens in every healthy life of a bot: somebody closed a form, two things raced, a limit was met.
const USUAL = new Set(["hash_conflict", "not_found", "ratelimited", "already_in_channel"]);

export const traffic = { rows: [], last: 0, seen: 0 };
let reading = false;
let again = false;
let started = false;

export async function readNews() {
  if (reading) {
    again = true;
    return;
  }
  reading = true;
  do {
    again = false;
    const answer = await readTraffic(traffic.last);
    if (answer.status === 200 && answer.body.length) take(answer.body);
    started = true;
  } while (again);
  reading = false;
}

function take(rows) {
  traffic.last = rows.at(-1).number;
  traffic.rows = [...traffic.rows, ...rows].slice(-KEPT);
  // What happened before the page was opened is no news.
  if (!started) traffic.seen = traffic.last;
  else rows.filter((row) => row.error && !USUAL.has(row.error)).forEach(callOut);
  change();
}

function callOut(row) {
  const what = row.kind === "delivery" ? `The bot did not take ${row.name}` : `Slack refused ${row.name}`;
  toast(`${what}: ${row.error}. ${pointers(row)[0] || "The traffic panel has the details."}`, "error");
}

/** What Slack says about the parts of a refused payload, with pointers to them. */
export function pointers(row) {
  return (row.answer?.response_metadata?.messages || []).map(String);
}

/** How many refusals nobody has looked at yet. */
export function faultCount() {
  const looking = state.panel === "traffic";
  return looking ? 0 : traffic.rows.filter((row) => row.number > traffic.seen && row.error && !USUAL.has(row.error)).length;
}
