// Holds what the page knows: who acts, where they look, and the screen as the workspace last told it.

export const state = {
  user: null,
  place: null, // a channel's id, or "home" for the app's Home tab
  thread: null, // the root's ts while the thread pane is open
  screen: null,
  offline: false,
  drawer: null, // "sidebar" or "world" on a small window
  read: {}, // per person and channel: the newest message they have looked at
  local: {}, // per person and channel: lines that only their client shows
  drafts: {}, // text in the composers
  entered: {}, // text in inputs while it is on its way to the workspace
  picked: {}, // choices in menus while they are on their way
  faults: {}, // per view: what the client finds wrong with an input, by block
  busy: new Set(), // what was pressed and not answered yet
  troubled: {}, // what was pressed and failed, with the reason
  menu: null, // the one menu that is open
  confirm: null,
  toasts: [],
};

const TOAST_MS = { info: 4000, error: 12000 };

let told = 0;
let draw = () => {};
let scheduled = false;

/** Have `callback` draw the page after each change. */
export function drawWith(callback) {
  draw = callback;
}

/** Change the state and draw the page once, soon. */
export function change(changes = {}) {
  Object.assign(state, changes);
  if (scheduled) return;
  scheduled = true;
  queueMicrotask(() => {
    scheduled = false;
    draw();
  });
}

export function channels() {
  return state.screen ? state.screen.channels : [];
}

export function channelNow() {
  return channels().find((channel) => channel.id === state.place) || null;
}

export function person(id) {
  return state.screen?.people.find((member) => member.id === id) || null;
}

export function you() {
  return state.screen?.you || null;
}

/** The world's time in milliseconds, running on between two looks at it. */
export function worldNow() {
  if (!state.screen) return Date.now();
  const since = performance.now() - state.screen.seenAt;
  return Date.parse(state.screen.now) + since * state.screen.speed;
}

/** Tell the person something that no message tells. */
export function toast(text, kind = "info") {
  const one = { text, kind, id: (told += 1) };
  const others = state.toasts.filter((other) => other.text !== text);
  change({ toasts: [...others.slice(-2), one] });
  setTimeout(() => dismiss(one.id), TOAST_MS[kind]);
}

export function dismiss(id) {
  change({ toasts: state.toasts.filter((one) => one.id !== id) });
}

/** Go somewhere; the address follows, so that a reload or a second page starts there. */
export function go(where) {
  Object.assign(state, where);
  const parts = [state.user, state.place, state.thread].filter(Boolean);
  history.replaceState(null, "", `#/${parts.join("/")}`);
  change();
}

/** Read where the address says that one is. */
export function whereabouts() {
  const [user, place, thread] = location.hash.replace(/^#\/?/, "").split("/");
  return { user: user || null, place: place || null, thread: thread || null };
}
