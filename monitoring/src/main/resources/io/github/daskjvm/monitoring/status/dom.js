// Elements made by hand. Text only ever becomes text: nothing here, or anywhere in the page, parses HTML.

/** Makes an element: `h("td", {class: "n"}, "12")`. Properties that start with `on` are listeners. */
export function h(name, properties = {}, ...children) {
  const svg = name.startsWith("svg:");
  const element = svg
    ? document.createElementNS("http://www.w3.org/2000/svg", name.slice(4))
    : document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value == null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "style") Object.assign(element.style, value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child != null) element.append(child instanceof Node ? child : String(child));
  }
}

/** Sets an element's text, if it is another one. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function replace(element, ...children) {
  element.replaceChildren();
  append(element, children);
}

/** A titled part of a view. `actions` stand at the right of the title. */
export function card(title, properties, body, ...actions) {
  const { class: extra = "", ...rest } = properties;
  return h("section", { class: `card ${extra}`, "aria-label": title, ...rest },
    h("div", { class: "card-head" }, h("h2", {}, title), h("div", { class: "actions" }, ...actions)), body);
}

export function taskLink(key, text = key) {
  return h("a", { href: "#/task/" + encodeURIComponent(key), class: "key", title: key }, text);
}

export function workerLink(address, text = address) {
  return h("a", { href: "#/worker/" + encodeURIComponent(address), title: address }, text);
}

/** One row of `body` for each item; rows that are there stay, so that what has the focus keeps it. */
export function fillRows(body, items, make, fill) {
  while (body.rows.length > items.length) body.deleteRow(-1);
  items.forEach((item, i) => fill(body.rows[i] ?? body.appendChild(make()), item));
}

/** Makes a link of `workerLink` lead to another worker. */
export function relink(link, address, text) {
  setText(link, text);
  link.href = "#/worker/" + encodeURIComponent(address);
  link.title = address;
}

/** A canvas as large as its place, sharp on dense screens; calls `draw(context, width, height)` when told or resized. */
export function canvas(height, label, draw) {
  const element = h("canvas", { role: "img", "aria-label": label });
  const place = h("div", { class: "canvas" }, element);
  const paint = () => {
    const width = place.clientWidth;
    const tall = typeof height === "function" ? height() : height;
    if (width === 0) return;
    const ratio = window.devicePixelRatio || 1;
    if (element.width !== Math.round(width * ratio) || element.height !== Math.round(tall * ratio)) {
      element.width = Math.round(width * ratio);
      element.height = Math.round(tall * ratio);
      element.style.height = tall + "px";
    }
    const context = element.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, tall);
    draw(context, width, tall);
  };
  const observer = new ResizeObserver(paint);
  observer.observe(place);
  return { place, element, paint, end: () => observer.disconnect() };
}
