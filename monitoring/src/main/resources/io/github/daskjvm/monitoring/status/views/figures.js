// The cluster in a few figures.

import { h, setText } from "../dom.js";
import { STATES, state } from "../colors.js";
import { bytes, count, percent, seconds } from "../format.js";
import { store } from "../store.js";

/** Results per second over the last points of the history. */
function rate() {
  const points = store.points;
  if (points.length < 2) return 0;
  const last = points.at(-1);
  const first = points[Math.max(0, points.length - 6)];
  return last[0] > first[0] ? Math.max(0, (last[15] - first[15]) / (last[0] - first[0])) : 0;
}

const FIGURES = [
  ["Workers", (t) => count(t.workers), (t) => `${count(t.threads)} threads`, "#/workers"],
  ["CPU", (t) => percent(t.cpu, t.threads * 100), (t) => `${(t.cpu / 100).toFixed(1)} of ${count(t.threads)} busy`, "#/workers"],
  ["Memory", (t) => bytes(t.managed + t.old + t.recent), (t) => (t.limit ? `of ${bytes(t.limit)}` : "no limit"), "#/memory"],
  ["Spilled", (t) => bytes(t.spilled), () => "on workers' disks", "#/memory"],
  ["Processing", (t) => count(t.processing), (t) => `${seconds(t.occupancy)} of work ahead`, "#/tasks"],
  ["Results", () => `${rate() < 10 ? rate().toFixed(1) : count(rate())}/s`, (t) => `${count(t.finished)} since the start`, "#/tasks"],
  ["Network", (t) => bytes(t.read) + "/s", (t) => `${bytes(t.open)} on the way`, "#/transfers"],
  ["Failed runs", () => count(store.failed), () => `${count(store.counts[6] ?? 0)} tasks erred`, "#/events"],
];

export function figures() {
  const values = FIGURES.map(() => h("b", {}, "–"));
  const notes = FIGURES.map(() => h("small", {}, "\u00a0"));
  const element = h("div", { class: "figures" }, FIGURES.map(([label, , , to], i) =>
    h("a", { class: "figure", href: to, "data-figure": label }, h("span", {}, label), values[i], notes[i])));
  return {
    element,
    update() {
      if (!store.totals) return;
      FIGURES.forEach(([label, value, note], i) => {
        setText(values[i], value(store.totals));
        setText(notes[i], note(store.totals));
      });
      values.at(-1).classList.toggle("bad", (store.counts[6] ?? 0) > 0);
    },
  };
}

/** All tasks by state, as a bar with its legend. */
export function stateBar() {
  const parts = STATES.map((name) => h("i", { style: { background: state(name) }, title: name }));
  const numbers = STATES.map(() => h("b", {}, "0"));
  const legend = h("ul", { class: "legend states" }, STATES.map((name, i) =>
    h("li", { "data-state": name }, h("i", { style: { background: state(name) } }), h("span", {}, name), numbers[i])));
  return {
    element: h("div", {}, h("div", { class: "bar tall" }, parts), legend),
    update() {
      STATES.forEach((name, i) => {
        const value = store.counts[store.states.indexOf(name)] ?? 0;
        parts[i].style.flexGrow = value;
        parts[i].hidden = value === 0;
        setText(numbers[i], count(value));
      });
    },
  };
}
