// Keys of the list: j and k move from case to case, as the arrows do; Enter opens the one that is marked.
document.addEventListener("keydown", (event) => {
  if (event.target.closest("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
  const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
  const links = [...document.querySelectorAll(".cases a")];
  if (!step || !links.length) return;
  const at = links.indexOf(document.activeElement);
  links[Math.max(0, Math.min(links.length - 1, at < 0 ? 0 : at + step))].focus();
  event.preventDefault();
});

// The list is put anew when it changes: whoever was on a case stays on it.
let marked = null;
document.addEventListener("htmx:before:swap", () => { marked = document.activeElement?.closest(".cases a")?.getAttribute("href") ?? null; });
document.addEventListener("htmx:after:swap", () => {
  if (marked) document.querySelector(`.cases a[href="${CSS.escape(marked)}"]`)?.focus();
});

// Keys of a page: what has one is pressed by it, as the number of a choice while somebody speaks.
document.addEventListener("keydown", (event) => {
  if (event.target.closest("input:not([type=checkbox]), select, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
  const marked = event.key === "Enter" ? null : document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!marked) return;
  marked.click();
  event.preventDefault();
});
