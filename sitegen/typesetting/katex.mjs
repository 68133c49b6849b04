// Sets formulas: one JSON array of {tex, display, macros, anchors} a line on standard input, one array of results a line out.
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

// Links in formulas may lead to the web and to what the formula refers to; nothing else in them is trusted.
const trust = (anchors) => (context) =>
  (context.command === "\\href" || context.command === "\\url") &&
  (/^https?$/.test(context.protocol ?? "") || anchors.includes(context.url.replace(/^#/, "")));

const UNTRUSTED = "#c0ffe1"; // KaTeX writes what it does not trust in this colour, and says no more

// Where an error is. Inside the meaning of a macro KaTeX counts from the meaning's beginning: not a place in the TeX.
function positionOf(error, tex) {
  const marked = /((?:[^]\u0332)+)/.exec(error.message)?.[1].replaceAll("\u0332", "");
  return marked === undefined || tex.startsWith(marked, error.position) ? (error.position ?? -1) : -1;
}

function set({ tex, display, macros, anchors }) {
  try {
    const options = { displayMode: display, macros: withAuthors(macros), strict: "ignore", trust: trust(anchors), errorColor: UNTRUSTED, output: "htmlAndMathml" };
    const html = katex.renderToString(tex, options);
    if (html.includes(UNTRUSTED)) return { error: "a command in it may not do what it asks for here (a link may lead to http or https)", position: -1 };
    return { html };
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
