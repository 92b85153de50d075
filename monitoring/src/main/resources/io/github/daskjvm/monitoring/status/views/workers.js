// The workers: a field with one square each, and a table.

import { canvas, card, fillRows, h, relink, setText, workerLink } from "../dom.js";
import { css } from "../colors.js";
import { count, kibRate, mib, percent, seconds } from "../format.js";
import { STATUS, store, worker } from "../store.js";

const SCALES = {
  CPU: [(w) => w.cpu / 100 / w.threads, (w) => percent(w.cpu, 100 * w.threads)],
  memory: [(w) => (w.limit ? w.memory / w.limit : 0), (w) => mib(w.memory)],
  occupancy: [(w, most) => w.occupancy / most.occupancy, (w) => seconds(w.occupancy)],
  queue: [(w, most) => w.processing / most.processing, (w) => `${w.processing} tasks`],
};

/** One square a worker, the fuller the more; for a thousand workers at a glance. */
export function workerField({ scale = "CPU", tall = () => 210 } = {}) {
  let rows = [];
  let layout = { columns: 1, size: 10 };
  const tip = h("div", { class: "tip", hidden: true });
  const buttons = Object.keys(SCALES).map((name) => h("button", { type: "button", "aria-pressed": String(name === scale), onclick: () => {
    scale = name;
    buttons.forEach((b) => b.setAttribute("aria-pressed", String(b.textContent === name)));
    board.paint();
  } }, name));
  const height = () => {
    const width = board?.place.clientWidth || 600;
    const size = Math.max(9, Math.min(tall() / 6, Math.floor(Math.sqrt((width * tall()) / Math.max(1, rows.length)))));
    const columns = Math.max(1, Math.floor(width / size));
    layout = { columns, size };
    return Math.max(1, Math.ceil(rows.length / columns)) * size + 2;
  };
  const board = canvas(height, "Workers, one square each", (context) => {
    const most = { occupancy: Math.max(1e-9, ...rows.map((w) => w.occupancy)), processing: Math.max(1, ...rows.map((w) => w.processing)) };
    const [base, full, paused] = [css("--track"), css("--accent"), css("--bad")];
    rows.forEach((w, i) => {
      const x = (i % layout.columns) * layout.size;
      const y = Math.floor(i / layout.columns) * layout.size;
      const side = layout.size - (layout.size > 14 ? 3 : 1.5);
      context.globalAlpha = 1;
      context.fillStyle = base;
      context.fillRect(x, y, side, side);
      context.fillStyle = w.status in STATUS ? full : paused;
      context.globalAlpha = w.status in STATUS ? Math.max(0, Math.min(1, SCALES[scale][0](w, most))) : 0.9;
      context.fillRect(x, y, side, side);
    });
    context.globalAlpha = 1;
  });
  const at = (event) => rows[Math.floor(event.offsetY / layout.size) * layout.columns + Math.floor(event.offsetX / layout.size)];
  board.place.append(tip);
  board.element.addEventListener("pointermove", (event) => {
    const w = at(event);
    tip.hidden = !w;
    if (!w) return;
    tip.replaceChildren(h("div", {}, w.name), h("div", {}, `${scale}: ${SCALES[scale][1](w)}`), h("div", {}, STATUS[w.status] ?? w.status));
    tip.style.left = Math.max(0, Math.min(event.offsetX + 12, board.place.clientWidth - tip.offsetWidth - 4)) + "px";
    tip.style.top = event.offsetY + 16 + "px";
  });
  board.element.addEventListener("pointerleave", () => { tip.hidden = true; });
  board.element.addEventListener("click", (event) => {
    const w = at(event);
    if (w) location.hash = "#/worker/" + encodeURIComponent(w.address);
  });
  const note = h("p", { class: "note" });
  return {
    element: card("Workers at a glance", {}, h("div", {}, board.place, note), ...buttons),
    update(name) {
      if (name !== "frame" || !store.workers.cpu) return;
      rows = store.table.workers.map((_, i) => worker(i)).filter((w) => w.known);
      const kinds = {};
      for (const w of rows) kinds[STATUS[w.status] ?? w.status] = (kinds[STATUS[w.status] ?? w.status] ?? 0) + 1;
      const hidden = store.table.all - rows.length;
      setText(note, Object.entries(kinds).map(([k, v]) => `${count(v)} ${k}`).join(", ") + (hidden > 0 ? `, and ${count(hidden)} more` : ""));
      board.paint();
    },
    end: board.end,
  };
}

