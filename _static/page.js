// What a page needs before it is shown, and the little that the theme leaves to Bootstrap.
(() => {
  const root = document.documentElement;
  const kept = (() => { try { return localStorage.getItem("mode"); } catch { return null; } })();
  root.dataset.mode = kept || "auto";
  const dark = root.dataset.mode === "auto" ? matchMedia("(prefers-color-scheme: dark)").matches : kept === "dark";
  root.dataset.theme = dark ? "dark" : "light";

  // a page on a disk may not read another, so what is found is shown without its text
  if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

  const close = (except) =>
    document.querySelectorAll("details.dropdown[open]").forEach((menu) => menu !== except && (menu.open = false));
  addEventListener("click", (event) => {
    close(event.target.closest("details.dropdown"));
    if (event.target.closest("[data-print]")) print();
  });
  addEventListener("keydown", (event) => {
    const menu = document.querySelector("details.dropdown[open]");
    if (event.key !== "Escape" || !menu) return;
    close();
    menu.querySelector("summary").focus();
  });
  addEventListener("DOMContentLoaded", () => document.querySelector(".bd-search-container input")?.focus());
})();
