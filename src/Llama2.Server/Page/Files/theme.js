// Runs before the first paint, so that the page does not appear in the wrong colours.
try {
  const theme = localStorage.getItem("llama2.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch { /* The browser refuses storage: its own theme applies. */ }
