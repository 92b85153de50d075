// Looking back at the task stream: any stretch of what the scheduler has kept, fetched when asked for.

import { details } from "../feed.js";
import { h } from "../dom.js";
import { now, store, unfold } from "../store.js";

const LEAST = 0.01;

/**
 * The stretch that is shown instead of the present, and the buttons that choose it.
 *
 * shown: the seconds [from, to] that the stream shows now; changed: called when another stretch is to be drawn.
 */
export function lookBack(shown, changed) {
  let past = null;
  let asked = 0;

  async function show(from, to) {
    const mine = ++asked;
    const reply = store.frozen ? store.record : await details("past.json", from === undefined ? {} : { from, to });
    if (mine !== asked || !reply) return;
    const { names, spans, rows, binMillis, lanes } = reply;
    const cells = new Map();
    unfold(cells, rows, 0, 0, binMillis, lanes);
    past = { from: reply.from, to: reply.to, epoch: reply.from, since: (reply.since - reply.from) * 1000,
      names, spans, cells, binMillis, lanes, open: [] };
    done();
  }

  /** Earlier or later by a part of what is shown; closer or further by a factor. */
  function move(part, factor = 1) {
    if (store.frozen) return;
    const [from, to] = shown();
    const middle = (from + to) / 2 + part * (to - from);
    const half = Math.max(LEAST, ((to - from) * factor) / 2);
    if (middle + half > now() + half) live();
    else show(middle - half, middle + half);
  }

  function live() {
    asked++;
    past = null;
    done();
  }

  function done() {
    all.setAttribute("aria-pressed", String(past !== null));
    steps.forEach((button) => { button.hidden = past === null || Boolean(store.frozen); });
    changed();
  }

  const step = (label, title, act) => h("button", { type: "button", title, "aria-label": title, onclick: act, hidden: true }, label);
  const all = h("button", { type: "button", "aria-pressed": "false", title: "Everything that was kept", onclick: () => (past ? live() : show()) }, "All");
  const steps = [step("◀", "Earlier", () => move(-0.5)), step("▶", "Later", () => move(0.5)),
    step("+", "Closer", () => move(0, 0.5)), step("−", "Further away", () => move(0, 2))];
  const keys = { ArrowLeft: () => move(-0.5), ArrowRight: () => move(0.5), "+": () => move(0, 0.5), "-": () => move(0, 2), Escape: live };

  return {
    buttons: [...steps, all],
    past: () => past,
    show,
    live,
    key(event) {
      if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      keys[event.key]();
    },
  };
}

const STEPS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 43200, 86400];

/** Milliseconds between marks, so that there is room for a time of day at each. */
export function markStep(millis, width) {
  const least = (millis / 1000) * (90 / Math.max(90, width));
  return (STEPS.find((step) => step >= least) ?? 86400) * 1000;
}
