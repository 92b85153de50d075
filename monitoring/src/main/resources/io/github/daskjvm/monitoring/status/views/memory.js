// Memory of the cluster over time, and of each worker.

import { canvas, card, h, setText } from "../dom.js";
import { pick, timeChart } from "../charts.js";
import { css } from "../colors.js";
import { mib } from "../format.js";
import { store, worker } from "../store.js";

const KINDS = [["managed", "--mem-managed", "results"], ["unmanaged", "--mem-old", "not results, there for a while"],
  ["unmanaged recent", "--mem-recent", "not results, of late"], ["spilled", "--mem-spilled", "results on disk"]];

/** Cluster memory over time. */
export function memoryChart(height) {
  const chart = timeChart({
    label: "Memory of all workers over time, by kind",
    series: [...KINDS.map(([label, color]) => ({ label, color })), { label: "limit", color: "--dim" }],
    format: mib, binary: true, stacked: true, line: 4, height,
  });
  return {
    element: card("Memory", {}, chart.element),
    update() {
      chart.set(pick(store.points, 1, 2, 3, 4, (p) => limit(p)));
    },
    end: chart.end,
  };
}

// A limit far above what is used would flatten everything else.
function limit(point) {
  const used = point[1] + point[2] + point[3] + point[4];
  return point[5] > 0 && point[5] < used * 4 ? point[5] : null;
}

/** A bar a worker, in the colours of the kinds. */
export function workerMemory() {
  const note = h("p", { class: "note" });
  const ROW = 16;
  const MOST = 60;
  let rows = [];
  const board = canvas(() => Math.max(1, rows.length) * ROW + 4, "Memory of each worker", (context, width) => {
    const widest = Math.max(1, ...rows.map((r) => Math.max(r.limit || 0, r.memory + (r.spilled ?? 0))));
    const label = Math.min(190, width * 0.34);
    const scale = (width - label - 90) / widest;
    context.font = "11px system-ui, sans-serif";
    context.textBaseline = "middle";
    rows.forEach((r, i) => {
      const y = i * ROW;
      context.fillStyle = css("--text");
      context.textAlign = "left";
      context.fillText(fit(context, r.name, label - 8), 0, y + ROW / 2);
      context.fillStyle = css("--track");
      context.fillRect(label, y + 2, (r.limit || widest) * scale, ROW - 4);
      let x = label;
      [r.managed, r.old, r.recent, r.spilled].forEach((value, k) => {
        context.fillStyle = css(KINDS[k][1]);
        context.fillRect(x, y + 2, (value ?? 0) * scale, ROW - 4);
        x += (value ?? 0) * scale;
      });
      context.fillStyle = css("--dim");
      context.textAlign = "right";
      context.fillText(mib(r.memory), width, y + ROW / 2);
    });
  });
  return {
    element: card("Memory by worker", {}, h("div", {}, h("ul", { class: "legend" }, KINDS.map(([name, color, meaning]) =>
      h("li", { title: meaning }, h("i", { style: { background: `var(${color})` } }), h("span", {}, name)))), board.place, note)),
    update(name) {
      if (name !== "frame" || !store.workers.cpu) return;
      const all = store.table.workers.map((_, i) => worker(i)).filter((w) => w.known);
      rows = all.toSorted((a, b) => b.memory + b.spilled - a.memory - a.spilled || a.i - b.i).slice(0, MOST);
      setText(note, all.length > MOST ? `The ${MOST} of ${store.table.all} workers that use most.` : "");
      board.paint();
    },
    end: board.end,
  };
}

function fit(context, text, width) {
  if (context.measureText(text).width <= width) return text;
  while (text.length > 1 && context.measureText(text + "…").width > width) text = text.slice(0, -1);
  return text + "…";
}

export function memoryByPrefix() {
  const body = h("tbody");
  return {
    element: card("Results by prefix", { class: "wide" }, h("div", { class: "scroll" }, h("table", {},
      h("thead", {}, h("tr", {}, h("th", {}, "Prefix"), h("th", { class: "n" }, "In memory"), h("th", { class: "n" }, "Bytes"))), body))),
    update() {
      const rows = store.prefixes.filter((p) => p[10] > 0).toSorted((a, b) => b[10] - a[10]).slice(0, 20);
      body.replaceChildren(...rows.map((p) => h("tr", {}, h("td", {}, p[0]), h("td", { class: "n" }, p[6]),
        h("td", { class: "n" }, mib(p[10] / 1048576)))));
    },
  };
}

