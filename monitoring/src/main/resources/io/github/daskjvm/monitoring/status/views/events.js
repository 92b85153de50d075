// Failures with their tracebacks, and what else happened.

import { card, h, setText, taskLink, workerLink } from "../dom.js";
import { clock, count } from "../format.js";
import { store } from "../store.js";

export function failures({ most = 50 } = {}) {
  const list = h("div", { class: "failures" });
  const note = h("p", { class: "note" });
  let newest = -1;
  return {
    element: card("Failures", {}, h("div", {}, list, note)),
    update() {
      const latest = store.failures[0]?.index ?? -1;
      if (latest !== newest) {
        newest = latest;
        const open = new Set([...list.querySelectorAll("details[open]")].map((d) => d.dataset.index));
        list.replaceChildren(...store.failures.slice(0, most).map((f) => h("details", { "data-index": f.index, open: open.has(String(f.index)) },
          h("summary", {}, h("time", { class: "dim" }, clock(f.time)), " ", h("b", { class: "bad" }, f.exception || "failed"), " ", h("span", { class: "key dim" }, f.key)),
          h("p", {}, "Task ", taskLink(f.key), " on ", workerLink(f.worker)),
          h("pre", { tabindex: "0" }, f.traceback || "No traceback."))));
      }
      setText(note, store.failed === 0 ? "No task has failed." : `${count(Math.min(most, store.failures.length))} of ${count(store.failed)} failed runs since the start.`);
    },
  };
}

export function events({ most = 100 } = {}) {
  const body = h("tbody");
  let newest = -1;
  return {
    element: card("Events", {}, h("div", { class: "scroll tall", tabindex: "0", role: "region", "aria-label": "Table of events" }, h("table", {},
      h("thead", {}, h("tr", {}, h("th", {}, "Time"), h("th", {}, "Topic"), h("th", {}, "Event"))), body))),
    update() {
      const latest = store.events[0]?.[0] ?? -1;
      if (latest === newest) return;
      newest = latest;
      body.replaceChildren(...store.events.slice(0, most).map(([, time, topics, message]) =>
        h("tr", {}, h("td", { class: "dim" }, clock(time)), h("td", {}, topics), h("td", { class: "break" }, message))));
    },
  };
}
