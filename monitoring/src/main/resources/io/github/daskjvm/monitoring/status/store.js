// What the page knows: the server's messages put together. Bounded, so that it may stay open for days.

const POINTS_MAX = 900;
const SPANS_MAX = 60000;
const LIST_MAX = 200;

export const store = {
  ready: false, epoch: 0, skew: 0, address: "", states: [], binMillis: 500, windowSeconds: 60,
  counts: [], totals: null, cluster: [0, 0, 0, 0], prefixes: [],
  table: { workers: [], lanes: [], mode: "threads", all: 0 }, workers: {}, links: [],
  points: [], spans: [], cells: new Map(), names: [], busy: [], since: 0, open: [], waits: [], record: null,
  failures: [], failed: 0, events: [], frames: 0, notice: "",
};

const TOTALS = ["workers", "threads", "limit", "managed", "old", "recent", "spilled", "cpu", "occupancy", "processing",
  "read", "write", "open", "transfers", "finished"];

const handlers = {
  hello(m) {
    Object.assign(store, { epoch: m.epoch, address: m.address, states: m.states, binMillis: m.binMillis,
      windowSeconds: m.windowSeconds, skew: m.now - Date.now() / 1000, spans: [], cells: new Map(), names: [],
      busy: [], failures: [], events: [], points: [] });
    news(m);
  },
  table(m) {
    const lanesMoved = m.mode !== store.table.mode || m.lanes.length !== store.table.lanes.length;
    store.table = m;
    store.first = new Map(m.workers.map((worker, i) => [worker[0], i]));
    if (lanesMoved && store.ready) {
      store.spans = [];
      store.cells = new Map();
    }
  },
  history(m) {
    store.points = m.points;
  },
  activity(m) {
    store.names = m.names;
    store.since = m.since;
    activity(m);
    // What went before has been summed up by nobody; only a saved page has nothing else.
    if (!store.frozen) store.busy = [];
  },
  /** The minute before the page was opened, a number for each half second of a lane. */
  past({ bin, lane, rows }) {
    unfold(store.cells, rows, bin, lane, store.binMillis, store.table.lanes);
  },
  /** Of a saved page: all that was kept. */
  record(m) {
    store.record = m;
  },
  frame(m) {
    store.frames++;
    store.ready = true;
    store.notice = m.notice ?? "";
    store.counts = m.counts;
    store.totals = Object.fromEntries(TOTALS.map((name, i) => [name, m.totals[i]]));
    store.cluster = m.cluster;
    store.prefixes = m.prefixes;
    if (m.workers) store.workers = { ...store.workers, ...m.workers };
    if (m.waits) store.waits = m.waits;
    if (m.open) store.open = m.open;
    if (m.links) store.links = m.links;
    if (m.names) m.names.forEach((name, i) => { store.names[m.namesFrom + i] = name; });
    if (m.spans) activity(m);
    for (const point of m.points ?? []) {
      const last = store.points.at(-1);
      if (!last || point[0] > last[0]) store.points.push(point);
    }
    if (store.points.length > POINTS_MAX) store.points.splice(0, store.points.length - POINTS_MAX);
    news(m);
  },
};

/** Moments of lanes, a number for each, added to cells. */
export function unfold(cells, rows, bin, lane, binMillis, lanes) {
  rows.forEach((row, i) => row.forEach((value, k) => {
    if (value === 0) return;
    const place = (bin + k) * 1024 + lane + i;
    const ms = ((((value - 1) % 10) + 1) / 10) * binMillis * (lanes[lane + i] || 1);
    const parts = cells.get(place) ?? new Map();
    const what = Math.floor((value - 1) / 10);
    cells.set(place, parts.set(what, (parts.get(what) ?? 0) + ms));
  }));
}

function news(m) {
  if (m.failed !== undefined) store.failed = m.failed;
  add(store.failures, m.failures, (failure) => failure.index);
  add(store.events, m.events, (event) => event[0]);
}

/** Newest first, each once. */
function add(list, items, index) {
  for (const item of (items ?? []).toReversed()) {
    if (list.length === 0 || index(item) > index(list[0])) list.unshift(item);
  }
  if (list.length > LIST_MAX) list.length = LIST_MAX;
}

/** Spans one by one, and cells that are summed up by lane and moment. */
function activity(m) {
  for (const span of m.spans) store.spans.push(span);
  for (const [lane, bin, kind, name, ms] of m.cells) {
    const place = bin * 1024 + lane;
    let parts = store.cells.get(place);
    if (!parts) store.cells.set(place, (parts = new Map()));
    const what = name * 8 + kind;
    parts.set(what, (parts.get(what) ?? 0) + ms);
  }
  if (m.busy) store.busy.push([now(), m.busy, m.hidden + (m.missed ?? 0)]);
  forget();
}

function forget() {
  const oldest = (now() - store.epoch - store.windowSeconds - 5) * 1000;
  if (store.spans.length > SPANS_MAX || (store.spans.length && store.frames % 20 === 0)) {
    store.spans = store.spans.filter((span) => span[1] + span[2] > oldest).slice(-SPANS_MAX);
  }
  const bin = oldest / store.binMillis;
  if (store.frames % 20 === 0) {
    for (const place of store.cells.keys()) if (place / 1024 < bin) store.cells.delete(place);
  }
  while (store.busy.length && store.busy[0][0] < now() - store.windowSeconds) store.busy.shift();
}

/** The scheduler's time, in seconds since 1970; the time of the report, where this is one. */
export function now() {
  return store.frozen ?? Date.now() / 1000 + store.skew;
}

const listeners = new Set();

/** Calls after each message; returns what ends it. */
export function listen(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function receive(name, message) {
  handlers[name]?.(message);
  for (const listener of listeners) listener(name);
}

/** One worker's row with its columns, by index in the table. */
export function worker(i) {
  const [address, name, host, threads, limit, runtime] = store.table.workers[i];
  const row = { i, address, name, host, threads, limit, runtime };
  for (const [column, values] of Object.entries(store.workers)) row[column] = values[i];
  row.known = row.status !== undefined;
  row.memory = (row.managed ?? 0) + (row.old ?? 0) + (row.recent ?? 0);
  return row;
}

export const STATUS = { i: "idle", p: "busy", s: "saturated" };

/** The worker, or range of workers, that a lane of the task stream stands for, in words. */
export function laneName(lane) {
  const { workers, mode, lanes, all } = store.table;
  if (mode === "threads") {
    let first = 0;
    for (const worker of workers) {
      if (lane < first + worker[3]) return `${worker[1]} · thread ${lane - first + 1}`;
      first += worker[3];
    }
    return "";
  }
  const from = Math.ceil((lane * all) / lanes.length);
  const to = Math.ceil(((lane + 1) * all) / lanes.length) - 1;
  const name = (i) => workers[i]?.[1] ?? `worker ${i + 1}`;
  return from >= to ? name(from) : `${name(from)} to ${name(to)} (${to - from + 1} workers)`;
}
