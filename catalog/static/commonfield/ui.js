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

async function copy(button) {
  const source = document.querySelector(button.dataset.copy);
  const label = button.querySelector("span");
  if (!source || !label) return;
  const text = source.value ?? source.textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without permission (or without https) the text is selected, so that Ctrl+C takes it.
    getSelection().selectAllChildren(source);
    return;
  }
  const before = label.textContent;
  label.textContent = button.dataset.copied;
  announce(button.dataset.copied);
  setTimeout(() => { label.textContent = before; }, 1600);
}

/** A radio's own words on the button that sends the form: "Publish 1.2.0", "Ask for changes". */
function nameButton(radio) {
  const button = radio.form?.querySelector("[data-names-choice]");
  if (button && radio.dataset.verb) button.textContent = radio.dataset.verb;
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-theme-toggle]")) toggleTheme();
  const copier = event.target.closest("[data-copy]");
  if (copier) copy(copier);
  if (event.target.closest("[data-print]")) print();
});

document.addEventListener("change", (event) => {
  const target = event.target;
  if (target.matches("input[type=radio][data-verb]")) nameButton(target);
  // A choice that only changes what is shown is sent at once; without scripts its button does it.
  if (target.matches("[data-send-on-change]")) target.form.requestSubmit();
});

document.addEventListener("keydown", (event) => {
  const typing = /^(input|textarea|select)$/i.test(event.target.tagName) || event.target.isContentEditable;
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const field = document.querySelector("#bq") ?? document.querySelector("[data-find]");
    if (field) { event.preventDefault(); field.focus(); }
  }
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const form = event.target.closest?.("form[data-ctrl-enter]");
    if (form) { event.preventDefault(); form.requestSubmit(); }
  }
});

for (const radio of document.querySelectorAll("input[type=radio][data-verb]:checked")) nameButton(radio);
document.querySelector(".errors")?.focus();

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
