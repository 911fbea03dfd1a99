// Search a table: a form names its table, and the rows that have every word and the choice stay.
// The form is hidden until this runs, so that without it the table is simply whole.
(() => {
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

  const serve = (form) => {
    const rows = [...document.getElementById(form.dataset.table).tBodies[0].rows];
    const texts = rows.map((row) => plain(row.textContent));
    const { text, choice } = form.elements;
    const status = form.querySelector("[role=status]");

    const filter = () => {
      const words = plain(text.value).split(/\s+/).filter(Boolean);
      rows.forEach((row, i) => {
        const fits = !choice.value || choice.value === row.dataset.choice;
        row.hidden = !(fits && words.every((word) => texts[i].includes(word)));
      });
      const shown = rows.filter((row) => !row.hidden).length;
      status.textContent = form.dataset.shown.replace("{shown}", shown).replace("{all}", rows.length);
    };

    form.addEventListener("input", filter);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.hidden = false;
    filter();
  };

  addEventListener("DOMContentLoaded", () => document.querySelectorAll("form.filter").forEach(serve));
})();
