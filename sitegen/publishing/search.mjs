// Reads pages from standard input and writes the files of their search index: [[path, base64], ...].
// Run as: node search.mjs pagefind/lib/index.js
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";

const pagefind = await import(pathToFileURL(process.argv[2]));

const asked = ({ errors, ...answer }) => {
  if (errors.length) throw new Error(errors.join("; "));
  return answer;
};

const { index } = asked(await pagefind.createIndex({ excludeSelectors: [".footnote-backref", "svg"] }));
const pages = JSON.parse(await text(process.stdin));
for (const answer of await Promise.all(pages.map((page) => index.addHTMLFile(page)))) asked(answer);
const { files } = asked(await index.getFiles());
// Pagefind's own search boxes are not ours.
const kept = files.filter(({ path }) => !/-ui\.|-highlight\./.test(path));
const bytes = ({ path, content }) => {
  if (path !== "pagefind-entry.json") return Buffer.from(content);
  const entry = JSON.parse(Buffer.from(content).toString()); // its languages stand in another order every time
  return Buffer.from(JSON.stringify({ ...entry, languages: Object.fromEntries(Object.entries(entry.languages).sort()) }));
};
process.stdout.write(JSON.stringify(kept.map((file) => [file.path, bytes(file).toString("base64")]).sort()));
await pagefind.close();
