// Sets the theme before anything is painted: `light`, `dark`, or what the system prefers.
(() => {
  let theme = null;
  try {
    theme = localStorage.getItem("dask-theme");
  } catch {
    // A saved report has no storage.
  }
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
})();

// In a frame of another page a single part stands alone.
if (self !== top) document.documentElement.classList.add("embedded");
