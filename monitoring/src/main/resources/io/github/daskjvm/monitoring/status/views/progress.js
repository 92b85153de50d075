// Progress by prefix and state.

import { card, fillRows, h, setText } from "../dom.js";
import { action, isDark, prefix, STATES, state } from "../colors.js";
import { bytes, count, seconds } from "../format.js";
import { store } from "../store.js";
import { stateBar } from "./figures.js";

// Left to right: what is done, then what runs, then what waits.
const ORDER = ["memory", "released", "erred", "processing", "queued", "waiting", "no-worker"];

export function progress({ rows: most = 12 } = {}) {
  const all = stateBar();
  const list = h("div", { class: "progress", role: "list" });
  const more = h("p", { class: "note", hidden: true });
  const rows = [];

  function row() {
    const dot = h("i", { class: "dot" });
    const name = h("span", { class: "name" });
    const parts = ORDER.map((s) => h("i", { style: { background: state(s) } }));
    const done = h("span", { class: "n" });
    const detail = h("span", { class: "n dim detail" });
    const element = h("div", { class: "progress-row", role: "listitem" }, dot, name, h("div", { class: "bar" }, parts), done, detail);
    return { element, dot, name, parts, done, detail };
  }

  return {
    element: card("Progress", {}, h("div", {}, all.element, list, more)),
    update() {
      all.update();
      const shown = store.prefixes.slice(0, most);
      while (rows.length < shown.length) {
        rows.push(row());
        list.append(rows.at(-1).element);
      }
      rows.forEach((r, i) => {
        r.element.hidden = i >= shown.length;
        if (i >= shown.length) return;
        const [name, ...values] = shown[i];
        const by = Object.fromEntries(STATES.map((s, k) => [s, values[k]]));
        const [compute, transfer, stored] = values.slice(STATES.length);
        const total = STATES.reduce((sum, s) => sum + by[s], 0);
        setText(r.name, name);
        r.name.title = name;
        r.dot.style.background = prefix(name);
        ORDER.forEach((s, k) => {
          r.parts[k].style.flexGrow = by[s];
          r.parts[k].hidden = by[s] === 0;
          r.parts[k].title = `${s}: ${by[s]}`;
        });
        setText(r.done, `${count(by.memory + by.released + by.erred)} / ${count(total)}`);
        r.element.title = [...STATES.filter((s) => by[s]).map((s) => `${s} ${by[s]}`),
          `computed ${seconds(compute)}`, `transfers ${seconds(transfer)}`, `results ${bytes(stored)}`].join(", ");
        setText(r.detail, `${seconds(compute)} · ${bytes(stored)}`);
      });
      const left = store.prefixes.length - shown.length;
      more.hidden = left <= 0 && shown.length > 0;
      setText(more, shown.length === 0 ? "No tasks yet." : `${left} more prefixes on the tasks page.`);
    },
  };
}

/** What tasks of each prefix took in all: computing and transfers. */
export function timeByPrefix() {
  const body = h("tbody");
  const n = STATES.length;
  const time = (p) => p[1 + n] + p[2 + n];
  const newRow = () => h("tr", {}, h("td", {}), Array.from({ length: 3 }, () => h("td", { class: "n" })), h("td", { class: "share" }, h("div", { class: "bar" }, h("i"), h("i"))));
  return {
    element: card("Time by prefix", { class: "wide" }, h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Time by prefix" }, h("table", {},
      h("thead", {}, h("tr", {}, ["Prefix", "Tasks done", "Computing", "Transfers", ""].map((text, i) => h("th", { class: i > 0 && i < 4 ? "n" : null }, text)))), body))),
    update() {
      const rows = store.prefixes.filter((p) => time(p) > 0).toSorted((a, b) => time(b) - time(a)).slice(0, 60);
      const most = Math.max(1e-9, ...rows.map(time));
      fillRows(body, rows, newRow, (row, p) => {
        const by = Object.fromEntries(STATES.map((s, k) => [s, p[1 + k]]));
        [p[0], count(by.memory + by.released + by.erred), seconds(p[1 + n]), seconds(p[2 + n])].forEach((text, i) => setText(row.cells[i], text));
        const [compute, transfer] = row.cells[4].firstChild.children;
        compute.style.cssText = `flex: none; width: ${(100 * p[1 + n]) / most}%; background: ${prefix(p[0])}`;
        transfer.style.cssText = `flex: none; width: ${(100 * p[2 + n]) / most}%; background: ${action(1, "", isDark())}`;
      });
    },
  };
}
