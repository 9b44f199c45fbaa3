// Speaks to the workspace: look, act, and hear of every change.

import { change, state, toast } from "./state.js";

async function call(method, path, body) {
  const options = { method, headers: { "Content-Type": "application/json" } };
  if (body !== undefined) options.body = JSON.stringify(body);
  try {
    const response = await fetch(`/_world/${path}`, options);
    return { status: response.status, body: await response.json() };
  } catch {
    return { status: 0, body: { error: "The workspace does not answer." } };
  }
}

/** Do something as the acting person. Gives `{result}`, or `{refusal, fields}` where a client would not let them. */
export async function act(action, body = {}, user = state.user) {
  const answer = await call("POST", `people/${user}/${action}`, body);
  if (answer.status === 200) return { result: answer.body.result, refusal: null, fields: {} };
  const refusal = answer.body.refusal || answer.body.error || "That did not work.";
  return { result: null, refusal, fields: answer.body.fields || {} };
}

export const moveClock = (body) => said(call("POST", "clock", body));
export const readTraffic = (after) => call("GET", `traffic?after=${after}`);
export const readMenu = () => call("GET", "page");
export const orderFailure = (id, body) => said(call("POST", `failures/${encodeURIComponent(id)}`, body));

async function said(answering) {
  const answer = await answering;
  if (answer.status !== 200) toast(answer.body.error || "That did not work.", "error");
  return answer;
}

let looking = null;
let next = null;

/** Bring the screen up to date; done once a look that began after this call has come back. */
export function look() {
  if (!looking) return startLooking();
  next ||= looking.then(() => {
    next = null;
    return startLooking();
  });
  return next;
}

function startLooking() {
  looking = lookOnce(state.user).finally(() => {
    looking = null;
  });
  return looking;
}

async function lookOnce(user) {
  const answer = await call("GET", `screen/${user}`);
  if (answer.status === 200 && user === state.user) {
    change({ screen: { ...answer.body, seenAt: performance.now() }, offline: false });
  } else if (answer.status === 0) {
    change({ offline: true });
  }
}

/** Call `heard` at every change of the workspace; after an interruption the browser comes back by itself. */
export function listen(heard) {
  const stream = new EventSource("/_world/updates");
  stream.addEventListener("change", heard);
  stream.onerror = () => change({ offline: true });
}
