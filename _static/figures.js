// Draw the book's figures: load the book's own plotly.js once, on pages that need it,
// and let text and lines follow the page between light and dark.
(() => {
  const bundle = new URL("plotly-basic.min.js", document.currentScript.src);
  const settings = { displayModeBar: false, responsive: true, scrollZoom: false };

  const colours = () => {
    const style = getComputedStyle(document.documentElement);
    return {
      "font.color": style.getPropertyValue("--pst-color-text-base").trim() || "#222",
      "xaxis.gridcolor": style.getPropertyValue("--pst-color-border").trim() || "#ccc",
      "font.family": getComputedStyle(document.body).fontFamily,
    };
  };

  const draw = async (place) => {
    const figure = JSON.parse(place.querySelector("script").textContent);
    place.replaceChildren();
    await Plotly.newPlot(place, figure.data, figure.layout, settings);
    await Plotly.relayout(place, colours());
    place.classList.add("drawn");
  };

  const failed = (place) => {
    place.style.minHeight = "0";
    place.textContent = place.dataset.failed;
    place.removeAttribute("aria-hidden");
  };

  addEventListener("DOMContentLoaded", () => {
    const places = [...document.querySelectorAll(".plot")];
    if (!places.length) return;
    const script = document.createElement("script");
    script.src = bundle;
    script.onload = () => places.forEach((place) => draw(place).catch(() => failed(place)));
    script.onerror = () => places.forEach(failed);
    document.head.append(script);
    const restyle = () =>
      document.querySelectorAll(".plot.drawn").forEach((place) => Plotly.relayout(place, colours()));
    new MutationObserver(restyle).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  });
})();
