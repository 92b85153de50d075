// The graph, laid out by dagre: its tasks while they are few, else its groups.

import dagre from "../vendor/dagre.esm.js";
import { card, h, setText } from "../dom.js";
import { prefix, state, STATES } from "../colors.js";
import { count } from "../format.js";
import { details } from "../feed.js";
import { store } from "../store.js";

export function graph() {
  const place = h("div", { class: "graph", tabindex: "0", role: "region", "aria-label": "Graph" });
  const note = h("p", { class: "note" });
  const legend = h("ul", { class: "legend" }, STATES.map((name) => h("li", {}, h("i", { style: { background: state(name) } }), h("span", {}, name))));
  let shape = "";
  let marks = [];
  let asking = false;
  let asked = 0;

  async function ask() {
    asking = true;
    asked = performance.now();
    try {
      const found = await details("graph.json", {});
      if (found) show(found);
    } finally {
      asking = false;
    }
  }

  function show(found) {
    const { kind, nodes = [], edges = [] } = found;
    setText(note, kind === "none" ? `${count(found.tasks)} tasks in ${count(found.groups)} groups are too many to draw.`
      : kind === "groups" ? `${count(found.tasks)} tasks are too many to draw: these are their ${count(nodes.length)} groups.`
        : nodes.length === 0 ? "No tasks now." : `${count(nodes.length)} tasks`);
    const next = JSON.stringify([kind, nodes.map((n) => n[0]), edges]);
    if (next !== shape) {
      shape = next;
      draw(kind, nodes, edges);
    }
    nodes.forEach((node, i) => (kind === "groups" ? fillGroup(marks[i], node[2]) : (marks[i].style.fill = state(node[2]))));
  }

  function draw(kind, nodes, edges) {
    const layout = new dagre.graphlib.Graph();
    const groups = kind === "groups";
    layout.setGraph({ rankdir: "LR", nodesep: groups ? 14 : 8, ranksep: groups ? 60 : 70, marginx: 10, marginy: 10 });
    layout.setDefaultEdgeLabel(() => ({}));
    nodes.forEach((_, i) => layout.setNode(i, groups ? { width: 150, height: 34 } : { width: 14, height: 14 }));
    for (const [from, to] of edges) layout.setEdge(from, to);
    if (nodes.length) dagre.layout(layout);
    const { width = 0, height = 0 } = nodes.length ? layout.graph() : {};
    const lines = layout.edges().map((edge) => h("svg:path", { class: "edge", d: path(layout.edge(edge).points) }));
    marks = [];
    const boxes = nodes.map(([name, label], i) => {
      const { x, y } = layout.node(i);
      const title = h("svg:title", {}, name);
      if (!groups) {
        marks[i] = h("svg:circle", { cx: x, cy: y, r: 7, class: "node" }, title);
        return h("svg:a", { href: "#/task/" + encodeURIComponent(name), "aria-label": name }, marks[i]);
      }
      marks[i] = h("svg:g", { transform: `translate(${x - 75} ${y - 17})` });
      const cut = label.length > 20 ? label.slice(0, 19) + "…" : label;
      return h("svg:g", {}, title, h("svg:rect", { x: x - 75, y: y - 17, width: 150, height: 34, rx: 5, class: "group", style: { stroke: prefix(label) } }),
        marks[i], h("svg:text", { x, y: y - 1, class: "label" }, cut));
    });
    place.replaceChildren(h("svg:svg", { width, height, viewBox: `0 0 ${width} ${height}` }, lines, boxes));
  }

  const path = (points) => points.map((p, i) => `${i ? "L" : "M"}${p.x.toFixed(1)} ${p.y.toFixed(1)}`).join("");

  function fillGroup(mark, counts) {
    const known = STATES.map((name, i) => [name, counts[i]]).filter(([, n]) => n > 0);
    const total = known.reduce((sum, [, n]) => sum + n, 0) || 1;
    let x = 8;
    mark.replaceChildren(...known.map(([name, n]) => {
      const width = (134 * n) / total;
      const part = h("svg:rect", { x, y: 23, width, height: 6, style: { fill: state(name) } }, h("svg:title", {}, `${name}: ${n}`));
      x += width;
      return part;
    }));
  }

  return {
    element: card("Graph", { class: "wide" }, h("div", {}, legend, place, note)),
    update(name) {
      if (name === "frame" && !asking && !store.frozen && performance.now() - asked > 1500) ask();
      if (store.frozen) setText(note, "A saved page has no graph.");
    },
  };
}
