// What survives a reload of the page, which Gradio does when a connection returns.

const STORE = "handwriting.ink";

// A page inside another site's frame may be denied any storage: then a reload loses the ink.
function keep(state) {
  try {
    sessionStorage.setItem(STORE, JSON.stringify(state));
  } catch {
    return;
  }
}

/** What was kept last, an empty object if nothing was. */
function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(STORE)) ?? {};
  } catch {
    return {};
  }
}
