// Numbers as people read them.

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** `1.5 GiB`; one decimal below a hundred. */
export function bytes(value) {
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return (unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)) + " " + UNITS[unit];
}

export const mib = (value) => bytes(value * 1024 * 1024);
export const kibRate = (value) => bytes(value * 1024) + "/s";

/** `1 234 567`, in thin spaces. */
export function count(value) {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, "\u2009");
}

export function seconds(value) {
  if (value < 0.001) return Math.round(value * 1e6) + " µs";
  if (value < 1) return (value * 1e3).toFixed(value < 0.01 ? 1 : 0) + " ms";
  if (value < 120) return value.toFixed(value < 10 ? 2 : 1) + " s";
  if (value < 7200) return (value / 60).toFixed(1) + " min";
  if (value < 172800) return (value / 3600).toFixed(1) + " h";
  return (value / 86400).toFixed(1) + " d";
}

/** Time of day of seconds since 1970. */
export function clock(time) {
  return new Date(time * 1000).toLocaleTimeString([], { hour12: false });
}

export const percent = (part, whole) => (whole > 0 ? Math.round((100 * part) / whole) : 0) + " %";
