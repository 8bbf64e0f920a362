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
