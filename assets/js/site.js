// What is nicer with a script and complete without one: the choice of light or dark, copying code
// and formulas, previews of figures, the place in the contents.
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

  // Search: a dialog over this page, by its button, `/` or Ctrl-K; without a server or a script the link leads to its page.
  const opener = document.querySelector(".search-open");
  const place = document.querySelector(".search-place");
  if (opener && location.protocol !== "file:") {
    const search = () => import(new URL(opener.dataset.script, location.href).href);
    const open = async (event) => {
      event.preventDefault();
      if (place) return place.querySelector("input").focus();
      // What is typed while the script is on its way belongs into the box.
      let typed = "";
      const keep = (event) => {
        if (event.key.length > 1 || event.ctrlKey || event.metaKey || event.altKey) return;
        event.preventDefault();
        event.stopImmediatePropagation();
        typed += event.key;
      };
      addEventListener("keydown", keep, true);
      try {
        (await search()).open(typed);
      } catch {
        location.assign(opener.href);
      } finally {
        removeEventListener("keydown", keep, true);
      }
    };
    opener.addEventListener("click", (event) => {
      if (!event.ctrlKey && !event.metaKey && !event.shiftKey) open(event);
    });
    addEventListener("keydown", (event) => {
      const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
      const slash = event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey;
      if (slash || (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey)) open(event);
    });
    if (place)
      search().then(
        (script) => script.stand(place),
        () => place.classList.add("is-dead"),
      );
  } else place?.classList.add("is-dead");

  // Scripts of what is further down: each comes when the first of its things comes near, or is touched.
  const load = (src, data) =>
    new Promise((resolve, reject) => {
      const script = Object.assign(document.createElement("script"), { src, onload: resolve, onerror: reject });
      Object.assign(script.dataset, data);
      document.head.append(script);
    });
  const whenNear = (selector, src, data) => {
    const watch = new IntersectionObserver(
      (seen) => {
        if (!seen.some((one) => one.isIntersecting)) return;
        watch.disconnect();
        load(src, data);
      },
      { rootMargin: "800px" },
    );
    for (const thing of document.querySelectorAll(selector)) watch.observe(thing);
  };
  if (say.slider) whenNear(".slider", say.slider);
  if (say.diagrams) whenNear(".diagram.live", say.diagrams, { mermaid: say.mermaid });
  if (say.figures) {
    let loading;
    for (const svg of document.querySelectorAll("svg[data-scales]")) {
      const box = svg.closest(".drawing");
      if (!box || box.closest(".frames")) continue;
      box.tabIndex = 0;
      box.addEventListener("focus", () => (loading ??= load(say.figures)), { once: true });
      svg.addEventListener(
        "pointerenter",
        async (event) => {
          await (loading ??= load(say.figures));
          svg.dispatchEvent(new PointerEvent("pointermove", event)); // where a finger stands still
        },
        { once: true },
      );
    }
  }

  // What is copied of a text holds its formulas as LaTeX, whole.
  document.addEventListener("copy", (event) => {
    const selection = getSelection();
    if (selection.isCollapsed || !event.clipboardData) return;
    const range = selection.getRangeAt(0);
    const around = (node) => (node.nodeType === Node.TEXT_NODE ? node.parentElement : node).closest?.(".katex");
    const [first, last] = [around(range.startContainer), around(range.endContainer)];
    if (first) range.setStartBefore(first);
    if (last) range.setEndAfter(last);
    const part = range.cloneContents();
    if (!part.querySelector(".katex-mathml")) return;
    const written = document.createElement("div");
    written.append(part);
    event.clipboardData.setData("text/html", written.innerHTML);
    for (const formula of written.querySelectorAll(".katex")) {
      const sign = formula.parentElement.matches(".katex-display") ? "$$" : "$";
      formula.replaceWith(sign + formula.querySelector("annotation").textContent + sign);
    }
    event.clipboardData.setData("text/plain", written.textContent);
    event.preventDefault();
  });

  // Buttons that copy code, and the LaTeX of formulas: each is made when a pointer or the keyboard comes to its box.
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
    const offer = ({ target }) => {
      const box = target.closest?.(".post .code, .prose .formula");
      if (!box || box.offers) return;
      box.offers = true;
      if (box.matches(".code")) return box.append(copier(say.copy, () => box.querySelector("pre").textContent));
      const tools = document.createElement("span");
      tools.className = "copy-tex";
      tools.append(copier(say.copyTex, () => box.querySelector("annotation").textContent));
      box.after(tools);
    };
    for (const event of ["pointerover", "focusin"]) document.addEventListener(event, offer);
  }

  // The rest waits until the page stands: it changes nothing that is seen at first.
  const later = window.requestIdleCallback ?? ((work) => setTimeout(work, 1));

  // Figures and images are shown as large as the window; what is a link, moves or answers to a hand stays as it is.
  const things = [...document.querySelectorAll(".post .prose :is(.drawing, .diagram, img)")].filter(
    (thing) =>
      !thing.closest("a, .slider, .animation, .live, .preview, .value") &&
      !thing.parentElement.closest(".drawing") &&
      !(thing.getAttribute("width") < 160 && thing.matches("img[width]")),
  );
  const enlarge = async (thing) => (await import(new URL(say.lightbox, location.href).href)).show(things, thing, say);
  const canGrow = (thing) => {
    const caption = thing.closest("figure")?.querySelector("figcaption");
    if (caption && !caption.querySelector(".enlarge")) {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "enlarge", title: say.enlarge });
      button.setAttribute("aria-label", say.enlarge);
      button.addEventListener("click", () => enlarge(thing));
      caption.append(" ", button);
    } else if (!caption) {
      thing.tabIndex = 0;
      thing.addEventListener("keydown", (event) => event.key === "Enter" && enlarge(thing));
    }
    thing.classList.add("can-grow");
    thing.addEventListener("click", (event) => {
      const reads = event.pointerType !== "mouse" && thing.querySelector("[data-scales]"); // a tap there asks for a value
      if (!reads) enlarge(thing);
    });
  };
  if (location.protocol !== "file:") later(() => things.forEach(canGrow));

  // Letters of formulas that are far below, for who prints before he scrolls.
  later(() => document.fonts.forEach((font) => /KaTeX/.test(font.family) && font.load().catch(() => {})));

  // A formula is shown by the style sheet where it is referred to; figures, tables, theorems and footnotes are copied here.
  const preview = (link) => {
    const target = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!target || link.parentElement.matches(".has-preview") || /^H\d$/.test(target.tagName)) return;
    const whole = Object.assign(document.createElement("span"), { className: "has-preview" });
    link.before(whole);
    whole.append(link);
    const show = () => {
      if (whole.lastElementChild !== link) return;
      const copy = target.cloneNode(true);
      for (const part of [copy, ...copy.querySelectorAll("[id], [name]")])
        for (const name of ["id", "name"]) part.removeAttribute(name); // two radio buttons of one name are one choice
      const preview = Object.assign(document.createElement("span"), { className: "preview", inert: true });
      copy.querySelectorAll(".footnote-backref").forEach((back) => back.remove());
      preview.append(...(copy.matches("li") ? copy.childNodes : [copy]));
      whole.append(preview);
    };
    for (const event of ["pointerenter", "focus"]) link.addEventListener(event, show, { once: true });
  };
  later(() => document.querySelectorAll('.prose :is(a.reference, .footnote-ref a)[href^="#"]').forEach(preview));

  // A tap shows it, and a second one leads there.
  let tapped;
  addEventListener("click", (event) => {
    const link = event.target.closest?.(".has-preview > a");
    tapped?.parentElement.classList.remove("tapped");
    if (link && event.pointerType === "touch" && link !== tapped) {
      event.preventDefault();
      link.parentElement.classList.add("tapped"); // what is hovered over changes where the page moves below a finger
    }
    tapped = link;
  });

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
    later(mark);
  }
})();
