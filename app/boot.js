// Starts the app. A file of its own because the content security policy forbids inline scripts; which files to load, named by
// their content, stands in the attributes of its script element.
const script = document.querySelector("script[data-wasm]");
const address = (name) => new URL(script.dataset[name], document.baseURI).href;

const { default: init } = await import(address("module"));
await init({ module_or_path: address("wasm") });

// The parts that pages need later (xtask/src/parts.rs) come while nothing else is to be done, so that a page opens at once, and opens
// still when the server is gone or has another version by then.
const later = () => {
  for (const link of document.querySelectorAll("link[data-later]")) link.rel = "prefetch";
};
if (window.requestIdleCallback) requestIdleCallback(later);
else setTimeout(later, 2000);
