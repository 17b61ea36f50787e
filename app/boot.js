// Starts the app. A file of its own because the content security policy forbids inline scripts; which files to load, named by
// their content, stands in the attributes of its script element.
const script = document.querySelector("script[data-wasm]");
const address = (name) => new URL(script.dataset[name], document.baseURI).href;

const { default: init } = await import(address("module"));
await init({ module_or_path: address("wasm") });
