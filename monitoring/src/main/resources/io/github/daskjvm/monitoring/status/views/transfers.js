// Bytes moved: the network over time, and the links between workers.

import { canvas, card, fillRows, h, relink, setText, workerLink } from "../dom.js";
import { pick, timeChart } from "../charts.js";
import { css } from "../colors.js";
import { bytes, count, kibRate } from "../format.js";
import { details } from "../feed.js";
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

/** Bytes between pairs of workers, asked for while somebody looks. */
const moved = { pairs: [], asked: 0 };
const ASK_MILLIS = 5000;

async function askMoved() {
  if (store.frozen || performance.now() - moved.asked < ASK_MILLIS) return;
  moved.asked = performance.now();
  const reply = await details("moved.json", {});
  if (!reply) return;
  const index = (i) => store.first?.get(reply.workers[i]) ?? -1;
  moved.pairs = reply.pairs.map(([to, from, n]) => [index(to), index(from), n]).filter(([to, from]) => to >= 0 && from >= 0);
}

/** Who fetched from whom, how much and how fast: rows fetch, columns give. Beyond 64 workers, neighbours share a square. */
export function linkMatrix({ tall = () => 420 } = {}) {
  const MOST = 64;
  const note = h("p", { class: "note" });
  const meaning = h("p", { class: "note" });
  let fast = false;
  const choices = [["Bytes", false], ["Rate", true]].map(([label, value]) => h("button", { type: "button", "aria-pressed": String(value === fast), onclick: () => {
    fast = value;
    choices.forEach((button, i) => button.setAttribute("aria-pressed", String(Boolean(i) === fast)));
    show();
  } }, label));
  const links = () => (fast ? store.links : moved.pairs);
  const board = canvas(() => Math.min(tall(), Math.max(120, board?.place.clientWidth ?? 300)), "What was moved between pairs of workers, or how fast", (context, width, high) => {
    const n = Math.max(1, Math.min(MOST, store.table.workers.length));
    const group = Math.max(1, store.table.workers.length / n);
    const side = Math.min(width, high) / n;
    const sums = new Map();
    let most = 1;
    for (const [to, from, value] of links()) {
      const place = Math.floor(to / group) * n + Math.floor(from / group);
      sums.set(place, fast ? Math.max(sums.get(place) ?? 0, value) : (sums.get(place) ?? 0) + value);
      most = Math.max(most, sums.get(place));
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

  function show() {
    board.paint();
    setText(meaning, fast ? "Rows fetch from columns; the fuller, the faster, as workers measured it."
      : "Rows fetch from columns; the fuller, the more bytes of results. Where several workers had a result, each counts for an equal part; peer-to-peer shuffles are not counted.");
    const n = links().length;
    setText(note, n === 0 ? "Nothing has been moved yet." : fast ? `The ${n} fastest links.` : `The ${n} pairs with most, ${bytes(links().reduce((sum, link) => sum + link[2], 0))} in all.`);
  }

  return {
    element: card("Links", {}, h("div", {}, meaning, board.place, note), ...choices),
    update(name) {
      if (name !== "frame") return;
      askMoved();
      show();
    },
    end: board.end,
  };
}

export function transferTable() {
  const links = h("tbody");
  const workers = h("tbody");
  const table = (heads, body, names = 1) => h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": heads[0] }, h("table", {}, h("thead", {}, h("tr", {},
    heads.map((text, i) => h("th", { class: i >= names ? "n" : null }, text)))), body));
  return {
    element: h("div", { class: "columns" },
      card("Between two workers", {}, table(["To", "From", "Moved", "Rate"], links, 2)),
      card("Transfers by worker", {}, table(["Worker", "Incoming", "Outgoing", "Fetched", "Served", "Host reads", "Host writes"], workers))),
    update(name) {
      if (name !== "frame" || !store.workers.fetched) return;
      const named = (link, i) => relink(link, store.table.workers[i]?.[0] ?? "", store.table.workers[i]?.[1] ?? "–");
      const newRow = (names, numbers) => () => h("tr", {}, Array.from({ length: names }, () => h("td", {}, workerLink(""))),
        Array.from({ length: numbers }, () => h("td", { class: "n" })));
      // Most bytes first; then the fastest of those of which no bytes are known.
      const rates = new Map(store.links.map(([to, from, rate]) => [to * 4096 + from, rate]));
      const known = new Set(moved.pairs.map(([to, from]) => to * 4096 + from));
      const pairs = [...moved.pairs, ...store.links.filter(([to, from]) => !known.has(to * 4096 + from)).map(([to, from]) => [to, from, null])];
      fillRows(links, pairs.slice(0, 15), newRow(2, 2), (row, [to, from, size]) => {
        named(row.cells[0].firstChild, to);
        named(row.cells[1].firstChild, from);
        setText(row.cells[2], size === null ? "–" : bytes(size));
        setText(row.cells[3], rates.has(to * 4096 + from) ? kibRate(rates.get(to * 4096 + from)) : "–");
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