const COLUMNS = [
  ["Worker", (w) => w.name, null], ["Host", (w) => w.host, null], ["Status", (w) => STATUS[w.status] ?? w.status, null],
  ["Threads", (w) => w.threads, count], ["CPU", (w) => w.cpu, (v, w) => percent(v, 100 * w.threads), (w) => w.cpu / 100 / w.threads],
  ["Memory", (w) => w.memory, (v, w) => mib(v) + (w.limit ? " / " + mib(w.limit) : ""), (w) => (w.limit ? w.memory / w.limit : 0)],
  ["Managed", (w) => w.managed, mib], ["Unmanaged", (w) => w.old, mib], ["Recent", (w) => w.recent, mib], ["Spilled", (w) => w.spilled, mib],
  ["Processing", (w) => w.processing, count], ["Occupancy", (w) => w.occupancy, seconds], ["Results", (w) => w.stored, count],
  ["Read", (w) => w.read ?? 0, kibRate], ["Write", (w) => w.write ?? 0, kibRate], ["Last seen", (w) => w.silent ?? 0, (v) => (v < 2 ? "now" : seconds(v) + " ago")],
];
const STEP = 50;

export function workerTable() {
  let sort = { column: 0, down: false };
  let filter = "";
  let most = STEP;
  const body = h("tbody");
  const heads = COLUMNS.map(([label], i) => h("th", { class: COLUMNS[i][2] ? "n" : null, "aria-sort": "none" },
    h("button", { type: "button", onclick: () => {
      sort = { column: i, down: sort.column === i ? !sort.down : COLUMNS[i][2] !== null };
      fill();
    } }, label)));
  const search = h("input", { type: "search", placeholder: "Filter", "aria-label": "Filter workers by name, host or status", oninput: () => {
    filter = search.value.toLowerCase();
    fill();
  } });
  const more = h("button", { type: "button", hidden: true, onclick: () => {
    most += 4 * STEP;
    fill();
  } }, "Show more");
  const note = h("p", { class: "note" });

  function fill() {
    const [, value, number] = COLUMNS[sort.column];
    const found = store.table.workers.map((_, i) => worker(i)).filter((w) => w.known &&
      (!filter || `${w.name} ${w.address} ${w.host} ${STATUS[w.status] ?? w.status}`.toLowerCase().includes(filter)));
    found.sort((a, b) => (number ? value(a) - value(b) : String(value(a)).localeCompare(String(value(b)), undefined, { numeric: true })) * (sort.down ? -1 : 1) || a.i - b.i);
    heads.forEach((th, i) => th.setAttribute("aria-sort", i !== sort.column ? "none" : sort.down ? "descending" : "ascending"));
    const shown = found.slice(0, most);
    fillRows(body, shown, newRow, fillRow);
    more.hidden = found.length <= most;
    setText(note, `${count(shown.length)} of ${count(store.table.all)} workers`);
  }

  const newRow = () => h("tr", {}, COLUMNS.map(([, , number, share], i) =>
    h("td", { class: number ? "n" : null }, i === 0 ? workerLink("") : share ? [h("span"), h("i", { class: "under" })] : null)));

  function fillRow(row, w) {
    COLUMNS.forEach(([, value, number, share], i) => {
      const cell = row.cells[i];
      const text = number ? number(value(w), w) : String(value(w));
      if (i === 0) relink(cell.firstChild, w.address, text);
      else if (share) {
        setText(cell.firstChild, text);
        cell.lastChild.style.width = Math.min(100, 100 * (share(w) || 0)) + "%";
      } else setText(cell, text);
    });
  }

  return {
    element: card("Workers", { class: "wide" }, h("div", {}, h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Table of workers" },
      h("table", { class: "workers" }, h("thead", {}, h("tr", {}, heads)), body)), h("div", { class: "row" }, note, more)), search),
    update(name) {
      if (name === "frame" || name === "table") fill();
    },
  };
}

