// What HTML and htmx cannot do: the system's theme and zone, copy buttons, rest when hidden, close menus.
"use strict";
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
document.cookie = `timezone=${zone};path=/;max-age=31536000;samesite=lax${location.protocol === "https:" ? ";secure" : ""}`;
const root = document.documentElement;
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const applyTheme = () => {
  if (root.dataset.theme === "auto") root.dataset.bsTheme = dark.matches ? "dark" : "light";
};
applyTheme();
dark.addEventListener("change", applyTheme);

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy], [data-copy-from]");
  const source = button?.dataset.copyFrom && document.querySelector(button.dataset.copyFrom);
  if (button) navigator.clipboard.writeText(source ? source.textContent : button.dataset.copy).then(() => {
    button.classList.add("copied");
    setTimeout(() => button.classList.remove("copied"), 1500);
  });
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  const opener = event.target.closest("[data-open]");
  if (opener) unfoldTo(opener.dataset.open);
});

// A link to a field unfolds what holds it.
const unfoldTo = (id) => {
  const target = document.getElementById(id);
  for (let node = target; node; node = node.parentElement) if (node.tagName === "DETAILS") node.open = true;
  return target;
};
document.addEventListener("click", (event) => {
  const link = event.target.closest('.findings a[href^="#"], .panel a[href^="#"]');
  const target = link && unfoldTo(link.hash.slice(1));
  if (target) { event.preventDefault(); target.scrollIntoView({block: "center"}); target.focus(); }
});

document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
});

// On a phone the navigation is a strip, and where one is may lie outside it.
const showWhere = (here) => here?.parentElement.scrollTo({left: here.offsetLeft - 48});
document.addEventListener("DOMContentLoaded", () => showWhere(document.querySelector(".sidenav [aria-current]")));

// A page that nobody sees does not ask.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && event.detail.elt.matches("[data-live]")) event.preventDefault();
});

// Nor is it shown what it asked for before something else took its place.
document.addEventListener("htmx:beforeSwap", (event) => {
  const asker = event.detail.requestConfig.elt;
  if (asker.matches("[data-live]") && !asker.isConnected) event.preventDefault();
  around = [];
  for (let node = document.activeElement; node && asker.matches("[data-live]"); node = node.parentElement) if (node.id) around.push(node.id);
});
// Who was on something that is gone stays near where it was.
let around = [];
document.addEventListener("htmx:afterSwap", () => {
  if (document.activeElement !== document.body) return;
  const near = around.splice(0).map((id) => document.getElementById(id)?.querySelector("a[href], button:enabled"));
  near.find(Boolean)?.focus({preventScroll: true});
});

// Pages that live say how old they are, and when nobody answers any more.
setInterval(() => {
  for (const time of document.querySelectorAll("time[data-ago]")) {
    const seconds = Math.max(0, Math.round((Date.now() - loaded(time)) / 1000));
    time.textContent = time.dataset.ago.replace("{n}", seconds);
  }
}, 1000);
const seenAt = new WeakMap();
const loaded = (time) => seenAt.get(time) ?? (seenAt.set(time, Date.now()), Date.now());
for (const failed of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(failed, (event) => event.detail.elt.classList.toggle("lost", event.detail.elt.matches("[data-live]")));
}

// What was typed while an answer was on its way stays as it is; the check that follows reads it.
const typed = new WeakMap();
const edited = (event) => typed.set(event.target, performance.now());
document.addEventListener("input", edited);
document.addEventListener("htmx:beforeRequest", (event) => { event.detail.xhr.asked = performance.now(); });
const isNewer = (field, xhr) => field === document.activeElement && field.matches("input:not([type=checkbox])")
  || (typed.get(field) ?? -1) > xhr.asked;
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const target = event.detail.target;
  if (target.matches("input, select") && isNewer(target, latest)) event.detail.shouldSwap = false;
});
let latest = {asked: 0}, retyped = [];
document.addEventListener("htmx:beforeSwap", (event) => {
  latest = event.detail.xhr;
  const rows = event.detail.target.matches?.(".rows") ? event.detail.target.querySelectorAll("input") : [];
  retyped = [...rows].filter((field) => (typed.get(field) ?? -1) > latest.asked).map(({id, value}) => [id, value]);
});
document.addEventListener("htmx:afterSwap", () => {
  for (const [id, value] of retyped.splice(0)) Object.assign(document.getElementById(id) ?? {}, {value});
});
// What is said of a field is so for assistive technology, too.
document.addEventListener("htmx:oobAfterSwap", ({detail: {target}}) => {
  const field = target.id?.startsWith("msg-id_") && document.getElementById(target.id.slice(4));
  if (field) field.ariaInvalid = target.querySelector(".finding-error") ? "true" : null;
});
document.addEventListener("focus-field", (event) => document.getElementById(event.detail.id)?.focus());

// A second click on what is on its way asks for nothing twice; a download leaves the page and its other buttons as they are.
const onItsWay = new WeakMap();
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (onItsWay.get(form) === event.submitter) { event.preventDefault(); return; }
  onItsWay.set(form, event.submitter);
  setTimeout(() => onItsWay.delete(form), 5000);
});
window.addEventListener("pageshow", () => { for (const form of document.forms) onItsWay.delete(form); });

// A dialog that came by htmx opens itself, and goes when it is closed.
document.addEventListener("htmx:afterSwap", () => {
  for (const dialog of document.querySelectorAll("dialog[data-modal]:not([open])")) {
    dialog.showModal();
    dialog.addEventListener("close", () => dialog.remove());
  }
});
