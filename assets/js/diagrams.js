// Draws the diagrams that the build leaves to the browser, in the page's colours. Mermaid is loaded when the first comes near.
(() => {
  const from = document.currentScript.dataset.mermaid;
  const root = document.documentElement;
  const ink = (name) => getComputedStyle(root).getPropertyValue(name).trim();
  const sources = new Map([...document.querySelectorAll(".diagram.live")].map((box) => [box, box.textContent]));
  const drawn = new Set();
  let number = 0;
  let loading;

  const load = () =>
    (loading ??= new Promise((resolve, reject) => {
      const script = Object.assign(document.createElement("script"), { src: from, onload: resolve, onerror: reject });
      document.head.append(script);
    }));

  const settings = () => ({
    startOnLoad: false,
    securityLevel: "strict",
    suppressErrorRendering: true,
    theme: "base",
    fontFamily: ink("--sans"),
    themeVariables: {
      background: ink("--paper"),
      primaryColor: ink("--surface"),
      primaryTextColor: ink("--ink"),
      primaryBorderColor: ink("--line-strong"),
      secondaryColor: ink("--accent-soft"),
      tertiaryColor: ink("--good-soft"),
      lineColor: ink("--muted"),
      textColor: ink("--ink"),
      titleColor: ink("--ink"),
      noteBkgColor: ink("--warn-soft"),
      noteTextColor: ink("--ink"),
      noteBorderColor: ink("--line-strong"),
      ...Object.fromEntries(
        Array.from({ length: 8 }, (_, n) => [
          [`pie${n + 1}`, ink(`--figure-${n + 1}`)],
          [`git${n}`, ink(`--figure-${n + 1}`)],
          [`cScale${n}`, ink(`--figure-${n + 1}`)],
          [`cScaleLabel${n}`, ink("--paper")],
        ]).flat(),
      ),
    },
  });

  let queue = Promise.resolve(); // Mermaid keeps one state: one diagram after the other
  const draw = (box) => {
    queue = queue.then(async () => {
      try {
        await load();
        window.mermaid.initialize(settings());
        const { svg } = await window.mermaid.render(`live-diagram-${++number}`, sources.get(box));
        box.innerHTML = svg;
        drawn.add(box);
      } catch (error) {
        console.error(error); // the source stays
      }
    });
  };

  const near = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        draw(target);
      }
    },
    { rootMargin: "400px" },
  );
  for (const box of sources.keys()) near.observe(box);

  const redraw = () => drawn.forEach(draw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  new MutationObserver(redraw).observe(root, { attributes: true, attributeFilter: ["data-theme"] });
})();
