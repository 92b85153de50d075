// Progress by prefix and state.

import { card, h, setText } from "../dom.js";
import { prefix, STATES, state } from "../colors.js";
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
