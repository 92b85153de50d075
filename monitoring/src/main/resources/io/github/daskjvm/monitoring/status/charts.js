// Charts over time, by uPlot, in the theme's colours.

import uPlot from "./vendor/uPlot.esm.js";
import { h, setText } from "./dom.js";
import { css } from "./colors.js";
import { clock } from "./format.js";

const HEIGHT = 190;
const BINARY = Array.from({ length: 50 }, (_, i) => 2 ** i);

/**
 * A chart over time; its height is a number or a function.
 *
 * series: [{label, color}], where color is the name of a colour of the style sheet; format: of the values;
 * binary: of bytes, so that the marks are round; stacked: areas on each other; line: index of a series that is a line of its own above the stack.
 */
export function timeChart({ label, series, format, stacked = false, line = -1, binary = false, height = HEIGHT, max = null }) {
  const tall = () => (typeof height === "function" ? height() : height);
  const place = h("div", { class: "chart", role: "img", "aria-label": label });
  const numbers = series.map(() => h("b", {}, "–"));
  const when = h("span", { class: "dim" });
  const legend = h("ul", { class: "legend" }, series.map(({ label: name, color }, i) =>
    h("li", {}, h("i", { style: { background: `var(${color})` } }), h("span", {}, name), numbers[i])), h("li", {}, when));
  let plot = null;
  let columns = [[], ...series.map(() => [])];

  function build() {
    plot?.destroy();
    const grid = { stroke: css("--grid"), width: 1 };
    const axis = { stroke: css("--dim"), font: "11px system-ui, sans-serif", grid, ticks: { show: false } };
    plot = new uPlot({
      width: place.clientWidth || 300,
      height: tall(),
      padding: [8, 8, 0, 0],
      cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false } },
      legend: { show: false },
      hooks: { setCursor: [(u) => values(u.cursor.idx)] },
      scales: { x: { time: true }, y: { range: (u, low, high) => [0, Math.max(high * 1.05, max ?? 0, 1e-9)] } },
      axes: [
        { ...axis, size: 28, space: 70, values: (u, splits) => splits.map(clock) },
        { ...axis, size: 74, incrs: binary ? BINARY : undefined, values: (u, splits) => splits.map(format) },
      ],
      series: [{}, ...order().map((i) => {
        const color = css(series[i].color);
        return {
          label: series[i].label,
          stroke: color,
          width: i === line ? 1.5 : stacked ? 1 : 2,
          dash: i === line ? [4, 4] : undefined,
          fill: stacked && i !== line ? color + "99" : undefined,
          points: { show: false },
        };
      })],
    }, shown(), place);
  }

  // The values under the pointer; the last ones where there is none.
  function values(at) {
    const index = at ?? columns[0].length - 1;
    numbers.forEach((number, i) => {
      const value = columns[i + 1][index];
      setText(number, value == null ? "–" : format(value));
    });
    setText(when, at == null || index < 0 ? "" : clock(columns[0][index]));
  }

  // The sum of all is drawn first, so that the areas of fewer cover it.
  const order = () => (stacked ? [...series.keys()].reverse() : [...series.keys()]);

  function shown() {
    if (!stacked) return columns;
    const sum = columns[0].map(() => 0);
    const sums = series.map((_, i) => (i === line ? columns[i + 1] : columns[i + 1].map((v, k) => (sum[k] += v))));
    return [columns[0], ...order().map((i) => sums[i])];
  }

  const observer = new ResizeObserver(() => {
    if (!plot) build();
    else if (place.clientWidth > 0) plot.setSize({ width: place.clientWidth, height: tall() });
  });
  observer.observe(place);
  addEventListener("themechange", build);
  return {
    element: h("div", {}, place, legend),
    /** Columns: times in seconds since 1970, then one for each series. */
    set(next) {
      columns = next;
      if (plot && plot.height !== tall()) plot.setSize({ width: place.clientWidth, height: tall() });
      plot?.setData(shown());
      values(plot?.cursor.idx);
    },
    end() {
      observer.disconnect();
      removeEventListener("themechange", build);
      plot?.destroy();
    },
  };
}

/** Columns of the history by their places in a point. */
export function pick(points, ...places) {
  return [points.map((p) => p[0]), ...places.map((place) => points.map((p) => (typeof place === "function" ? place(p) : p[place])))];
}
