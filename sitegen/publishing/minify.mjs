// Reads pages from standard input, one line of JSON each, and writes each smaller: {"html"} or {"error"}, one line each.
// Run as: node minify.mjs html-minifier-next/src/htmlminifier.js
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const { minify } = await import(pathToFileURL(process.argv[2]));

const AS_IT_IS = new Set(["code", "kbd", "math", "samp", "script", "style", "svg", "textarea"]);
// What is left away says nothing to a browser: it reads the same document out of what stays.
const options = {
  caseSensitive: true, // viewBox, and what else SVG is particular about
  collapseBooleanAttributes: true,
  collapseWhitespace: true,
  conservativeCollapse: true, // to one space, never to none: a style sheet may set any element inline
  ignoreCustomFragments: [/<pre\b[^]*?<\/pre>/], // whose last newline it would take away
  keepClosingSlash: true,
  removeAttributeQuotes: true,
  removeComments: true,
  canCollapseWhitespace: (tag, attributes, usual) => !AS_IT_IS.has(tag) && usual(tag, attributes),
  canTrimWhitespace: (tag, attributes, usual) => !AS_IT_IS.has(tag) && usual(tag, attributes),
};

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = { html: await minify(JSON.parse(line), options) };
  } catch (error) {
    answer = { error: error.message.split("\n")[0].replace(/:$/, "") };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
