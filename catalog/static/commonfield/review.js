// The steward's keys: from one failed check to the next, a word on each, and back again; from one review to the next.
// Without scripts the same is done by the fields and links. No key does anything while somebody types.
const calls = [...document.querySelectorAll("fieldset.call[data-call]")];
const live = document.getElementById("live");
const undone = [];
const WORDS = { a: "accept", "?": "ask", r: "refuse" };

const choiceOf = (call) => call.querySelector("select");
const undoOf = (call) => call.querySelector("[data-undo]");

function say(text) {
  if (live) live.textContent = text;
}

/** The check that has the focus, itself or in one of its fields. */
function current() {
  return document.activeElement?.closest?.("fieldset.call[data-call]") ?? null;
}

function go(step) {
  if (!calls.length) return;
  const at = calls.indexOf(current());
  const next = at < 0 ? (step > 0 ? 0 : calls.length - 1) : Math.min(calls.length - 1, Math.max(0, at + step));
  calls[next].focus({ preventScroll: true });
  calls[next].scrollIntoView({ block: "center" });
}

/** To the next review or the one before: a row of the queue gets the focus, from a review's page one goes there. */
function goReview(step) {
  const rows = [...document.querySelectorAll("a[data-review]")];
  if (rows.length) {
    const at = rows.indexOf(document.activeElement);
    rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + step))].focus();
    return;
  }
  document.querySelector(step > 0 ? "a[data-after]" : "a[data-before]")?.click();
}

/** Remember what stood there before, and offer to put it back. */
function remember(call) {
  const choice = choiceOf(call);
  const before = choice.dataset.before ?? "";
  if (before === choice.value) return;
  undone.push({ call, before });
  choice.dataset.before = choice.value;
  undoOf(call).hidden = false;
}

function choose(call, word) {
  const choice = choiceOf(call);
  choice.value = word;
  remember(call);
  say(choice.selectedOptions[0].textContent);
  call.querySelector("textarea").focus();
}

function undo(call) {
  const place = call ? undone.findLastIndex((item) => item.call === call) : undone.length - 1;
  if (place < 0) return;
  const [item] = undone.splice(place, 1);
  const choice = choiceOf(item.call);
  choice.value = item.before;
  choice.dataset.before = item.before;
  undoOf(item.call).hidden = !undone.some((other) => other.call === item.call);
  item.call.focus({ preventScroll: true });
  item.call.scrollIntoView({ block: "center" });
  say(choice.selectedOptions[0].textContent);
}

function decide(number) {
  const radio = document.getElementById(`id_decision_${number}`);
  if (!radio) return;
  radio.checked = true;
  radio.dispatchEvent(new Event("change", { bubbles: true }));
  radio.focus();
}

for (const call of calls) {
  const choice = choiceOf(call);
  choice.dataset.before = choice.value;
  choice.addEventListener("change", () => remember(call));
  undoOf(call).addEventListener("click", () => undo(call));
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const isTyping = /^(textarea|select)$/i.test(event.target.tagName) || event.target.isContentEditable
    || (event.target.tagName === "INPUT" && event.target.type !== "radio");
  const call = current();
  if (event.key === "Escape" && isTyping && call) {
    call.focus();
    return;
  }
  if (isTyping) return;
  const key = event.key.toLowerCase();
  const move = event.shiftKey || !calls.length ? goReview : go;
  if (key === "j") move(1);
  else if (key === "k") move(-1);
  else if (key === "u") undo(call);
  else if (key === "1" || key === "2" || key === "3") decide(Number(key) - 1);
  else if (key in WORDS && call) choose(call, WORDS[key]);
  else return;
  event.preventDefault();
});
