// One worker: its figures over time, what it runs and what it holds.

import { card, h, setText } from "../dom.js";
import { timeChart } from "../charts.js";
import { kibRate, mib, percent, seconds } from "../format.js";
import { details } from "../feed.js";
import { now, STATUS, store, worker as row } from "../store.js";
import { facts, taskList } from "./task.js";

const POINTS_MAX = 600;

export function worker(address) {
  const info = h("div");
  const running = h("div");
  const held = h("div");
  const title = h("h2", { class: "title" }, address);
  const note = h("p", { class: "note" }, "Looking for the worker …");
  const points = [];
  const cpu = timeChart({ label: "CPU over time", series: [{ label: "CPU", color: "--accent" }], format: (v) => Math.round(v) + " %", height: 150 });
  const memory = timeChart({ label: "Memory over time", series: [{ label: "managed", color: "--mem-managed" }, { label: "unmanaged", color: "--mem-old" },
    { label: "unmanaged recent", color: "--mem-recent" }, { label: "spilled", color: "--mem-spilled" }], format: mib, binary: true, stacked: true, height: 150 });
  let asked = 0;

  async function ask() {
    asked = performance.now();
    const found = await details("worker.json", { address });
    note.hidden = found !== null;
    setText(note, "There is no such worker, or it has gone.");
    if (!found) return;
    const executing = Object.entries(found.executing ?? {});
    running.replaceChildren(
      executing.length ? h("p", { class: "note" }, executing.slice(0, 8).map(([key, s]) => `${key} for ${seconds(s)}`).join(", ")) : "",
      taskList(found.processing, found.processingCount));
    held.replaceChildren(taskList(found.stored, found.storedCount));
    show(found);
  }

  function show(found) {
    const i = store.first?.get(address);
    const w = i === undefined ? null : row(i);
    setText(title, w ? w.name : found.name);
    const packages = Object.entries(found.packages ?? {}).map(([name, version]) => `${name} ${version}`).join(", ");
    const resources = Object.entries(found.resources ?? {}).map(([name, n]) => `${name} ${n}`).join(", ");
    info.replaceChildren(facts([["Address", address], ["Status", w?.known ? STATUS[w.status] ?? w.status : found.status], ["Host", w?.host], ["Threads", w?.threads],
      ["Memory", w?.known ? mib(w.memory) + (w.limit ? ` of ${mib(w.limit)}` : "") : null], ["Spilled", w?.spilled ? mib(w.spilled) : null],
      ["CPU", w?.known ? percent(w.cpu, 100 * w.threads) : null], ["Occupancy", w?.known ? seconds(w.occupancy) : null],
      ["Network", w?.known ? `${kibRate(w.read ?? 0)} read, ${kibRate(w.write ?? 0)} written` : null], ["Transfers", w?.known ? `${w.fetched ?? 0} fetched, ${w.served ?? 0} served` : null],
      ["Nanny", found.nanny], ["Resources", resources], ["Runtime", found.runtime], ["Packages", packages]]));
  }

  return {
    element: h("div", {}, title, note, h("div", { class: "columns" }, card("Worker", {}, info), card("CPU", {}, cpu.element), card("Memory", {}, memory.element),
      card("Processing", {}, running), card("Results", {}, held))),
    update(name) {
      if (name !== "frame") return;
      const i = store.first?.get(address);
      if (i !== undefined && store.workers.cpu) {
        const w = row(i);
        if (w.known && (points.length === 0 || now() - points.at(-1)[0] > 0.9)) {
          points.push([now(), w.cpu, w.managed, w.old, w.recent, w.spilled]);
          if (points.length > POINTS_MAX) points.shift();
          const column = (k) => points.map((p) => p[k]);
          cpu.set([column(0), column(1)]);
          memory.set([column(0), column(2), column(3), column(4), column(5)]);
        }
      }
      if (!store.frozen && performance.now() - asked > 1500) ask();
    },
    end() {
      cpu.end();
      memory.end();
    },
  };
}
