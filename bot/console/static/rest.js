// A page that nobody uses empties itself when its session rests or ends; whoever uses it says so, once a minute at most.
const rest = document.querySelector("meta[name=rest]");
const MINUTE = 60_000;
let ends = Date.now() + Number(rest.content) * 1000;
let told = Date.now();

function empty() {
  document.body.replaceChildren();
  location.replace(rest.dataset.here);
}

async function used() {
  if (Date.now() - told < MINUTE) return;
  told = Date.now();
  const answer = await fetch("/me/here", { method: "POST", body: new URLSearchParams({ here: "1" }) }).catch(() => null);
  if (answer?.ok) ends = Date.now() + Number(await answer.text()) * 1000;
  else if (answer?.status === 401) empty();
}

for (const what of ["keydown", "pointerdown", "wheel", "touchmove"]) document.addEventListener(what, used, { passive: true });
for (const what of ["visibilitychange", "pageshow"]) window.addEventListener(what, () => { if (Date.now() >= ends) empty(); });
setInterval(() => { if (Date.now() >= ends) empty(); }, 5000);
