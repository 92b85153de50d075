// The task stream: who did what when. A row is a thread, a worker, or several workers; time goes to the right.

import { canvas, card, h, setText } from "../dom.js";
import { action, css, isDark, KINDS, prefix } from "../colors.js";
import { count, percent, seconds } from "../format.js";
import { laneName, now, store } from "../store.js";

const ROW_MAX = 18;
const AXIS = 18;

export function stream({ height = 260, tall = false } = {}) {
  let seconds_ = store.windowSeconds;
  let heldAt = null;
  let ending = false;
  const tip = h("div", { class: "tip", hidden: true });
  const hold = h("button", { type: "button", "aria-pressed": "false", onclick: toggle }, "Hold");
  const zooms = [60, 30, 10].map((s) => h("button", { type: "button", "aria-pressed": String(s === 60), onclick: () => zoom(s) }, `${s} s`));
  const spent = h("ul", { class: "legend" });
  const note = h("p", { class: "note", hidden: true });
  const rows = () => Math.max(1, store.table.lanes.length);
  const tallness = () => (tall ? Math.max(120, Math.min(ROW_MAX, Math.max(4, 900 / rows())) * rows()) + AXIS : height);
  const board = canvas(tallness, "Task stream: what each thread did over the last minute", draw);
  board.place.append(tip);
  board.place.tabIndex = 0;
  board.element.addEventListener("pointermove", point);
  board.element.addEventListener("pointerleave", () => { tip.hidden = true; });
  board.element.addEventListener("click", open);
  let hits = [];

  function toggle() {
    heldAt = heldAt === null ? now() : null;
    hold.setAttribute("aria-pressed", String(heldAt !== null));
    board.paint();
  }

  function zoom(s) {
    seconds_ = s;
    zooms.forEach((button, i) => button.setAttribute("aria-pressed", String([60, 30, 10][i] === s)));
    board.paint();
  }

  // Frames come twice a second, a moment late: what is drawn ends a moment ago, so that nothing appears in the past.
  const end = () => (heldAt ?? now()) - (store.frozen ? 0 : 1);

  function draw(context, width, tallNow) {
    const dark = isDark();
    const to = (end() - store.epoch) * 1000;
    const from = to - seconds_ * 1000;
    const scale = width / (to - from);
    const row = (tallNow - AXIS) / rows();
    const gap = row > 6 ? 1 : 0;
    hits = [];
    grid(context, width, tallNow, from, to);
    unknown(context, (Math.min(store.since, to) - from) * scale, tallNow - AXIS);
    const bin = store.binMillis;
    for (const [place, parts] of store.cells) {
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
      const share = Math.min(1, sum / (bin * (store.table.lanes[lane] || 1)));
      context.globalAlpha = 0.25 + 0.75 * share;
      context.fillStyle = action(what % 8, store.names[Math.floor(what / 8)] ?? "", dark);
      const x = (at - from) * scale;
      context.fillRect(x, lane * row, Math.max(1, bin * scale + 0.5), Math.max(1, row - gap));
    }
    context.globalAlpha = 1;
    for (const span of store.spans) {
      const [lane, start, ms, kind, name] = span;
      if (start + ms < from || start > to) continue;
      const x = (start - from) * scale;
      const w = Math.max(0.7, ms * scale);
      context.fillStyle = action(kind, store.names[name] ?? "", dark);
      // Transfers and the like are narrower: they may run beside a computation of the same thread.
      const inset = kind === 0 || kind === 6 ? 0 : row * 0.2;
      context.fillRect(x, lane * row + inset, w, Math.max(1, row - gap - 2 * inset));
      hits.push([x, lane, w, span]);
    }
  }

  // Nobody watched then: that nothing is drawn does not mean that nothing was done.
  function unknown(context, width, tallNow) {
    if (width <= 0) return;
    context.fillStyle = css("--grid");
    context.fillRect(0, 0, width, tallNow);
    context.fillStyle = css("--dim");
    context.textAlign = "center";
    if (width > 110) context.fillText("not recorded", width / 2, tallNow / 2);
  }

  function grid(context, width, tallNow, from, to) {
    context.fillStyle = css("--dim");
    context.strokeStyle = css("--grid");
    context.font = "11px system-ui, sans-serif";
    context.textAlign = "center";
    context.lineWidth = 1;
    const step = (seconds_ >= 60 ? (width < 500 ? 20 : 10) : seconds_ >= 30 ? 5 : 2) * 1000;
    const offset = store.epoch * 1000;
    for (let t = Math.ceil((from + offset) / step) * step; t < to + offset; t += step) {
      const x = ((t - offset - from) / (to - from)) * width;
      context.beginPath();
      context.moveTo(x, 0);
      context.lineTo(x, tallNow - AXIS + 3);
      context.stroke();
      if (x > 24 && x < width - 24) context.fillText(new Date(t).toLocaleTimeString([], { hour12: false }), x, tallNow - 4);
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
      ? [`${KINDS[span[3]]} ${seconds(span[2] / 1000)}`, span[5], laneName(lane)]
      : cellLines(x, lane);
    tip.hidden = lines.length === 0 || lane < 0 || lane >= rows();
    tip.replaceChildren(...lines.map((line) => h("div", {}, line)));
    const width = board.place.clientWidth;
    tip.style.left = Math.max(0, Math.min(x + 14, width - tip.offsetWidth - 4)) + "px";
    tip.style.top = y + 18 + "px";
  }

  function cellLines(x, lane) {
    const to = (end() - store.epoch) * 1000;
    const at = to - seconds_ * 1000 + (x / board.place.clientWidth) * seconds_ * 1000;
    const parts = store.cells.get(Math.floor(at / store.binMillis) * 1024 + lane);
    if (!parts) return [];
    const lines = [...parts].sort((a, b) => b[1] - a[1]).slice(0, 4).map(([what, ms]) =>
      `${what % 8 === 0 ? store.names[Math.floor(what / 8)] : KINDS[what % 8]}: ${percent(ms, store.binMillis * (store.table.lanes[lane] || 1))}`);
    return [laneName(lane), ...lines];
  }

  function open(event) {
    const { span } = find(event);
    if (span) location.hash = "#/task/" + encodeURIComponent(span[5]);
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

  function tick() {
    if (ending) return;
    if (heldAt === null && !store.frozen && store.ready && board.place.isConnected) board.paint();
    setTimeout(() => requestAnimationFrame(tick), store.spans.length + store.cells.size > 8000 ? 250 : 60);
  }
  requestAnimationFrame(tick);

  return {
    element: card("Task stream", { class: "wide" }, h("div", {}, board.place, spent, note),
      store.frozen ? null : h("a", { href: "/status/trace.json", download: true, class: "button", title: "For ui.perfetto.dev or about:tracing" }, "Trace"), ...zooms, hold),
    update(name) {
      if (name === "frame") times();
      if (store.frozen) board.paint();
      const hidden = store.busy.reduce((sum, entry) => sum + entry[2], 0);
      const text = hidden ? `${count(hidden)} pieces of the last minute were more than there is room for.`
        : store.table.mode === "threads" ? "" : store.table.mode === "workers"
          ? "A row is a worker; the fuller the colour, the busier its threads."
          : "A row is several workers; the fuller the colour, the busier they are.";
      note.hidden = !text;
      setText(note, text);
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
