// Puts the page together: views by the address after #, the theme, the search, and the one stream.

import { h, replace, setText } from "./dom.js";
import { listen, receive, store } from "./store.js";
import { connect } from "./feed.js";
import { figures } from "./views/figures.js";
import { progress } from "./views/progress.js";
import { prefixLegend, stream } from "./views/stream.js";
import { workerField, workerTable } from "./views/workers.js";
import { memoryByPrefix, memoryChart, workerMemory } from "./views/memory.js";
import { linkMatrix, networkChart, transferTable } from "./views/transfers.js";
import { events, failures } from "./views/events.js";
import { graph } from "./views/graph.js";
import { cpuChart, single, tasksChart } from "./views/single.js";
import { task } from "./views/task.js";
import { worker } from "./views/worker.js";

// A view is a list of parts; a part has an element, `update(message)` and perhaps `end()`.
const VIEWS = {
  overview: ["Overview", () => [figures(), progress(), memoryChart(300), stream(), workerField(), cpuChart(), failures({ most: 5 }), networkChart()]],
  tasks: ["Tasks", () => [stream({ tall: true }), prefixLegend(), progress({ rows: 61 }), tasksChart()]],
  workers: ["Workers", () => [workerField(), cpuChart(), workerTable()]],
  memory: ["Memory", () => [memoryChart(240), workerMemory(), memoryByPrefix()]],
  transfers: ["Transfers", () => [networkChart(), linkMatrix(), transferTable()]],
  graph: ["Graph", () => [graph()]],
  events: ["Events", () => [failures(), events()]],
  only: [null, (name) => [single(name)]],
  task: [null, (key) => [task(key)]],
  worker: [null, (address) => [worker(address)]],
};

const main = document.getElementById("main");
const nav = document.getElementById("nav");
let parts = [];

for (const [name, [label]] of Object.entries(VIEWS)) {
  if (label) nav.append(h("a", { href: "#/" + name, "data-view": name }, label));
}

function route() {
  const [, name = "overview", ...rest] = location.hash.split("/");
  const known = VIEWS[name] ? name : "overview";
  parts.forEach((part) => part.end?.());
  let argument = rest.join("/");
  try {
    argument = decodeURIComponent(argument);
  } catch {
    // A hand-made address; taken as it stands.
  }
  parts = VIEWS[known][1](argument);
  main.className = "view-" + known;
  replace(main, parts.map((part) => part.element));
  for (const link of nav.children) {
    if (link.dataset.view === known) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = `Dask: ${VIEWS[known][0] ?? argument}`;
  if (store.ready) update("frame");
}

function update(name) {
  for (const part of parts) part.update(name);
  setText(document.getElementById("address"), store.address);
  const notice = document.getElementById("notice");
  notice.hidden = store.notice === "";
  setText(notice, store.notice);
}

function search(event) {
  event.preventDefault();
  const text = document.getElementById("find-text").value.trim();
  if (!text) return;
  const found = store.table.workers.find(([address, name]) => address === text || name === text);
  location.hash = found ? "#/worker/" + encodeURIComponent(found[0]) : "#/task/" + encodeURIComponent(text);
}

const THEMES = ["system", "light", "dark"];

function themeSwitch() {
  const button = document.getElementById("theme");
  const root = document.documentElement;
  const show = () => {
    const theme = root.dataset.theme ?? "system";
    setText(button, { system: "◐", light: "☀", dark: "☾" }[theme]);
    button.title = `Theme: ${theme}`;
    dispatchEvent(new Event("themechange"));
    if (store.ready) update("frame");
  };
  button.addEventListener("click", () => {
    const next = THEMES[(THEMES.indexOf(root.dataset.theme ?? "system") + 1) % THEMES.length];
    if (next === "system") delete root.dataset.theme;
    else root.dataset.theme = next;
    try {
      localStorage.setItem("dask-theme", next);
    } catch {
      // A saved report has no storage.
    }
    show();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
  show();
}

const SAYS = { live: "live", connecting: "connecting", resting: "resting", full: "too many pages open; trying again" };

function said(how) {
  const live = document.getElementById("live");
  setText(live, SAYS[how]);
  live.dataset.how = how;
}

const report = document.getElementById("report");
const saved = report ? JSON.parse(report.textContent) : null;
if (saved) store.frozen = saved.find((m) => m.name === "hello").data.now;

listen(update);
document.getElementById("find").addEventListener("submit", search);
addEventListener("hashchange", () => {
  route();
  scrollTo(0, 0);
});
route();
themeSwitch();

if (saved) {
  for (const { name, data } of saved) receive(name, data);
  setText(document.getElementById("live"), "saved " + new Date(store.frozen * 1000).toLocaleString());
} else connect(said);
