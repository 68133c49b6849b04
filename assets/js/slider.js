// Swaps the frames of a slider, which the build has drawn. Without it the first frame stands, with its values.
// The form of a frame is told in sitegen/publishing/frames.py.
(() => {
  const NEAR = "800px"; // frames are loaded when a slider comes so close to the view
  const SVG = "http://www.w3.org/2000/svg";

  const markup = (text) => {
    const holder = document.createElementNS(SVG, "svg");
    holder.innerHTML = text;
    return [...holder.childNodes];
  };

  // Each change returns what takes it back.
  const apply = (elements, [place, name, value]) => {
    const element = elements[place];
    if (name === "-") {
      const gone = document.createComment("");
      element.replaceWith(gone);
      return () => gone.replaceWith(element);
    }
    if (name === "<" || name === ">") {
      const added = markup(value);
      if (name === "<") element.before(...added);
      else element.append(...added);
      return () => added.forEach((node) => node.remove());
    }
    if (name === "#") {
      const node = [...element.childNodes].find((child) => child.nodeType === Node.TEXT_NODE);
      const was = node ? node.data : "";
      const text = node ?? element.insertBefore(document.createTextNode(""), element.firstChild);
      text.data = value;
      return () => (text.data = was);
    }
    const was = element.getAttribute(name);
    const set = (to) => (to === null ? element.removeAttribute(name) : element.setAttribute(name, to));
    set(value);
    return () => set(was);
  };

  const replace = (part, html) => {
    const was = [...part.childNodes];
    part.innerHTML = html;
    return () => part.replaceChildren(...was);
  };

  const wire = (box) => {
    const inputs = [...box.querySelectorAll("input")];
    const shown = box.querySelectorAll(".slider-value");
    const parts = [...box.querySelector(".frame").children];
    const elements = parts.map((part) => [...part.querySelectorAll("*")]);
    let frames = null;
    let loading = null;
    let undo = [];
    let waiting = false;
    let pictures = []; // held, so that the browser keeps them

    const load = () =>
      (loading ??= new Promise((resolve) => {
        const script = document.createElement("script");
        script.src = box.dataset.frames;
        script.onload = () => {
          frames = self.sliderFrames[box.dataset.name];
          pictures = prefetch();
          resolve();
        };
        script.onerror = () => (loading = null); // no line just now: the next movement tries again
        document.head.append(script);
      }));

    const prefetch = () => {
      const seen = [...box.querySelectorAll(".frame img")].find((image) => image.getClientRects().length);
      const found = [];
      for (const part of seen ? frames.flat() : []) {
        if (typeof part !== "string") continue;
        const page = new DOMParser().parseFromString(part, "text/html"); // which loads nothing by itself
        for (const image of page.images)
          if (image.className === seen.className)
            found.push(Object.assign(new Image(), { src: image.getAttribute("src") }));
      }
      return found;
    };

    const draw = () => {
      waiting = false;
      if (!frames) return;
      const number = inputs.reduce((before, input) => before * (Number(input.max) + 1) + Number(input.value), 0);
      for (const back of undo.reverse()) back();
      undo = [];
      frames[number].forEach((part, place) => {
        if (typeof part === "string") undo.push(replace(parts[place], part));
        else if (part) for (const change of part) undo.push(apply(elements[place], change));
      });
    };

    const update = () => {
      inputs.forEach((input, place) => {
        const value = input.dataset.values.split("|")[input.value];
        shown[place].textContent = value;
        input.setAttribute("aria-valuetext", value);
      });
      if (!waiting) requestAnimationFrame(draw);
      waiting = true;
      load().then(draw);
    };
    for (const input of inputs) input.addEventListener("input", update);
    if (inputs.some((input) => input.value !== input.defaultValue)) update(); // as the browser remembers them

    turn(box, inputs, update);
    new IntersectionObserver(
      (entries, observer) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        observer.disconnect();
        load();
      },
      { rootMargin: NEAR },
    ).observe(box);
  };

  // A figure in space is turned by dragging it: its sliders follow the hand.
  const turn = (box, inputs, update) => {
    const frame = box.querySelector(".frame");
    const dragged = inputs.filter((input) => input.dataset.drag);
    if (!dragged.length) return;
    frame.classList.add("turns");
    frame.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      event.preventDefault();
      frame.setPointerCapture(event.pointerId);
      const from = dragged.map((input) => Number(input.value));
      const { width, height } = frame.getBoundingClientRect();
      const move = (next) => {
        dragged.forEach((input, place) => {
          const count = Number(input.max) + 1;
          const way =
            input.dataset.drag === "x" ? (event.clientX - next.clientX) / width : (next.clientY - event.clientY) / height;
          const value = from[place] + Math.round(way * count);
          input.value = "turn" in input.dataset ? ((value % count) + count) % count : Math.min(Math.max(value, 0), count - 1);
        });
        update();
      };
      const end = () => {
        frame.removeEventListener("pointermove", move);
        frame.removeEventListener("pointerup", end);
        frame.removeEventListener("pointercancel", end);
      };
      frame.addEventListener("pointermove", move);
      frame.addEventListener("pointerup", end);
      frame.addEventListener("pointercancel", end);
    });
  };

  document.querySelectorAll(".slider").forEach(wire);
})();
