// Comments by giscus or utterances: their script is loaded when a reader asks for it, and follows light and dark.
(() => {
  const section = document.querySelector(".comments");
  const button = section.querySelector("button");
  const root = document.documentElement;
  const { service, ...settings } = section.dataset;
  const isDark = () => (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const theme = () => (service === "giscus" ? "" : "github-") + (isDark() ? "dark" : "light");
  const origin = service === "giscus" ? "https://giscus.app" : "https://utteranc.es";

  const tell = () => {
    const frame = section.querySelector("iframe");
    const message =
      service === "giscus" ? { giscus: { setConfig: { theme: theme() } } } : { type: "set-theme", theme: theme() };
    frame?.contentWindow.postMessage(message, origin);
  };

  const kebab = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  button.hidden = false;
  button.addEventListener("click", () => {
    const script = document.createElement("script");
    // giscus reads data-..., utterances plain attributes
    for (const [name, value] of Object.entries({ ...settings, theme: theme() }))
      script.setAttribute((service === "giscus" ? "data-" : "") + kebab(name), value);
    script.crossOrigin = "anonymous";
    script.async = true;
    script.src = `${origin}/client.js`;
    button.parentElement.replaceWith(script);
    new MutationObserver(tell).observe(root, { attributeFilter: ["data-theme"] });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", tell);
  });
})();
