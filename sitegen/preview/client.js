// In every page of the preview: shows what is wrong over the page as it was, takes it away when it is mended, changes
// style sheets without a reload, and keeps the reader's place over one.
(() => {
  const KEPT = `preview ${location.pathname}`;
  const opened = () => [...document.querySelectorAll("details")].map((one) => one.open);
  const values = () => [...document.querySelectorAll("input[type=range]")].map((one) => one.value);

  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
    sessionStorage.removeItem(KEPT);
    if (kept) {
      document.querySelectorAll("details").forEach((one, number) => (one.open = kept.opened[number] ?? one.open));
      addEventListener("load", () => {
        document.querySelectorAll("input[type=range]").forEach((one, number) => {
          if (kept.values[number] === undefined || one.value === kept.values[number]) return;
          one.value = kept.values[number];
          one.dispatchEvent(new Event("input", { bubbles: true }));
        });
        scrollTo({ top: kept.top, behavior: "instant" });
      });
    }
  } catch {} // without storage the page begins anew

  const reload = () => {
    try {
      sessionStorage.setItem(KEPT, JSON.stringify({ opened: opened(), values: values(), top: scrollY }));
    } catch {}
    location.reload();
  };

  const restyle = () => {
    for (const link of document.querySelectorAll('link[rel="stylesheet"]')) {
      const next = link.cloneNode();
      const address = new URL(link.href);
      address.searchParams.set("at", Date.now());
      next.href = address.href;
      next.addEventListener("load", () => link.remove());
      link.after(next);
    }
  };

  let over;
  const show = (html) => {
    over?.remove();
    over = undefined;
    if (!html) return;
    over = document.createElement("div");
    over.style.cssText = "position:fixed;inset:0;z-index:2147483647;overflow:auto";
    over.attachShadow({ mode: "open" }).innerHTML = html;
    over.shadowRoot.addEventListener("click", open);
    document.body.append(over);
  };
  const open = (event) => {
    const link = event.target.closest?.("a[data-file]");
    if (!link) return;
    event.preventDefault();
    fetch(`/-/open?${new URLSearchParams({ file: link.dataset.file, line: link.dataset.line })}`, { method: "POST" });
  };
  document.addEventListener("click", open);

  let pill, wait;
  const run = (text) => {
    clearTimeout(wait);
    if (!text) {
      pill?.remove();
      pill = undefined;
    } else if (pill) pill.textContent = text;
    else
      wait = setTimeout(() => {
        pill = document.createElement("div");
        pill.setAttribute("role", "status");
        pill.style.cssText =
          "position:fixed;inset:auto 1rem 1rem auto;z-index:2147483646;padding:.5rem .9rem;border-radius:2rem;font:14px system-ui,sans-serif;background:#1b1f2a;color:#f2f2f2";
        pill.textContent = text;
        document.body.append(pill);
      }, 300); // what is done sooner needs no word
  };

  const page = document.documentElement.dataset.preview; // the build that made it
  const asked = new URLSearchParams({ page: decodeURI(location.pathname), build: Number(page) || 0 });
  let seen;
  new EventSource(`/-/built?${asked}`).onmessage = ({ data }) => {
    const told = JSON.parse(data);
    const isFirst = seen === undefined;
    run(told.running);
    if (seen === told.build) return;
    seen = told.build;
    show(page === "errors" ? "" : told.errors);
    if (page === "errors") isFirst || reload(); // this page is the list of what was wrong
    else if (told.pages && !told.errors) reload();
    else if (!isFirst && told.styles) restyle();
  };
})();
