// A figure or an image over the page, as large as the window: enlarged further by a double click, `+` and `-`, moved by hand;
// the arrow keys or a swipe lead to the others of the page. Loaded when the first is opened.
const MOST = 6;

const make = (tag, properties, ...inside) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...inside);
  return element;
};

const icon = (path) => {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.innerHTML = `<path d="${path}"/>`;
  return svg;
};

let dialog;
let stage;
let caption;
let shown = [];
let place = 0;
let zoom = 1;

const scale = (wanted, x = 0.5, y = 0.5) => {
  const across = (stage.scrollLeft + stage.clientWidth * x) / stage.scrollWidth;
  const down = (stage.scrollTop + stage.clientHeight * y) / stage.scrollHeight;
  zoom = Math.min(Math.max(wanted, 1), MOST);
  stage.style.setProperty("--zoom", zoom);
  stage.classList.toggle("is-large", zoom > 1);
  stage.scrollTo(across * stage.scrollWidth - stage.clientWidth * x, down * stage.scrollHeight - stage.clientHeight * y);
};

// The same picture once more: ids stay with the one in the page, whose definitions both draw from.
const copy = (thing) => {
  const figure = thing.matches("img") ? thing : (thing.querySelector(".full") ?? thing);
  const box = make("div", { className: thing.matches(".on-paper") ? "picture on-paper" : "picture" });
  for (const one of figure.matches("img") ? [figure] : figure.querySelectorAll(":scope > :is(svg, img)")) {
    const picture = one.cloneNode(true);
    for (const part of [picture, ...picture.querySelectorAll("[id]")]) part.removeAttribute("id");
    for (const name of ["tabindex", "role", "loading", "aria-hidden"]) picture.removeAttribute(name);
    const { width, height } = one.viewBox?.baseVal ?? { width: one.naturalWidth || one.width, height: one.naturalHeight || one.height };
    picture.style.setProperty("--ratio", width / height || 1.5);
    box.append(picture);
  }
  const text = thing.getAttribute("aria-label");
  if (text && !thing.matches("img")) {
    box.setAttribute("role", "img");
    box.setAttribute("aria-label", text);
  }
  return box;
};

const turn = (to) => {
  place = (to + shown.length) % shown.length;
  const thing = shown[place];
  const said = thing.closest("figure")?.querySelector("figcaption")?.cloneNode(true);
  for (const part of said?.querySelectorAll("[id]") ?? []) part.removeAttribute("id");
  for (const part of said?.querySelectorAll(".figure-data, .enlarge, .preview") ?? []) part.remove();
  caption.replaceChildren(...(said?.childNodes ?? [thing.alt ?? ""]));
  stage.replaceChildren(copy(thing));
  scale(1);
};

const build = (say) => {
  const button = (name, words, path, act) => {
    const made = make("button", { type: "button", className: name, title: words, onclick: act }, icon(path));
    made.setAttribute("aria-label", words);
    return made;
  };
  stage = make("div", { className: "lightbox-stage", tabIndex: 0 });
  caption = make("p", { className: "lightbox-caption" });
  dialog = make(
    "dialog",
    { className: "lightbox" },
    stage,
    caption,
    button("lightbox-previous", say.previous, "M15 5l-7 7 7 7", () => turn(place - 1)),
    button("lightbox-next", say.next, "M9 5l7 7-7 7", () => turn(place + 1)),
    button("lightbox-close", say.close, "M6 6l12 12M18 6L6 18", () => dialog.close()),
  );
  dialog.setAttribute("aria-label", say.enlarge);

  dialog.addEventListener("keydown", (event) => {
    const acts = {
      ArrowLeft: () => zoom === 1 && (turn(place - 1), true),
      ArrowRight: () => zoom === 1 && (turn(place + 1), true),
      "+": () => (scale(zoom * 1.5), true),
      "=": () => (scale(zoom * 1.5), true),
      "-": () => (scale(zoom / 1.5), true),
      0: () => (scale(1), true),
    };
    if (!event.ctrlKey && !event.metaKey && acts[event.key]?.()) event.preventDefault();
  });
  dialog.addEventListener("click", ({ target }) => target.matches(".lightbox, .lightbox-stage") && dialog.close());
  stage.addEventListener("dblclick", (event) => {
    const box = stage.getBoundingClientRect();
    scale(zoom > 1 ? 1 : 2.5, (event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
  });

  // With a mouse an enlarged picture is dragged; a finger scrolls it, and swipes from one that is not enlarged to the next.
  let from = null;
  stage.addEventListener("pointerdown", (event) => {
    from = event.isPrimary ? { x: event.clientX, y: event.clientY, left: stage.scrollLeft, top: stage.scrollTop } : null;
    if (from && event.pointerType === "mouse" && zoom > 1) stage.setPointerCapture(event.pointerId);
  });
  stage.addEventListener("pointermove", (event) => {
    if (from && event.pointerType === "mouse" && zoom > 1 && event.buttons)
      stage.scrollTo(from.left + from.x - event.clientX, from.top + from.y - event.clientY);
  });
  stage.addEventListener("pointerup", (event) => {
    if (!from || event.pointerType === "mouse" || zoom > 1) return;
    const [across, down] = [event.clientX - from.x, event.clientY - from.y];
    if (Math.abs(across) > 50 && Math.abs(across) > 2 * Math.abs(down)) turn(place + (across < 0 ? 1 : -1));
    else if (down > 90 && down > 2 * Math.abs(across)) dialog.close();
  });
  stage.addEventListener("dragstart", (event) => event.preventDefault());
  document.body.append(dialog);
};

// things: all that can be shown, in the order of the page. say: words, and the address of the style sheet.
export const show = async (things, thing, say) => {
  if (!dialog) {
    const style = make("link", { rel: "stylesheet", href: say.lightboxStyle });
    await new Promise((resolve) => {
      style.onload = style.onerror = resolve;
      document.head.append(style);
    });
    build(say);
  }
  shown = things;
  dialog.classList.toggle("is-alone", things.length < 2);
  dialog.showModal();
  turn(things.indexOf(thing));
  stage.focus();
};
