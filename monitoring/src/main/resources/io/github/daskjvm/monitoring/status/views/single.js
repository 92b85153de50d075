// Single parts that fill the page, at #/only/…: what Dask's paths /individual-… show. Also shown in frames of other pages.

import { card } from "../dom.js";
import { pick, timeChart } from "../charts.js";
import { count } from "../format.js";
import { store } from "../store.js";
import { failures } from "./events.js";
import { figures } from "./figures.js";
import { graph } from "./graph.js";
import { memoryByPrefix, memoryChart, workerMemory } from "./memory.js";
import { progress, timeByPrefix } from "./progress.js";
import { stream } from "./stream.js";
import { linkMatrix, networkChart, transferTable } from "./transfers.js";
import { workerField, workerTable } from "./workers.js";

export function tasksChart(height) {
  const chart = timeChart({ label: "Tasks by state over time", series: [{ label: "processing", color: "--state-processing" },
    { label: "queued", color: "--state-queued" }, { label: "waiting", color: "--state-waiting" }], format: count, stacked: true, height });
  return { element: card("Open tasks", {}, chart.element), update: () => chart.set(pick(store.points, 7, 8, 9)), end: chart.end };
}

export function cpuChart(height) {
  const chart = timeChart({ label: "CPU of all workers over time", series: [{ label: "processors busy", color: "--accent" }], format: (v) => v.toFixed(1), height });
  return { element: card("CPU", {}, chart.element), update: () => chart.set(pick(store.points, (p) => p[6] / 100)), end: chart.end };
}

const tall = () => Math.max(240, innerHeight - 250);

const SINGLE = {
  "progress": () => progress({ rows: 61 }),
  "task-stream": () => stream({ height: tall }),
  "time-by-prefix": () => timeByPrefix(),
  "workers": () => workerTable(),
  "cpu": () => workerField({ scale: "CPU", tall }),
  "occupancy": () => workerField({ scale: "occupancy", tall }),
  "nprocessing": () => workerField({ scale: "queue", tall }),
  "cpu-over-time": () => cpuChart(tall),
  "workers-memory": () => workerMemory(),
  "memory-over-time": () => memoryChart(tall),
  "memory-by-key": () => memoryByPrefix(),
  "network": () => networkChart(tall),
  "links": () => linkMatrix({ tall }),
  "transfers": () => transferTable(),
  "graph": () => graph(),
  "exceptions": () => failures(),
};

export const single = (name) => (SINGLE[name] ?? figures)();
