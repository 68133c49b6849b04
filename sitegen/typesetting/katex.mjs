// Sets formulas: one JSON array of {tex, display, macros, anchors, symbols} a line on standard input, one array of results a line out.
// A result is {html} or {error, position}; position counts UTF-16 units from the beginning of the TeX, -1 if unknown.
// A request {diagram} is answered by diagram.mjs, which is loaded with the first of them.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { DIALECT } from "./dialect.mjs";

const { default: katex } = await import(pathToFileURL(process.argv[2]).href);
await import(new URL("contrib/mhchem.mjs", pathToFileURL(process.argv[2])).href); // \\ce and \\pu

// Macros that must look or compute, as a string of TeX cannot.
const known = {
  // \@ifgroup{then}{else}: whether a group in braces follows
  "\\@ifgroup": (context) => {
    const [then, otherwise] = context.consumeArgs(2);
    context.consumeSpaces();
    return { tokens: context.future().text === "{" ? then : otherwise, numArgs: 0 };
  },
  // \unicode{x2014} and \unicode{8212}
  "\\unicode@sign": (context) => {
    const [argument] = context.consumeArgs(1);
    const code = text(argument).replace(/^x/, "0x");
    return `\\text{${String.fromCodePoint(Number(code) || 0xfffd)}}`;
  },
  // \enclose{circle}{x}: the notations that KaTeX can draw
  "\\enclose": (context) => {
    const [notation] = context.consumeArgs(1);
    const drawn = { updiagonalstrike: "\\cancel", downdiagonalstrike: "\\bcancel", horizontalstrike: "\\sout", top: "\\overline", bottom: "\\underline", actuarial: "\\angl", radical: "\\sqrt", phasorangle: "\\phase" };
    const names = text(notation).trim().split(/[\s,]+/);
    return names.map((name) => drawn[name] ?? "\\boxed")[0];
  },
};

function text(tokens) {
  return tokens.map((token) => token.text).reverse().join("");
}

// Adds TeX's own definitions to macros.
function define(tex, macros) {
  katex.__parse(tex, { macros, globalGroup: true });
}

define(DIALECT, known);

// A macro's meaning is what stands in its place, or a definition as TeX writes it: `\def\f(#1,#2){...}`.
function withAuthors(macros) {
  const all = { ...known };
  for (const [name, meaning] of Object.entries(macros)) {
    if (meaning.startsWith(`\\def${name}`)) define(meaning.replace("\\def", "\\gdef"), all);
    else all[name] = meaning;
  }
  return all;
}

// What formulas with the same macros have in common. To copy it for each of them takes a third of the time, so that it is shared and
// frozen, and copied for those that define something themselves: `\\tag` does, too.
const frozen = new Map();
function shared(macros) {
  const key = JSON.stringify(macros);
  if (!frozen.has(key)) frozen.set(key, Object.freeze(withAuthors(macros)));
  return frozen.get(key);
}

