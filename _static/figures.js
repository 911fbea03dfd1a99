// Figures are tables that draw themselves. When a reader asks, Plotly takes over: it is loaded then, once, from beside
// this file. What is taken along (a picture, a table, a citation) is made here, and says what it is and where from.
(() => {
  const bundle = new URL("plotly-cartesian.min.js", document.currentScript.src);
  const settings = { displayModeBar: false, responsive: true, scrollZoom: false };
  let loading;

  const plotly = () =>
    (loading ??= new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = bundle;
      script.onload = () => done(window.Plotly);
      script.onerror = () => failed((loading = undefined));
      document.head.append(script);
    }));

  // --- drawing ------------------------------------------------------------------------------

  const data = new WeakMap();
  const figureOf = (place) => {
    if (!data.has(place)) data.set(place, JSON.parse(place.querySelector("script").textContent));
    return structuredClone(data.get(place));
  };

  // A colour of the page as it is now: var(--c1) is another in the dark.
  const now = (colour, place) => {
    const probe = document.createElement("span");
    probe.style.color = colour;
    place.append(probe);
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  };

  // Black or white, whichever is read better on a colour.
  const on = (colour) => {
    const [red, green, blue] = colour.match(/[\d.]+/g).map(Number);
    return 0.3 * red + 0.6 * green + 0.1 * blue > 128 ? "#000" : "#fff";
  };

  const asThePage = ({ data, layout }, place) => {
    const [ink, line] = ["var(--ink)", "var(--line)"].map((name) => now(name, place));
    for (const trace of data) {
      if (!trace.meta) continue;
      const colour = trace.meta === "var(--na)" ? "rgba(0,0,0,0)" : now(trace.meta, place);
      for (const note of layout.annotations ?? []) note.text = note.text.replaceAll(trace.marker.color, colour);
      trace.marker = { ...trace.marker, color: colour };
      if (trace.textfont) trace.textfont = { ...trace.textfont, color: on(colour) };
      if (trace.mode === "markers") trace.marker.line = { ...trace.marker.line, color: colour };
    }
    layout.font = { ...layout.font, color: ink, family: getComputedStyle(place).fontFamily };
    for (const axis of ["xaxis", "yaxis"]) layout[axis] = { ...layout[axis], gridcolor: line };
    return [data, layout];
  };

  const draw = async (place) => {
    const Plotly = await plotly();
    await Plotly.react(place, ...asThePage(figureOf(place), place.parentElement), settings);
    place.classList.add("drawn");
  };

  const failed = (place) => {
    place.textContent = place.dataset.failed;
    place.removeAttribute("aria-hidden");
  };

  // --- taking along ----------------------------------------------------------------------------

  const said = (figure, selector) => figure.querySelector(selector)?.textContent.trim() ?? "";
  const address = (figure) => `${location.href.split("#")[0]}#${figure.id}`;
  const lines = (text, width) => {
    const found = [""];
    for (const word of text.split(/\s+/)) {
      if (found.at(-1) && `${found.at(-1)} ${word}`.length > width) found.push("");
      found.push(`${found.pop()} ${word}`.trim());
    }
    return found.map((line) => line.replace(/&/g, "&amp;").replace(/</g, "&lt;"));
  };

  const save = (name, href) => Object.assign(document.createElement("a"), { download: name, href }).click();

  // A picture of a figure, with all that it needs to stand by itself.
  const picture = async (figure, format) => {
    const Plotly = await plotly();
    const { data, layout } = figureOf(figure.querySelector(".plot"));
    const title = lines(said(figure, "figcaption"), 62);
    const asked = lines(said(figure, "caption, .asked"), 96);
    const below = lines(`${said(figure, ".number")}. ${figure.dataset.source}. ${address(figure)}`, 96);
    const beside = { xref: "paper", x: 0, xanchor: "left", align: "left", yref: "paper", showarrow: false };
    const top = 24 * title.length + 17 * asked.length + 28;
    const foot = 16 * below.length + 44;
    layout.annotations = [
      ...(layout.annotations ?? []),
      { ...beside, y: 1, yanchor: "top", yshift: top - 8, font: { size: 19 }, text: title.join("<br>") },
      { ...beside, y: 1, yanchor: "bottom", yshift: 10, font: { size: 13 }, text: asked.join("<br>") },
      { ...beside, y: 0, yanchor: "top", yshift: -32, font: { size: 12 }, text: below.join("<br>") },
    ];
    const height = (layout.height ?? 400) - (layout.margin?.t ?? 0) - (layout.margin?.b ?? 0) + top + foot;
    Object.assign(layout, { width: 760, height, margin: { l: 24, r: 24, t: top, b: foot }, paper_bgcolor: "#fff" });
    const size = { format, width: 760, height, scale: format === "png" ? 2 : 1 };
    save(`${figure.id}.${format}`, await Plotly.toImage({ data, layout }, size));
  };

  // A table of a figure: every row says where it is from, so that no part of it can pass for something else.
  const table = (figure) => {
    const from = `"${`${figure.dataset.source}. ${address(figure)}`.replace(/"/g, '""')}"`;
    const rows = figure.querySelector("[data-rows]").dataset.rows.trim().split("\n");
    const whole = rows.map((row, i) => `${row},${i ? from : figure.dataset.from}`).join("\n");
    save(`${figure.id}.csv`, URL.createObjectURL(new Blob([`\ufeff${whole}\n`], { type: "text/csv" })));
  };

  const cite = async (figure) => {
    const book = document.querySelector('meta[property="og:site_name"]')?.content ?? document.title;
    const text = `${said(figure, ".number")}: ${said(figure, "figcaption")}. ${book}. ${figure.dataset.source}. ${address(figure)}`;
    figure.querySelector(".take output").textContent = text;
    await navigator.clipboard?.writeText(text).catch(() => {}); // where it may not, the words can be selected
  };

  const point = async (figure, button) => {
    const on = figure.classList.toggle("pointing");
    button.setAttribute("aria-pressed", on);
    if (on) await draw(figure.querySelector(".plot"));
  };

  const code = (figure) => {
    const folded = figure.closest(".cell")?.querySelector("details");
    if (!folded) return;
    folded.open = true;
    folded.querySelector("summary").focus();
    folded.scrollIntoView({ block: "start" });
  };

  const take = { point, code, cite, csv: table, png: (f) => picture(f, "png"), svg: (f) => picture(f, "svg") };

  const serve = (figure) => {
    for (const button of figure.querySelectorAll("button[data-take]")) {
      button.hidden = button.dataset.take === "code" && !figure.closest(".cell")?.querySelector("details");
      button.addEventListener("click", () =>
        Promise.resolve(take[button.dataset.take](figure, button)).catch(() => failed(figure.querySelector(".plot"))),
      );
    }
  };

  addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("figure.exhibit").forEach(serve);
    // a figure of somebody's own has no table that draws itself: it is drawn when it comes into view
    const seen = new IntersectionObserver((entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        seen.unobserve(target);
        draw(target).catch(() => failed(target));
      }
    });
    for (const place of document.querySelectorAll(".plot")) {
      if (!place.closest("figure")?.querySelector("table.chart")) seen.observe(place);
    }
    const again = () => document.querySelectorAll(".plot.drawn").forEach((place) => draw(place));
    new MutationObserver(again).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  });
})();
