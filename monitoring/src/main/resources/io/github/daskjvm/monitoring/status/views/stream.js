// The task stream: who did what when. A row is a thread, a worker, or several workers; time goes to the right.

import { canvas, card, h, setText } from "../dom.js";
import { action, css, isDark, KINDS, prefix } from "../colors.js";
import { clock, count, percent, seconds } from "../format.js";
import { laneName, now, store } from "../store.js";
import { lookBack, markStep } from "./lookback.js";

const ROW_MAX = 18;
const AXIS = 18;
const RUNNING = 7;
const DRAG = 8;

export function stream({ height = 260, tall = false } = {}) {
  let seconds_ = store.windowSeconds;
  let held = null;
  let ending = false;
  let dragFrom = null;
  const tip = h("div", { class: "tip", hidden: true });
  const hold = h("button", { type: "button", "aria-pressed": "false", onclick: toggle }, "Hold");
  const zooms = [60, 30, 10].map((s) => h("button", { type: "button", "aria-pressed": String(s === 60), onclick: () => zoom(s) }, `${s} s`));
  const spent = h("ul", { class: "legend" });
  const waits = h("ul", { class: "legend waits" });
  const note = h("p", { class: "note", hidden: true });
  const back = lookBack(shown, () => {
    board.paint();
    zooms.forEach((button, i) => button.setAttribute("aria-pressed", String(!back.past() && [60, 30, 10][i] === seconds_)));
    tell();
  });
  const lanes = () => back.past()?.lanes ?? store.table.lanes;
  const rows = () => Math.max(1, lanes().length);
  const tallness = () => (tall ? Math.max(120, Math.min(ROW_MAX, Math.max(4, 900 / rows())) * rows()) + AXIS : typeof height === "function" ? height() : height);
  const board = canvas(tallness, "Task stream: what each thread did. Arrow keys go back and on in time, plus and minus closer and further, Escape to the present", draw);
  board.place.append(tip);
  board.place.tabIndex = 0;
  board.place.addEventListener("keydown", back.key);
  board.element.addEventListener("pointermove", point);
  board.element.addEventListener("pointerleave", () => { tip.hidden = true; });
  board.element.addEventListener("pointerdown", (event) => { dragFrom = event.offsetX; });
  board.element.addEventListener("click", open);
  let hits = [];

  function toggle() {
    held = held === null ? { at: now(), open: store.open } : null;
    hold.setAttribute("aria-pressed", String(held !== null));
    back.live();
  }

  function zoom(s) {
    seconds_ = s;
    back.live();
  }

  /** What is shown, in seconds since 1970. Frames come twice a second, a moment late: the present ends a moment ago, so that nothing appears in the past. */
  function shown() {
    const past = back.past();
    if (past) return [past.from, past.to];
    const to = (held?.at ?? now()) - (store.frozen ? 0 : 1);
    return [to - seconds_, to];
  }

  function draw(context, width, tallNow) {
    const dark = isDark();
    const data = back.past() ?? store;
    const [from, to] = shown().map((moment) => (moment - data.epoch) * 1000);
    const scale = width / (to - from);
    const row = (tallNow - AXIS) / rows();
    const gap = row > 6 ? 1 : 0;
    hits = [];
    grid(context, width, tallNow, from, to, data.epoch * 1000);
    unknown(context, (Math.min(data.since, to) - from) * scale, tallNow - AXIS);
    const bin = data.binMillis;
    for (const [place, parts] of data.cells) {
      const at = Math.floor(place / 1024) * bin;
      if (at + bin < from || at > to) continue;
      const lane = place % 1024;
      let sum = 0;
      let most = 0;
      let what = 0;
      for (const [key, ms] of parts) {
        sum += ms;
        if (ms > most) { most = ms; what = key; }
      }
      const share = Math.min(1, sum / (bin * (lanes()[lane] || 1)));
      context.globalAlpha = 0.25 + 0.75 * share;
      context.fillStyle = action(what % 8, data.names[Math.floor(what / 8)] ?? "", dark);
      const x = (at - from) * scale;
      context.fillRect(x, lane * row, Math.max(1, bin * scale + 0.5), Math.max(1, row - gap));
    }
    context.globalAlpha = 1;
    // Paler, since they go on: what runs now.
    for (const [lane, start, n, name, key] of back.past() ? [] : held?.open ?? store.open) {
      if (start > to) continue;
      const x = Math.max(0, (start - from) * scale);
      context.globalAlpha = 0.1 + 0.4 * Math.min(1, n / (lanes()[lane] || 1));
      context.fillStyle = action(0, store.names[name] ?? "", dark);
      context.fillRect(x, lane * row, width - x, Math.max(1, row - gap));
      hits.push([x, lane, width - x, [lane, start, to - start, RUNNING, name, key]]);
    }
    context.globalAlpha = 1;
    for (const span of data.spans) {
      const [lane, start, ms, kind, name] = span;
      if (start + ms < from || start > to) continue;
      const x = (start - from) * scale;
      const w = Math.max(0.7, ms * scale);
      context.fillStyle = action(kind, data.names[name] ?? "", dark);
      // Transfers and the like are narrower: they may run beside a computation of the same thread.
      const inset = kind === 0 || kind === 6 ? 0 : row * 0.2;
      context.fillRect(x, lane * row + inset, w, Math.max(1, row - gap - 2 * inset));
      hits.push([x, lane, w, span]);
    }
  }

  // Nothing was kept then: that nothing is drawn does not mean that nothing was done.
  function unknown(context, width, tallNow) {
    if (width <= 0) return;
    context.fillStyle = css("--grid");
    context.fillRect(0, 0, width, tallNow);
    context.fillStyle = css("--dim");
    context.textAlign = "center";
    if (width > 110) context.fillText("not recorded", width / 2, tallNow / 2);
  }

  function grid(context, width, tallNow, from, to, offset) {
    context.fillStyle = css("--dim");
    context.strokeStyle = css("--grid");
    context.font = "11px system-ui, sans-serif";
    context.textAlign = "center";
    context.lineWidth = 1;
    const step = markStep(to - from, width);
    for (let t = Math.ceil((from + offset) / step) * step; t < to + offset; t += step) {
      const x = ((t - offset - from) / (to - from)) * width;
      context.beginPath();
      context.moveTo(x, 0);
      context.lineTo(x, tallNow - AXIS + 3);
      context.stroke();
      const fine = step < 1000 ? "." + String(Math.round(t) % 1000).padStart(3, "0") : "";
      if (x > 24 && x < width - 24) context.fillText(clock(t / 1000) + fine, x, tallNow - 4);
    }
  }

  function find(event) {
    const box = board.element.getBoundingClientRect();
    const x = event.clientX - box.left;
    const lane = Math.floor((event.clientY - box.top) / ((box.height - AXIS) / rows()));
    for (let i = hits.length - 1; i >= 0; i--) {
      const [left, row, w, span] = hits[i];
      if (row === lane && x >= left - 1 && x <= left + w + 1) return { x, y: event.clientY - box.top, lane, span };
    }
    return { x, y: event.clientY - box.top, lane, span: null };
  }

  function point(event) {
    const { x, y, lane, span } = find(event);
    const lines = span
      ? [`${KINDS[span[3]] ?? "running for"} ${seconds(span[2] / 1000)}`, span[5], laneName(lane)]
      : cellLines(x, lane);
    tip.hidden = lines.length === 0 || lane < 0 || lane >= rows();
    tip.replaceChildren(...lines.map((line) => h("div", {}, line)));
    const width = board.place.clientWidth;
    tip.style.left = Math.max(0, Math.min(x + 14, width - tip.offsetWidth - 4)) + "px";
    tip.style.top = y + 18 + "px";
  }

  const moment = (x) => shown()[0] + (x / board.place.clientWidth) * (shown()[1] - shown()[0]);

  function cellLines(x, lane) {
    const data = back.past() ?? store;
    const parts = data.cells.get(Math.floor(((moment(x) - data.epoch) * 1000) / data.binMillis) * 1024 + lane);
    if (!parts) return [];
    const lines = [...parts].sort((a, b) => b[1] - a[1]).slice(0, 4).map(([what, ms]) =>
      `${what % 8 === 0 ? data.names[Math.floor(what / 8)] : KINDS[what % 8]}: ${percent(ms, data.binMillis * (lanes()[lane] || 1))}`);
    return [laneName(lane), ...lines];
  }

  // Drawing the pointer over a stretch shows that stretch, a click on something its task.
  function open(event) {
    const from = dragFrom ?? event.offsetX;
    if (!store.frozen && Math.abs(event.offsetX - from) > DRAG) {
      back.show(...[from, event.offsetX].sort((a, b) => a - b).map(moment));
      return;
    }
    const { span } = find(event);
    if (span?.[5]) location.hash = "#/task/" + encodeURIComponent(span[5]);
  }

  // What the threads' time went into, waiting included: what is neither is time in which a thread had nothing to do.
  function times() {
    const sums = KINDS.map(() => 0);
    for (const [, busy] of store.busy) busy.forEach((ms, i) => { sums[i] += ms; });
    const first = store.frozen ? 0 : store.busy.at(0)?.[0] ?? now();
    const passed = Math.max(1, Math.min(store.windowSeconds, now() - first + 0.5));
    const possible = passed * 1000 * (store.totals?.threads ?? 0);
    const busy = sums[0] + sums[6] + sums[2] + sums[5];
    const parts = KINDS.map((kind, i) => [kind, sums[i], action(i, "", isDark())]).filter(([, ms], i) => i > 0 && ms > 0);
    spent.replaceChildren(
      item("compute", percent(Math.min(possible, sums[0] + sums[6]), possible), "var(--accent)"),
      ...parts.filter(([kind]) => kind !== "erred").map(([kind, ms, color]) => item(kind, percent(Math.min(possible, ms), possible), color)),
      item("waiting", percent(Math.max(0, possible - busy), possible), "var(--track)"));
  }

  const item = (label, value, color) => h("li", {}, h("i", { style: { background: color } }), h("span", {}, label), h("b", {}, value));

  // Tasks that wait, and for what; those that run. Source: queue waits as in the metrics, workers' own counts.
  function waiting() {
    const [inputs, threads, running, given, median, most] = store.waits;
    if (inputs === undefined) return;
    const queued = store.counts[store.states.indexOf("queued")] + store.counts[store.states.indexOf("no-worker")];
    const color = (name) => `var(--state-${name})`;
    waits.replaceChildren(item("queued at the scheduler", count(queued), color("queued")),
      item("at workers: for inputs", count(inputs), color("waiting")), item("for a thread", count(threads), color("no-worker")),
      item("running", count(running), color("processing")),
      h("li", {}, given ? `${count(given)} given out in the last minute, after ${seconds(median)} (median), 95 % within ${seconds(most)}` : "none given out in the last minute"));
  }

  function tell() {
    const past = back.past();
    const { mode } = store.table;
    const hidden = store.busy.reduce((sum, entry) => sum + entry[2], 0);
    const idle = store.spans.length + store.cells.size + store.open.length === 0 && store.totals?.finished > 0;
    const text = past ? `${clock(past.from)} to ${clock(past.to)}, ${seconds(past.to - past.from)}`
      : idle ? "Nothing in the last minute. All shows what was kept of what went before."
        : hidden ? `${count(hidden)} pieces of the last minute were more than there is room for.`
          : mode === "threads" ? "" : mode === "workers"
            ? "A row is a worker; the fuller the colour, the busier its threads."
            : "A row is several workers; the fuller the colour, the busier they are.";
    note.hidden = !text;
    setText(note, text);
  }

  function tick() {
    if (ending) return;
    if (held === null && !back.past() && !store.frozen && store.ready && board.place.isConnected) board.paint();
    setTimeout(() => requestAnimationFrame(tick), store.spans.length + store.cells.size > 8000 ? 250 : 60);
  }
  requestAnimationFrame(tick);

  return {
    element: card("Task stream", { class: "wide" }, h("div", {}, board.place, spent, waits, note),
      store.frozen ? null : h("a", { href: "/status/trace.json", download: true, class: "button", title: "For ui.perfetto.dev or about:tracing" }, "Trace"),
      ...back.buttons, ...zooms, hold),
    update(name) {
      if (name === "frame") {
        times();
        waiting();
      }
      if (store.frozen) board.paint();
      tell();
    },
    end() {
      ending = true;
      board.end();
    },
  };
}

/** Which colour is which prefix. */
export function prefixLegend() {
  const list = h("ul", { class: "legend" });
  return {
    element: list,
    update() {
      list.replaceChildren(...store.prefixes.slice(0, 24).map(([name]) =>
        h("li", {}, h("i", { style: { background: prefix(name) } }), h("span", {}, name))));
    },
  };
}
