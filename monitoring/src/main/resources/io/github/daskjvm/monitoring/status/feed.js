// The one stream from the scheduler. It rests while nobody can see the page.

import { receive } from "./store.js";

const NAMES = ["hello", "table", "history", "activity", "past", "frame"];
const AGAIN_MILLIS = 5000;

let source = null;
let timer = 0;

/** Keeps the page up to date; tells `said` how that goes: "live", "connecting", "resting" or "full". */
export function connect(said) {
  const open = () => {
    clearTimeout(timer);
    source?.close();
    said("connecting");
    source = new EventSource("/status/stream");
    for (const name of NAMES) {
      source.addEventListener(name, (event) => {
        receive(name, JSON.parse(event.data));
        if (name === "frame") said("live");
      });
    }
    source.onerror = () => {
      // The browser asks again by itself after an end; not after a refusal.
      if (source.readyState === EventSource.CLOSED) {
        said("full");
        timer = setTimeout(open, AGAIN_MILLIS);
      }
    };
  };
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      clearTimeout(timer);
      source?.close();
      said("resting");
    } else open();
  });
  if (!document.hidden) open();
}

/** Fetches details; null where there are none. */
export async function details(path, parameters) {
  const reply = await fetch("/status/" + path + "?" + new URLSearchParams(parameters));
  return reply.ok ? reply.json() : null;
}