// Links in formulas may lead to the web and to what the formula refers to; nothing else in them is trusted.
const trust = (anchors) => (context) =>
  (context.command === "\\href" || context.command === "\\url") &&
  (/^https?$/.test(context.protocol ?? "") || anchors.includes(context.url.replace(/^#/, "")));

const UNTRUSTED = "#c0ffe1"; // KaTeX writes what it does not trust in this colour, and says no more

// KaTeX puts elements into <mo> and its like (`\\mathrel{-\\mkern-6mu*}`), which hold nothing but text: a browser would read them
// as HTML, where no <mspace/> ends, and the rest of the page with them. What holds elements is a row.
const SIGNS = new Set(["mi", "mn", "mo", "ms", "mtext"]);
const ROW_NEEDED = /<m(?:[inos]|text)\b[^>]*>[^<]*<m/;
function inRows(html) {
  if (!ROW_NEEDED.test(html)) return html;
  const open = [];
  const parts = html.split(/(<\/?m\w+[^>]*>)/);
  for (const [index, part] of parts.entries()) {
    const [, closes, name] = /^<(\/?)(m\w+)/.exec(part) ?? [];
    if (!name || index % 2 === 0) continue;
    if (closes) {
      if (open.pop().isRow) parts[index] = "</mrow>";
      continue;
    }
    const around = open.at(-1);
    if (around && SIGNS.has(around.name)) {
      around.isRow = true;
      parts[around.index] = "<mrow>";
    }
    if (!part.endsWith("/>")) open.push({ name, index, isRow: false });
  }
  return parts.join("");
}

// Where an error is. Inside the meaning of a macro KaTeX counts from the meaning's beginning: not a place in the TeX.
function positionOf(error, tex) {
  const marked = /((?:[^]\u0332)+)/.exec(error.message)?.[1].replaceAll("\u0332", "");
  return marked === undefined || tex.startsWith(marked, error.position) ? (error.position ?? -1) : -1;
}

// Symbols that an author explains: each place where one was set says what it means. Spacing is KaTeX's, and done by then;
// what a symbol looks like alone is looked for at every size, so that an index or a power counts too.
const looks = new Map();
function lookOf(tex, macros, options) {
  const key = JSON.stringify([tex, macros]);
  if (!looks.has(key)) {
    const alone = render(tex, { ...options, displayMode: false, output: "html" }, macros);
    const inside = /^<span class="katex"><span class="katex-html" aria-hidden="true"><span class="katex-base"><span class="katex-strut"[^>]*><\/span>(.*)<\/span><\/span><\/span>$/s.exec(alone)?.[1];
    const look = inside && !inside.includes("katex-base") ? inside : "";
    const pattern = look
      .replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
      .replace(/ style="[^"]*"/g, "")
      .replace(/ mtight/g, "")
      .replace(/reset-size\d+ size\d+/g, "reset-size\\d+ size\\d+")
      .replace(/(class="[^"]*)"/g, '$1(?: mtight)?"')
      .replace(/<span( class="[^"]*")?>/g, (tag) => tag.replace(">", '(?: style="[^"]*")?>'));
    looks.set(key, pattern);
  }
  return looks.get(key);
}

// Whether HTML is one element.
function isOne(html) {
  let depth = 0;
  for (const { 0: tag, index } of html.matchAll(/<(\/?)span[^>]*>/g)) {
    depth += tag.startsWith("</") ? -1 : 1;
    if (depth === 0) return index + tag.length === html.length;
  }
  return false;
}

function explain(html, symbols, macros, options) {
  const found = symbols.map(([tex, meaning]) => ({ tex, meaning, pattern: lookOf(tex, macros, options) }));
  const bad = found.find(({ pattern }) => !pattern);
  if (bad) return { error: `the symbol ${bad.tex} is more than one sign: it could be broken over two lines`, position: -1 };
  found.sort((one, other) => other.pattern.length - one.pattern.length); // what holds another comes before it
  const start = html.indexOf('<span class="katex-html"');
  const marked = html.slice(start).replace(new RegExp(found.map(({ pattern }) => `(${pattern})`).join("|"), "g"), (place, ...groups) => {
    const { meaning } = found[groups.findIndex((group) => group !== undefined)];
    const says = `tabindex="-1" data-means="${meaning.replace(/&/g, "&amp;").replace(/"/g, "&quot;").replace(/</g, "&lt;")}"`;
    return isOne(place) ? place.replace(/^<span class="/, `<span ${says} class="symbol `) : `<span class="symbol" ${says}>${place}</span>`;
  });
  return { html: html.slice(0, start) + marked };
}

function render(tex, options, macros) {
  try {
    return katex.renderToString(tex, { ...options, macros: shared(macros) });
  } catch (error) {
    if (error instanceof katex.ParseError) throw error;
    return katex.renderToString(tex, { ...options, macros: withAuthors(macros) });
  }
}

function set({ tex, display, macros, anchors, symbols }) {
  try {
    const options = { displayMode: display, strict: "ignore", trust: trust(anchors), errorColor: UNTRUSTED, output: "htmlAndMathml" };
    const html = inRows(render(tex, options, macros));
    if (html.includes(UNTRUSTED)) return { error: "a command in it may not do what it asks for here (a link may lead to http or https)", position: -1 };
    return symbols.length ? explain(html, symbols, macros, options) : { html };
  } catch (error) {
    if (!(error instanceof katex.ParseError)) return { error: String(error?.message ?? error), position: -1 };
    return { error: error.rawMessage ?? error.message, position: positionOf(error, tex) };
  }
}

let diagrams;
async function answer(request) {
  if (request.diagram === undefined) return set(request);
  diagrams ??= await import("./diagram.mjs");
  return diagrams.draw(request.diagram);
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const results = [];
  for (const request of JSON.parse(line)) results.push(await answer(request)); // one by one: Mermaid keeps one state
  process.stdout.write(JSON.stringify(results) + "\n");
}
