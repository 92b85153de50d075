// One task: what it is, where it is, what became of it when, and why.

import { card, h, setText, taskLink, workerLink } from "../dom.js";
import { state } from "../colors.js";
import { bytes, clock, count, seconds } from "../format.js";
import { details } from "../feed.js";
import { now, store } from "../store.js";

/** A list of names and values; what has no value is left out. */
export function facts(pairs) {
  return h("dl", { class: "facts" }, pairs.filter(([, value]) => value !== null && value !== undefined && value !== "").map(([name, value]) =>
    [h("dt", {}, name), h("dd", {}, value)]));
}

export const badge = (status) => h("span", { class: "badge" }, h("i", { style: { background: state(status) } }), status);

export const taskList = (tasks, all) => h("div", {}, h("ul", { class: "plain" }, tasks.map(([key, status, size]) =>
  h("li", {}, badge(status), " ", taskLink(key), size ? h("span", { class: "dim" }, " " + bytes(size)) : null))),
all > tasks.length ? h("p", { class: "note" }, `and ${count(all - tasks.length)} more`) : null);

export function task(key) {
  const place = h("div", { class: "columns" });
  const note = h("p", { class: "note" }, "Looking for the task …");
  let last = "";
  let asked = 0;

  async function ask() {
    asked = performance.now();
    const found = await details("task.json", { key });
    const text = JSON.stringify(found, (name, value) => (name === "story" ? value.length : value));
    if (text === last) return;
    last = text;
    note.hidden = found !== null;
    setText(note, "The scheduler does not know this task, or not any more.");
    place.replaceChildren(...(found ? parts(found) : []));
  }

  function parts(t) {
    return [
      card("Task", {}, facts([["State", badge(t.status)], ["Prefix", t.prefix], ["Group", t.group],
        ["Runs on", t.processingOn && workerLink(t.processingOn)],
        ["Result on", t.whoHas?.length ? h("span", {}, t.whoHas.flatMap((w) => [workerLink(w), " "]), t.holders > t.whoHas.length ? `and ${t.holders - t.whoHas.length} more` : "") : null],
        ["Type", t.type], ["Size", t.bytes ? bytes(t.bytes) : null], ["Clients that want it", t.clients], ["Waits for", t.waitingOn ? `${t.waitingOn} tasks` : null],
        ["Retries left", t.retries || null], ["Workers died with it", t.suspicious || null], ["Runtime", t.runtime], ["Note", t.note]])),
      t.failure ? card("Failure", {}, h("div", {}, h("p", { class: "bad" }, t.failure),
        facts([["Task to blame", taskLink(t.blame)], ["Failed on", t.erredOn?.length ? t.erredOn.join(", ") : null]]),
        t.traceback ? h("pre", { tabindex: "0" }, t.traceback) : null)) : null,
      story(t.story),
      t.dependencies?.length ? card(`Depends on ${count(t.dependencyCount)}`, {}, taskList(t.dependencies, t.dependencyCount)) : null,
      t.dependents?.length ? card(`Needed by ${count(t.dependentCount)}`, {}, taskList(t.dependents, t.dependentCount)) : null,
    ].filter(Boolean);
  }

  // How long it was in each state, waiting included.
  function story(rows) {
    return card("Story", {}, h("div", { class: "scroll" }, h("table", {}, h("thead", {}, h("tr", {}, ["Time", "From", "To", "For", "Because of"].map((text) => h("th", {}, text)))),
      h("tbody", {}, rows.map(([time, from, to, stimulus], i) => h("tr", {}, h("td", { class: "dim" }, clock(time)), h("td", {}, badge(from)), h("td", {}, badge(to)),
        h("td", { class: "n" }, i + 1 < rows.length ? seconds(Math.max(0, rows[i + 1][0] - time)) : ["memory", "released", "erred", "forgotten"].includes(to) ? "–" : seconds(Math.max(0, now() - time))),
        h("td", { class: "dim break" }, stimulus)))))));
  }

  return {
    element: h("div", {}, h("h2", { class: "title key" }, key), note, place),
    update(name) {
      if (name === "frame" && !store.frozen && performance.now() - asked > 1500) ask();
    },
  };
}
