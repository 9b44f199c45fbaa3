// Keeps the keyboard where it belongs: inside a dialog while one is open, and back where it was afterwards.

const FOCUSABLE = "button:not([disabled]), input:not([disabled]), textarea:not([disabled]), select, a[href], [tabindex='0']";

let before = null;

/** Remember what had the focus before a dialog opened. */
export function remember() {
  const now = document.activeElement;
  if (now && now !== document.body && !now.closest("[role=dialog], [role=alertdialog]")) before = now;
}

/** Give the focus back once no dialog is open; the composer gets it where the old place is gone. */
export function giveBack() {
  if (document.activeElement && document.activeElement !== document.body) return;
  const target = before?.isConnected ? before : document.querySelector(".composer textarea");
  before = null;
  target?.focus();
}

/**
 * Put the focus into a dialog that does not have it, or that turned its page: on the field that asks for it, the first
 * one, or the button.
 */
export function enter(dialog, page = "") {
  const now = document.activeElement;
  const turned = dialog.pageShown !== page;
  dialog.pageShown = page;
  // The panel stays at hand while a modal is open: making the world fail just then is what it is for.
  if (now?.closest(".panel") || (dialog.contains(now) && (!turned || now.matches("input, textarea")))) return;
  const wish = dialog.querySelector("[data-focus-on-load]") || dialog.querySelector(".dialog-body [data-element]");
  (wish || dialog.querySelector(".dialog-main") || dialog).focus({ preventScroll: !wish });
}

/** Let Tab walk around inside a dialog. */
export function trap(event, dialog) {
  if (event.key !== "Tab") return;
  const all = [...dialog.querySelectorAll(FOCUSABLE)].filter((node) => node.offsetParent !== null);
  if (!all.length) return;
  const [first, last] = [all[0], all[all.length - 1]];
  if (event.shiftKey && (document.activeElement === first || document.activeElement === dialog)) {
    event.preventDefault();
    last.focus();
  } else if (!event.shiftKey && document.activeElement === last) {
    event.preventDefault();
    first.focus();
  }
}
