// Bytes moved: the network over time, and the links between workers.

import { canvas, card, fillRows, h, relink, setText, workerLink } from "../dom.js";
import { pick, timeChart } from "../charts.js";
import { css } from "../colors.js";
import { bytes, count, kibRate } from "../format.js";
import { store, worker } from "../store.js";

export function networkChart(height) {
  const chart = timeChart({ label: "Bytes a second read and written by the workers' hosts",
    series: [{ label: "read", color: "--accent" }, { label: "written", color: "--mem-recent" }], format: kibRate, binary: true, height });
  return {
    element: card("Network", {}, chart.element),
    update: () => chart.set(pick(store.points, 12, 13)),
    end: chart.end,
  };
}

/** Who fetched from whom, and how fast: rows fetch, columns give. Beyond 64 workers, neighbours share a square. */
export function linkMatrix() {
  const MOST = 64;
  const note = h("p", { class: "note" });
  let side = 1;
  const board = canvas(() => Math.min(420, Math.max(120, board?.place.clientWidth ?? 300)), "Measured bandwidth between workers", (context, width, tall) => {
    const n = Math.max(1, Math.min(MOST, store.table.workers.length));
    const group = Math.max(1, store.table.workers.length / n);
    side = Math.min(width, tall) / n;
    const sums = new Map();
    let most = 1;
    for (const [to, from, rate] of store.links) {
      const place = Math.floor(to / group) * n + Math.floor(from / group);
      const value = Math.max(sums.get(place) ?? 0, rate);
      sums.set(place, value);
      most = Math.max(most, value);
    }
    context.fillStyle = css("--track");
    context.fillRect(0, 0, side * n, side * n);
    context.fillStyle = css("--accent");
    for (const [place, value] of sums) {
      context.globalAlpha = 0.2 + 0.8 * (value / most);
      context.fillRect((place % n) * side, Math.floor(place / n) * side, Math.max(1, side - 1), Math.max(1, side - 1));
    }
    context.globalAlpha = 1;
  });
  return {
    element: card("Links", {}, h("div", {}, h("p", { class: "note" }, "Rows fetch from columns; the fuller, the faster."), board.place, note)),
    update(name) {
      if (name !== "frame") return;
      board.paint();
      setText(note, store.links.length === 0 ? "Nothing has been moved yet." : `The ${store.links.length} fastest links.`);
    },
    end: board.end,
  };
}

export function transferTable() {
  const links = h("tbody");
  const workers = h("tbody");
  const table = (heads, body) => h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": heads[0] }, h("table", {}, h("thead", {}, h("tr", {},
    heads.map((text, i) => h("th", { class: i > (heads.length > 3 ? 0 : 1) ? "n" : null }, text)))), body));
  return {
    element: h("div", { class: "columns" },
      card("Fastest links", {}, table(["To", "From", "Rate"], links)),
      card("Transfers by worker", {}, table(["Worker", "Incoming", "Outgoing", "Fetched", "Served", "Host reads", "Host writes"], workers))),
    update(name) {
      if (name !== "frame" || !store.workers.fetched) return;
      const named = (link, i) => relink(link, store.table.workers[i]?.[0] ?? "", store.table.workers[i]?.[1] ?? "–");
      const newRow = (names, numbers) => () => h("tr", {}, Array.from({ length: names }, () => h("td", {}, workerLink(""))),
        Array.from({ length: numbers }, () => h("td", { class: "n" })));
      fillRows(links, store.links.slice(0, 15), newRow(2, 1), (row, [to, from, rate]) => {
        named(row.cells[0].firstChild, to);
        named(row.cells[1].firstChild, from);
        setText(row.cells[2], kibRate(rate));
      });
      const rows = store.table.workers.map((_, i) => worker(i)).filter((w) => w.fetched !== undefined)
        .sort((a, b) => b.incoming + b.outgoing - a.incoming - a.outgoing || b.fetched + b.served - a.fetched - a.served || a.i - b.i).slice(0, 15);
      fillRows(workers, rows, newRow(1, 6), (row, w) => {
        named(row.cells[0].firstChild, w.i);
        [bytes(w.incoming * 1024), bytes(w.outgoing * 1024), count(w.fetched), count(w.served), kibRate(w.read), kibRate(w.write)]
          .forEach((text, i) => setText(row.cells[i + 1], text));
      });
    },
  };
}
