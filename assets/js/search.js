// The search box: in a dialog over any page, or standing in the search page. Loaded when it is used; Pagefind's index
// is loaded when something is typed.
const opener = document.querySelector(".search-open");
const { index, words } = opener.dataset;
const say = JSON.parse(words);
const MOST = 20;

const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

// Every language has an index; all of them are searched together.
const load = async () => {
  const place = new URL(index, location.href).href;
  const pagefind = await import(`${place}pagefind.js`);
  const answer = await fetch(`${place}pagefind-entry.json`);
  await pagefind.options({ excerptLength: 24 });
  for (const language of Object.keys((await answer.json()).languages)) await pagefind.mergeIndex(place, { language });
  return pagefind;
};
let loading;
const pagefind = () => (loading ??= load().catch((error) => ((loading = null), Promise.reject(error))));

// Where no word begins like one that is asked for, Pagefind answers with the longest that this one begins with: with a "c" for
// "convolution". Whether a result has more than that; writing without capitals needs no blanks, and is taken as it comes.
const wordsOf = (text) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
const isNear = (query) => {
  const asked = wordsOf(query).filter((word) => /^[\p{Ll}\p{N}]/u.test(word));
  const half = (word) => Math.max(2, Math.floor(word.length / 2));
  const isPart = (word) => asked.some((one) => one !== word && one.startsWith(word) && word.length < half(one));
  const isLike = (word) => asked.some((one) => word.includes(one.slice(0, half(one))));
  return ({ excerpt }) => {
    const marks = Array.from(excerpt.matchAll(/<mark>(.*?)<\/mark>/gs), ([, mark]) => wordsOf(mark));
    return !marks.length || marks.some((words) => words.some(isLike) || !words.some(isPart));
  };
};

const find = async (query) => {
  const found = (await (await pagefind()).search(query)).results.sort((one, other) => other.score - one.score);
  const pages = new Map(); // the index of the page's own language answers twice
  for (const result of await Promise.all(found.slice(0, 2 * MOST).map((one) => one.data()))) {
    const { pathname } = new URL(result.url, location.href);
    if (!pages.has(pathname)) pages.set(pathname, result);
  }
  return [...pages.values()].filter(isNear(query)).slice(0, MOST);
};

// Of a formula an excerpt holds the LaTeX, by which it is found, and readable text, which is shown.
const readable = (excerpt) =>
  excerpt
    .replace(/(?:(<mark>)([^\s<\u2063]*))?\u2063[^\u2064]*\u2064(?:<\/mark>)? ?([^\u2062]*)/g, (_, found, before = "", text) =>
      found && !text.includes("<mark>") ? `${before}<mark>${text}</mark>` : before + text)
    .replaceAll("\u2062", "");

// An excerpt is text with <mark>; nothing else in it may become markup.
const marked = (excerpt) => {
  const shown = make("p", { dir: "auto" });
  for (const part of readable(excerpt).split(/(<mark>.*?<\/mark>)/s)) {
    const text = make("template", { innerHTML: part }).content.textContent;
    shown.append(part.startsWith("<mark>") ? make("mark", {}, text) : text);
  }
  return shown;
};

const shown = ({ url, meta, excerpt, sub_results: parts }) => {
  const sections = parts.filter((part) => part.url.includes("#")).slice(0, 3);
  const item = make("li", {}, make("a", { href: url, dir: "auto", className: "search-page-link", textContent: meta.title }));
  if (!sections.length) item.append(marked(excerpt));
  else
    item.append(
      make("ul", {}, ...sections.map((part) =>
        make("li", {}, make("a", { href: part.url, dir: "auto", textContent: readable(part.title) }), marked(part.excerpt)))),
    );
  return item;
};

// The box itself. changed: told what is searched for.
export const box = (changed = () => {}) => {
  const input = make("input", { type: "search", name: "q", placeholder: say.hint, autocomplete: "off", spellcheck: false });
  input.setAttribute("aria-label", say.search);
  const status = make("p", { className: "search-status" });
  status.setAttribute("role", "status");
  const list = make("ol", { className: "search-results" });
  const form = make("form", { className: "search-form" }, input);
  form.setAttribute("role", "search");
  let asked = "";
  let waiting;

  const search = async () => {
    const query = input.value.trim();
    if (query === asked) return;
    asked = query;
    changed(query);
    list.toggleAttribute("aria-busy", Boolean(query));
    if (!query) {
      replace([]);
      status.textContent = "";
      return;
    }
    try {
      const results = await find(query);
      if (query !== asked) return;
      replace(results.map(shown));
      status.textContent = results.length ? "" : `${say.none} “${query}”`;
    } catch (error) {
      replace([]);
      status.textContent = say.failed;
      asked = "";
      console.error(error);
    }
    if (query === asked || !asked) list.removeAttribute("aria-busy");
  };

  // Who is among the results stays there when others take their place: at the same one, or at the box.
  const replace = (items) => {
    const held = list.contains(document.activeElement) ? document.activeElement.href : null;
    list.replaceChildren(...items);
    if (held) (links().find((link) => link.href === held) ?? input).focus();
  };

  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(search, 120);
  });
  const links = () => [...list.querySelectorAll("a")];
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    clearTimeout(waiting);
    await search();
    links()[0]?.focus();
  });
  const all = make("div", { className: "search" }, form, status, list);
  all.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && dialog?.open) return dialog.close(); // else the first one only empties the box
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const stops = [input, ...links()];
    stops[Math.min(Math.max(stops.indexOf(document.activeElement) + step, 0), stops.length - 1)].focus();
    event.preventDefault();
  });
  return {
    all,
    input,
    ask(query) {
      input.value = query;
      return search();
    },
  };
};

// typed: what was typed before the dialog was there.
let dialog;
let input;
let ask;
export const open = (typed) => {
  if (!dialog) {
    document.head.append(make("link", { rel: "stylesheet", href: opener.dataset.style }));
    const found = box();
    ({ input, ask } = found);
    dialog = make("dialog", { className: "search-dialog" }, found.all);
    dialog.setAttribute("aria-label", say.search);
    dialog.addEventListener("click", ({ target }) => (target === dialog || target.closest("a")) && dialog.close());
    document.body.append(dialog);
  }
  pagefind().catch(() => {}); // while the first letters are typed
  if (!dialog.open) dialog.showModal();
  input.select();
  if (typed) {
    ask(typed);
    input.setSelectionRange(typed.length, typed.length);
  }
};

// In the search page: the box stands in the place of the words that say how to search without a script.
export const stand = (place) => {
  const { all, input, ask } = box((query) => {
    const address = new URL(location.href);
    if (query) address.searchParams.set("q", query);
    else address.searchParams.delete("q");
    history.replaceState(null, "", address);
  });
  place.replaceChildren(all);
  const query = new URLSearchParams(location.search).get("q");
  if (query) ask(query);
  else input.focus();
};
