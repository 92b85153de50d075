// Colours by meaning; both themes share the hues and differ in lightness.

export const STATES = ["released", "waiting", "no-worker", "queued", "processing", "memory", "erred"];
export const KINDS = ["compute", "transfer", "deserialize", "disk read", "disk write", "other", "erred"];

export const isDark = () => {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
};

/** A colour of the style sheet: `css("--line")`. */
export const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export const state = (name) => `var(--state-${name})`;

const SLOTS = 28;
const KNOWN_MAX = 1000;
const hues = new Map();
const taken = new Set();

/** The colour of a prefix: by its name, unless another has it already. Red is left to transfers and failures. */
export function prefix(name, dark = isDark()) {
  let hue = hues.get(name);
  if (hue === undefined) {
    let hash = 2166136261;
    for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 16777619);
    hash ^= hash >>> 15;
    let slot = (hash >>> 0) % SLOTS;
    for (let tries = 0; tries < SLOTS && taken.has(slot); tries++) slot = (slot + 11) % SLOTS;
    taken.add(slot);
    if (taken.size === SLOTS) taken.clear();
    hue = 40 + slot * 10;
    // A page that is open for days sees ever new names.
    if (hues.size >= KNOWN_MAX) hues.delete(hues.keys().next().value);
    hues.set(name, hue);
  }
  return `hsl(${hue} ${dark ? 60 : 58}% ${dark ? 62 : 48}%)`;
}

/** The colour of an action in the task stream. */
export function action(kind, name, dark) {
  switch (kind) {
    case 0: return prefix(name, dark);
    case 1: return dark ? "#ff6b5e" : "#d93a2b";
    case 2: return dark ? "#9aa4b2" : "#7a8594";
    case 3: case 4: return dark ? "#ffb454" : "#dd8a00";
    case 6: return dark ? "#f4f4f4" : "#111";
    default: return dark ? "#7f8794" : "#9aa1ac";
  }
}
