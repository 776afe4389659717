// Small behaviours for every page: theme, copy, search key, live messages. Everything works without them
// where it is reading or a form.
const root = document.documentElement;
const live = document.getElementById("live");
root.classList.add("js");

/** Say something to readers of screens. */
export function announce(text) {
  if (!live) return;
  live.textContent = "";
  // A live region speaks only of changes, so the same words twice need a pause between.
  setTimeout(() => { live.textContent = text; }, 50);
}

function toggleTheme() {
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  const next = (root.dataset.theme || system) === "dark" ? "light" : "dark";
  root.dataset.theme = next;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `theme=${next}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
}

/** The words of an address of ours; the browser takes a clipboard's text later only as a promise. */
async function fetched(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  return new Blob([await answer.text()], { type: "text/plain" });
}

async function copy(button) {
  const { copy: selector, copyFrom } = button.dataset;
  const source = selector && document.querySelector(selector);
  const label = button.querySelector("span");
  if (!(source || copyFrom) || !label) return;
  try {
    if (copyFrom) await navigator.clipboard.write([new ClipboardItem({ "text/plain": fetched(copyFrom) })]);
    else await navigator.clipboard.writeText(source.value ?? source.textContent);
  } catch {
    // Without permission (or without https) the text is selected, so that Ctrl+C takes it; a file is one link away.
    if (source) getSelection().selectAllChildren(source);
    else announce(document.body.dataset.tFailed);
    return;
  }
  const before = label.textContent;
  label.textContent = button.dataset.copied;
  announce(button.dataset.copied);
  setTimeout(() => { label.textContent = before; }, 1600);
}

/** Take a suggestion into its field, behind what stands there or in its place; the form saves itself then. */
function fill(button) {
  const field = document.querySelector(button.dataset.fill);
  if (!field) return;
  const { value } = button.dataset;
  const before = "added" in button.dataset ? field.value.trim() : "";
  const between = field.matches("textarea") ? "\n\n" : ", ";
  field.value = before ? `${before}${between}${value}` : value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  button.closest("li")?.remove();
  field.focus();
}

/** A radio's own words on the button that sends the form: "Publish 1.2.0", "Ask for changes". */
function nameButton(radio) {
  const button = radio.form?.querySelector("[data-names-choice]");
  if (button && radio.dataset.verb) button.textContent = radio.dataset.verb;
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-theme-toggle]")) toggleTheme();
  const copier = event.target.closest("[data-copy], [data-copy-from]");
  if (copier) copy(copier);
  if (event.target.closest("[data-print]")) print();
  const filler = event.target.closest("[data-fill]");
  if (filler) fill(filler);
});

document.addEventListener("change", (event) => {
  const target = event.target;
  if (target.matches("input[type=radio][data-verb]")) nameButton(target);
  // A choice that only changes what is shown is sent at once; without scripts its button does it.
  if (target.matches("[data-send-on-change]")) target.form.requestSubmit();
});

/** One key, one thing to do: "/" searches, "?" lists the keys, others press what is marked with data-key. */
function pressKey(event) {
  if (event.key === "/") {
    const field = document.querySelector("#bq") ?? document.querySelector("[data-find]");
    if (field) { event.preventDefault(); field.focus(); }
    return;
  }
  // On a check under review "?" means asking (review.js).
  if (event.key === "?" && !event.target.closest?.("fieldset.call[data-call]")) {
    document.getElementById("keys")?.togglePopover();
    return;
  }
  if (!/^[a-z[\]]$/.test(event.key)) return;
  const marked = document.querySelector(`[data-key="${event.key}"]`);
  if (marked) { event.preventDefault(); marked.click(); }
}

/** A form in a table's row: Enter saves (Shift+Enter is a new line), Escape puts the row back. */
function pressInline(event) {
  const form = event.target.closest?.("form[data-inline]");
  if (!form || event.isComposing) return;
  if (event.key === "Enter" && !event.shiftKey && event.target.matches("textarea, input")) {
    event.preventDefault();
    form.requestSubmit();
  }
  if (event.key === "Escape") form.querySelector("[data-cancel]")?.click();
}
document.addEventListener("keydown", pressInline);

document.addEventListener("keydown", (event) => {
  const typing = /^(input|textarea|select)$/i.test(event.target.tagName) || event.target.isContentEditable;
  if (!typing && !event.ctrlKey && !event.metaKey && !event.altKey) pressKey(event);
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const form = event.target.closest?.("form[data-ctrl-enter]");
    if (form) { event.preventDefault(); form.requestSubmit(); }
  }
});

for (const radio of document.querySelectorAll("input[type=radio][data-verb]:checked")) nameButton(radio);
document.querySelector(".errors")?.focus();

// On a phone the tabs are wider than the screen: the present one is brought into sight, and the page stays where it is.
for (const tab of document.querySelectorAll(".tabs [aria-current]")) {
  const row = tab.closest(".tabs");
  row.scrollLeft = Math.max(0, tab.offsetLeft + tab.offsetWidth - row.offsetLeft - row.clientWidth + 16);
}

document.addEventListener("htmx:afterSwap", (event) => {
  const said = event.target.querySelector?.("[data-announce]");
  if (said) announce(said.textContent.trim());
});

/** A request of htmx that failed is never silent: a note above what should have changed. */
function showFailure(event) {
  const target = event.detail.target ?? event.target;
  target.previousElementSibling?.matches(".note[data-failure]") && target.previousElementSibling.remove();
  const note = document.createElement("p");
  note.className = "note bad";
  note.dataset.failure = "";
  note.textContent = document.body.dataset.tFailed;
  target.before(note);
  announce(note.textContent);
}
for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, showFailure);
}
