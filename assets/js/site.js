// What is nicer with a script and complete without one: the choice of light or dark, copying code
// and formulas, the place in the contents.
(() => {
  const say = document.currentScript.dataset;
  const root = document.documentElement;

  // Opened from the disk, a folder shows its listing in place of its page.
  if (location.protocol === "file:")
    for (const link of document.querySelectorAll("a[href]"))
      if (link.protocol === "file:" && link.pathname.endsWith("/")) link.pathname += "index.html";

  const toggle = document.querySelector(".theme-toggle");
  const choices = ["auto", "light", "dark"];
  const current = () => root.dataset.theme ?? "auto";
  const tell = () => {
    toggle.setAttribute("aria-label", `${say.theme}: ${say[current()]}`);
    toggle.title = toggle.getAttribute("aria-label");
  };
  if (toggle) {
    tell();
    toggle.addEventListener("click", () => {
      const next = choices[(choices.indexOf(current()) + 1) % choices.length];
      if (next === "auto") delete root.dataset.theme;
      else root.dataset.theme = next;
      try {
        if (next === "auto") localStorage.removeItem("theme");
        else localStorage.setItem("theme", next);
      } catch {} // private windows
      window.paintBrowser?.();
      tell();
    });
  }

  if (navigator.clipboard) {
    const copier = (words, text) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "copy";
      button.textContent = words;
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(text());
        button.textContent = say.copied;
        setTimeout(() => (button.textContent = words), 1600);
      });
      return button;
    };
    for (const box of document.querySelectorAll(".prose .code"))
      box.append(copier(say.copy, () => box.querySelector("pre").textContent));
    for (const box of document.querySelectorAll(".prose .formula")) {
      const tools = document.createElement("span");
      tools.className = "copy-tex";
      tools.append(copier(say.copyTex, () => box.querySelector("annotation").textContent));
      box.after(tools);
    }
  }

  const links = new Map(
    [...document.querySelectorAll(".contents-side a")].map((link) => [decodeURIComponent(link.hash.slice(1)), link]),
  );
  const headings = [...links.keys()].map((id) => document.getElementById(id)).filter(Boolean);
  if (headings.length) {
    let marked = null;
    let waiting = false;
    const mark = () => {
      waiting = false;
      const passed = headings.filter((heading) => heading.getBoundingClientRect().top < innerHeight * 0.3);
      const link = links.get(passed.at(-1)?.id);
      if (link === marked) return;
      marked?.removeAttribute("aria-current");
      link?.setAttribute("aria-current", "true");
      marked = link;
      const box = link?.closest(".contents-side > div");
      if (box && box.scrollHeight > box.clientHeight) box.scrollTop = link.offsetTop - box.clientHeight / 2;
    };
    addEventListener(
      "scroll",
      () => {
        if (!waiting) requestAnimationFrame(mark);
        waiting = true;
      },
      { passive: true },
    );
    mark();
  }
})();
