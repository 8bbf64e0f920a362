// What people told is veiled until it is pressed, or until all of it is shown. Without this file everything can be read.
document.documentElement.classList.add("veiled");

document.addEventListener("change", (event) => {
  if (event.target.id === "unveil") document.documentElement.classList.toggle("veiled", !event.target.checked);
});

function unveil(event) {
  const veil = event.target.closest?.(".veil");
  if (!veil || (event.type === "keydown" && event.key !== "Enter" && event.key !== " ")) return;
  veil.classList.toggle("seen");
  if (event.type === "keydown") event.preventDefault();
}
document.addEventListener("click", unveil);
document.addEventListener("keydown", unveil);

// A picture is fetched, and counts as seen, once it is pressed; from then on it is veiled and unveiled as words are.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a.picture");
  if (!link) return;
  event.preventDefault();
  const picture = new Image();
  Object.assign(picture, { src: link.href, alt: link.dataset.alt, className: "veil seen", tabIndex: 0 });
  picture.addEventListener("error", () => picture.replaceWith(link.dataset.unshown));
  link.replaceWith(picture);
  picture.focus();
});
