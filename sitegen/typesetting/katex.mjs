// Sets formulas: one JSON array of {tex, display, macros, anchors} a line on standard input, one array of results a line out.
// A result is {html} or {error, position}; position counts UTF-16 units from the beginning of the TeX, -1 if unknown.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const { default: katex } = await import(pathToFileURL(process.argv[2]).href);
await import(new URL("contrib/mhchem.mjs", pathToFileURL(process.argv[2])).href); // \\ce and \\pu

// What MathJax accepts and KaTeX does not know, where one stands for the other exactly or nearly.
const MATHJAX = {
  "\\mbox": "\\text{#1}",
  "\\textsc": "\\text{#1}",
  "\\mathds": "\\mathbb{#1}",
  "\\mathbbm": "\\mathbb{#1}",
  "\\ensuremath": "{#1}",
  "\\require": "\\@firstoftwo{}{#1}",
  "\\class": "\\@secondoftwo{#1}{#2}",
  "\\cssId": "\\@secondoftwo{#1}{#2}",
  "\\style": "\\@secondoftwo{#1}{#2}",
  "\\hfill": "\\quad",
  "\\iiiint": "\\iint\\!\\!\\iint",
  "\\nicefrac": "{}^{#1}\\!/_{#2}",
  "\\sfrac": "{}^{#1}\\!/_{#2}",
  "\\cancelto": "\\cancel{#2}^{#1}",
  "\\arccot": "\\operatorname{arccot}",
  "\\arcsec": "\\operatorname{arcsec}",
  "\\arccsc": "\\operatorname{arccsc}",
  "\\sech": "\\operatorname{sech}",
  "\\csch": "\\operatorname{csch}",
};

// Links in formulas may lead to the web and to what the formula refers to; nothing else in them is trusted.
const trust = (anchors) => (context) =>
  (context.command === "\\href" || context.command === "\\url") &&
  (/^https?$/.test(context.protocol ?? "") || anchors.includes(context.url.replace(/^#/, "")));

const UNTRUSTED = "#c0ffe1"; // KaTeX writes what it does not trust in this colour, and says no more

function set({ tex, display, macros, anchors }) {
  try {
    const options = { displayMode: display, macros: { ...MATHJAX, ...macros }, strict: "ignore", trust: trust(anchors), errorColor: UNTRUSTED, output: "htmlAndMathml" };
    const html = katex.renderToString(tex, options);
    if (html.includes(UNTRUSTED)) return { error: "a command in it may not do what it asks for here (a link may lead to http or https)", position: -1 };
    return { html };
  } catch (error) {
    if (!(error instanceof katex.ParseError)) return { error: String(error?.message ?? error), position: -1 };
    return { error: error.rawMessage ?? error.message, position: error.position ?? -1 };
  }
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  process.stdout.write(JSON.stringify(JSON.parse(line).map(set)) + "\n");
}
