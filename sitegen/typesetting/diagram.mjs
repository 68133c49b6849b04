// Draws Mermaid's diagrams without a browser: {diagram} -> {svg, title, kind, styled}, {kind, live} or {error, line}.
//
// Mermaid's own parser reads every kind, so that a mistake has its line; beautiful-mermaid draws six of them. What it
// would leave out or draw otherwise is found by comparing its drawing with what the parser read: then, and for the other
// kinds, the answer is {live}, a reason why the reader's browser has to draw. line counts from 1 in the diagram, 0: unknown.
import DOMPurify from "dompurify";

for (const name of ["log", "info", "debug"]) console[name] = console.error; // standard output is for answers
DOMPurify.addHook = () => {}; // without a DOM it has no methods; nothing here is shown as HTML without being escaped
DOMPurify.sanitize = (text) => text;
const { default: mermaid } = await import("mermaid");
const { renderMermaidSVG } = await import("beautiful-mermaid");
await mermaid.parse("info"); // registers the kinds
mermaid.initialize({ logLevel: "fatal", suppressErrorRendering: true });

const SHAPES = {
  square: ['["', '"]'],
  round: ['("', '")'],
  rounded: ['("', '")'],
  rect: ['["', '"]'],
  stadium: ['(["', '"])'],
  circle: ['(("', '"))'],
  doublecircle: ['((("', '")))'],
  diamond: ['{"', '"}'],
  diam: ['{"', '"}'],
  hexagon: ['{{"', '"}}'],
  hex: ['{{"', '"}}'],
  cylinder: ['[("', '")]'],
  cyl: ['[("', '")]'],
  subroutine: ['[["', '"]]'],
  odd: ['>"', '"]'],
  trapezoid: ['[/"', '"\\]'],
  inv_trapezoid: ['[\\"', '"/]'],
};
const LINES = { normal: ["-->", "---"], dotted: ["-.->", "-.-"], thick: ["==>", "==="] }; // with an arrow, without
const SPECIAL = '"[](){}|<>`\\/:;#&%@-=~';
const HIDDEN = 0xe000; // signs that the drawer's parser would take for syntax travel as private ones

const hide = (text) => [...text].map((sign) => (SPECIAL.includes(sign) ? String.fromCodePoint(HIDDEN + SPECIAL.indexOf(sign)) : sign)).join("");
const escape = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
const BLANK = "\ue0ff";
const show = (svg) => svg.replaceAll(BLANK, " ").replace(/[\ue000-\ue0ff]/g, (sign) => escape(SPECIAL[sign.codePointAt(0) - HIDDEN] ?? sign));

const ENTITIES = { quot: '"', amp: "&", lt: "<", gt: ">", nbsp: "\u00a0", apos: "'" };
const entity = (whole, name) => (/^\d+$/.test(name) ? String.fromCodePoint(Number(name)) : ENTITIES[name] ?? whole);

// A label as text; lines are parted by \n. Formulas are shown as their TeX, Font Awesome's icons not at all.
function plain(label) {
  return String(label ?? "")
    .replace(/ﬂ°°(\d+)¶ß/g, (whole, code) => String.fromCodePoint(Number(code)))
    .replace(/ﬂ°([a-z]+)¶ß/g, (whole, name) => ENTITIES[name] ?? whole)
    .replace(/<br\s*\/?>|\\n/gi, "\n")
    .replace(/<\/?[a-z][^>]*>/gi, "")
    .replace(/[&#](?:#?)(\w+);/g, entity)
    .replace(/\$\$(.+?)\$\$/gs, "$1")
    .replace(/\bfa[bsrl]?:fa-[\w-]+\s*/g, "")
    .replace(/(\*\*|__)(.+?)\1/g, "$2")
    .replace(/^`|`$/g, "")
    .trim();
}

const squeezed = (text) => text.replace(/\s+/g, "");
const unescaped = (text) => text.replace(/&(lt|gt|quot|amp|apos|#39);/g, (whole, name) => (name === "#39" ? "'" : ENTITIES[name]));
const texts = (svg) => [...svg.matchAll(/<text\b[^>]*>([\s\S]*?)<\/text>/g)].map((found) => squeezed(unescaped(found[1].replace(/<[^>]*>/g, ""))));
const count = (svg, pattern) => (svg.match(pattern) ?? []).length;

// What of `labels` no text of the drawing shows: each text counts once.
function unshown(svg, labels) {
  const shown = texts(svg);
  const wanted = labels.map((label) => squeezed(plain(label))).sort((one, other) => other.length - one.length);
  return wanted.filter((label) => {
    if (!label) return false;
    const place = shown.findIndex((text) => text.includes(label));
    if (place >= 0) shown[place] = shown[place].replace(label, "\0");
    return place < 0;
  });
}

// Mermaid's numbers of what a sequence holds.
const ARROWS = { 0: "->>", 1: "-->>", 5: "->", 6: "-->", 24: "-)", 25: "--)" };
const BLOCKS = { 10: "loop", 12: "alt", 13: "else", 15: "opt", 19: "par", 20: "and", 27: "critical", 28: "else", 30: "break" };
const ENDS = { ONLY_ONE: ["||", "||"], ZERO_OR_ONE: ["|o", "o|"], ZERO_OR_MORE: ["}o", "o{"], ONE_OR_MORE: ["}|", "|{"] };
const NOTHING = "\u200b"; // a label without width

// Each kind: what to give to the drawer (or why not to), and what its drawing must show.
const KINDS = {
  "flowchart-v2": {
    name: "flowchart",
    ready: (db) => {
      const groups = new Map(db.getSubGraphs().map((group, number) => [group.id, `g${number}`]));
      const vertices = [...db.getVertices().values()].filter((vertex) => !groups.has(vertex.id));
      const ids = new Map([...groups, ...vertices.map((vertex, number) => [vertex.id, `n${number}`])]);
      const edges = db.getEdges().filter((edge) => edge.stroke !== "invisible");
      for (const vertex of vertices) {
        if (vertex.type && !(vertex.type in SHAPES)) return { live: `the shape \`${vertex.type}\`` };
        if (vertex.icon || vertex.img) return { live: "an icon or image" };
        if (vertex.haveCallback) return { live: "a script that a click runs" };
      }
      if (edges.some((edge) => !/^(double_)?arrow_(point|open)$/.test(edge.type))) return { live: "arrows that end in a cross or a circle" };
      const parents = new Map();
      for (const group of db.getSubGraphs()) for (const node of group.nodes) if (!parents.has(node)) parents.set(node, group.id);
      const label = (text) => hide(plain(text)).replace(/\n/g, "<br/>");
      const node = (vertex) => {
        const [open, close] = SHAPES[vertex.type ?? "square"];
        return `${ids.get(vertex.id)}${open}${label(vertex.text) || NOTHING}${close}`;
      };
      const block = (parent) => [
        ...vertices.filter((vertex) => parents.get(vertex.id) === parent).map(node),
        ...db.getSubGraphs().filter((group) => parents.get(group.id) === parent && group.id !== parent).flatMap((group) => [
          `subgraph ${ids.get(group.id)} [${label(group.title) || NOTHING}]`,
          ...(group.dir ? [`direction ${group.dir}`] : []),
          ...block(group.id),
          "end",
        ]),
      ];
      const lines = [`flowchart ${db.getDirection() || "TB"}`, ...block(undefined)];
      edges.forEach((edge, number) => {
        const both = edge.type.startsWith("double") ? "<" : "";
        const tip = LINES[edge.stroke]?.[edge.type.endsWith("point") ? 0 : 1] ?? "-->";
        const text = label(edge.text);
        lines.push(`${ids.get(edge.start)} ${both}${tip}${text ? `|${text}|` : ""} ${ids.get(edge.end)}`);
        if (edge.style?.length) lines.push(`linkStyle ${number} ${edge.style.join(",")}`);
      });
      const styles = (item) => [...(item.classes ?? []).flatMap((name) => db.getClasses().get(name)?.styles ?? []), ...(item.styles ?? [])];
      for (const vertex of vertices) if (styles(vertex).length) lines.push(`style ${ids.get(vertex.id)} ${styles(vertex).join(",")}`);
      return {
        source: lines.join("\n"),
        labels: [...vertices.map((vertex) => vertex.text), ...edges.map((edge) => edge.text), ...db.getSubGraphs().map((group) => group.title)],
        counts: [[/class="edge"/g, edges.length], [/<g class="node"/g, vertices.length], [/<g class="subgraph"/g, groups.size], [/marker-start=/g, edges.filter((edge) => edge.type.startsWith("double")).length]],
        links: vertices.filter((vertex) => /^https?:/.test(vertex.link ?? "")).map((vertex) => [ids.get(vertex.id), vertex.link]),
        styled: vertices.some((vertex) => styles(vertex).length) || edges.some((edge) => edge.style?.length),
        about: vertices.map((vertex) => vertex.text),
      };
    },
  },
  sequence: {
    name: "sequence diagram",
    ready: (db) => {
      const messages = db.getMessages();
      const of = (...types) => messages.filter((message) => types.includes(message.type));
      if (of(3, 4, 33, 34).length || messages.some((message) => message.type > 34 || message.centralConnection)) return { live: "arrows of another kind" };
      if (of(22, 32).length) return { live: "coloured or overlapping boxes" };
      if (db.getBoxes().length || db.getCreatedActors().size || db.getDestroyedActors().size) return { live: "boxes, or participants that come and go" };
      const actors = [...db.getActors().values()];
      if (actors.some((actor) => !["participant", "actor"].includes(actor.type) || Object.keys(actor.links ?? {}).length)) return { live: "participants of another kind" };
      const ids = new Map(actors.map((actor, number) => [actor.name, `a${number}`]));
      const label = (text) => hide(plain(text)).replace(/\n/g, "<br/>");
      let number = null;
      let step = 1;
      const labels = actors.map((actor) => actor.description);
      const lines = ["sequenceDiagram", ...actors.map((actor) => `${actor.type} ${ids.get(actor.name)} as ${label(actor.description) || NOTHING}`)];
      for (const { type, from, to, message, placement } of messages) {
        const [start, end] = [ids.get(from), ids.get(to)];
        if (type === 26) [number, step] = message.visible ? [message.start ?? 1, message.step ?? 1] : [null, 1];
        else if (type === 17 || type === 18) {
          const said = lines.at(-1).match(/^(a\d+)(-+>>?|-+\))([+-]?)(a\d+)(: .*)$/s);
          if (!said || said[3] || start !== (type === 17 ? said[4] : said[1])) return { live: "activations that no message begins or ends" };
          lines[lines.length - 1] = `${said[1]}${said[2]}${type === 17 ? "+" : "-"}${said[4]}${said[5]}`;
        }
        else if (type === 2) lines.push(`Note ${placement === 2 ? `over ${start === end ? start : `${start},${end}`}` : `${placement ? "right" : "left"} of ${start}`}: ${label(message) || NOTHING}`);
        else if (type in ARROWS) {
          const text = number === null ? message : `${number}. ${message ?? ""}`;
          if (number !== null) number += step;
          lines.push(`${start}${ARROWS[type]}${end}: ${label(text) || NOTHING}`);
          labels.push(text);
          continue;
        } else lines.push(`${BLOCKS[type] ?? "end"} ${label(message)}`.trim());
        if (typeof message === "string") labels.push(message);
      }
      return {
        source: lines.join("\n"),
        labels,
        counts: [[/<g class="message"/g, of(...Object.keys(ARROWS).map(Number)).length], [/<g class="actor"/g, actors.length], [/<g class="note"/g, of(2).length], [/<g class="block"/g, of(10, 12, 15, 19, 27, 30).length], [/<rect class="activation"/g, of(17).length]],
        about: actors.map((actor) => actor.description),
      };
    },
  },
  classDiagram: {
    name: "class diagram",
    ready: (db, source) => {
      const classes = [...db.getClasses().values()];
      const notes = db.getNotes();
      if ((notes.size ?? notes.length) || db.getNamespaces().size) return { live: "notes or namespaces" };
      if (classes.some((one) => one.styles.length || one.link || one.haveCallback || one.label !== one.id)) return { live: "styles, links or names of another kind" };
      const relations = db.getRelations();
      const member = (one) => String(one.text).replace(/\\/g, "").replace(/[\s:+#~$*-]|&[lg]t;/g, "");
      return {
        source: source.replace(/~([^~\n]+)~/g, "\u2039$1\u203a"),
        labels: [...classes.map((one) => one.label), ...relations.map((relation) => relation.title ?? "")],
        counts: [[/class="class-relationship"/g, relations.length], [/<g class="class-node"/g, classes.length], [/class="mono"/g, classes.reduce((sum, one) => sum + one.members.length + one.methods.length, 0)]],
        loose: classes.flatMap((one) => [...one.members, ...one.methods].map((found) => [...member(found)].sort().join(""))),
        about: classes.map((one) => one.label),
      };
    },
  },
  stateDiagram: {
    name: "state diagram",
    ready: (db, source) => {
      const { nodes, edges } = db.getData();
      const other = nodes.find((node) => !["rect", "rectWithTitle", "roundedWithTitle", "stateStart", "stateEnd"].includes(node.shape));
      if (other) return { live: `\`${other.shape}\`` };
      if (nodes.some((node) => node.cssStyles?.length || (node.description?.length ?? 0) > 1)) return { live: "styles or long descriptions" };
      const states = nodes.filter((node) => !/^state(Start|End)$/.test(node.shape));
      return {
        source,
        labels: [...states.map((node) => node.label), ...edges.map((edge) => edge.label ?? "")],
        counts: [[/class="edge"/g, edges.length], [/<g class="node"/g, nodes.filter((node) => !node.isGroup).length], [/<g class="subgraph"/g, nodes.filter((node) => node.isGroup).length]],
        about: states.map((node) => node.label),
      };
    },
  },
  er: {
    name: "entity-relationship diagram",
    ready: (db) => {
      const entities = [...db.getEntities().values()];
      const relations = db.getRelationships();
      if (entities.some((one) => one.cssStyles?.length)) return { live: "styles" };
      if (relations.some(({ relSpec }) => !(relSpec.cardA in ENDS && relSpec.cardB in ENDS))) return { live: "relationships of another kind" };
      const word = (text) => hide(plain(text).replace(/\n/g, " ")).replace(/ /g, BLANK);
      const name = new Map(entities.map((one) => [one.id, word(one.alias || one.label)]));
      const said = (one) => (one.comment ? `${one.name} (${one.comment})` : one.name);
      const lines = ["erDiagram"];
      for (const one of entities)
        lines.push(`${name.get(one.id)} {`, ...one.attributes.map((found) => `${word(found.type)} ${word(said(found))} ${found.keys.join(" ")}`), "}");
      for (const { entityA, entityB, roleA, relSpec } of relations)
        lines.push(`${name.get(entityA)} ${ENDS[relSpec.cardB][0]}${relSpec.relType === "IDENTIFYING" ? "--" : ".."}${ENDS[relSpec.cardA][1]} ${name.get(entityB)} : ${word(roleA) || NOTHING}`);
      const attributes = entities.flatMap((one) => one.attributes);
      return {
        source: lines.join("\n"),
        labels: [...entities.map((one) => one.alias || one.label), ...relations.map((relation) => relation.roleA), ...attributes.flatMap((one) => [said(one), one.type, ...one.keys])],
        counts: [[/class="er-relationship"/g, relations.length], [/<g class="entity"/g, entities.length]],
        about: entities.map((one) => one.alias || one.label),
      };
    },
  },
  xychart: {
    name: "chart",
    ready: (db, source) => {
      const { xAxis, yAxis, plots } = db.getXYChartData();
      const bars = plots.filter((plot) => plot.type === "bar").reduce((sum, plot) => sum + plot.data.length, 0);
      return {
        source,
        labels: [db.getDiagramTitle?.(), xAxis.title, yAxis.title, ...(xAxis.categories ?? [])],
        counts: [[/<path[^>]*class="xychart-bar/g, bars], [/class="xychart-line /g, plots.filter((plot) => plot.type === "line").length]],
        about: [xAxis.title, yAxis.title].filter(Boolean),
      };
    },
  },
};
KINDS.flowchart = KINDS["flowchart-v2"];
KINDS.class = KINDS.classDiagram;
KINDS.state = KINDS["stateDiagram-v2"] = KINDS.stateDiagram;

// The diagram without what is not drawn: header, comments, directives, what is said to screen readers.
const drawable = (source) =>
  source
    .replace(/^\s*---\n[\s\S]*?\n---\n/, "")
    .replace(/%%\{[\s\S]*?\}%%/g, "")
    .replace(/^\s*%%.*$/gm, "")
    .replace(/^\s*accDescr\s*\{[^}]*\}/gm, "")
    .replace(/^\s*acc(Title|Descr)\s*:.*$/gm, "")
    .replace(/^\s*\n/gm, "");

// The line of the diagram for a line that the parser counts: it leaves out the header, comments and what stands before.
function original(source, line) {
  if (!line) return 0;
  const header = /^\s*---\n[\s\S]*?\n---\n/.exec(source)?.[0] ?? "";
  const first = header.split("\n").length - 1;
  const kept = source.split("\n").map((text, number) => [text, number + 1]).slice(first).filter(([text]) => !/^\s*%%(?!\{)/.test(text));
  while (kept.length && !kept[0][0].trim()) kept.shift();
  return kept[Math.min(line, kept.length) - 1]?.[1] ?? 0;
}

function problem(source, error) {
  const message = String(error?.message ?? error);
  const line = error?.hash?.loc?.first_line ?? Number(/[Pp]arse error on line (\d+)|line[: ]+(\d+)/.exec(message)?.slice(1).find(Boolean) ?? 0);
  if (error?.name === "UnknownDiagramError" || /No diagram type detected/.test(message)) return { error: "no kind of diagram that Mermaid knows begins like this", line: original(source, 1) };
  const odd = /unexpected character: ->(\S+?)<-/.exec(message);
  if (odd) return { error: `Mermaid does not understand this from \`${odd[1]}\` on`, line: original(source, line) };
  if (error?.hash) return { error: error.hash.text?.trim() ? `Mermaid does not understand this from \`${error.hash.text.trim()}\` on` : "Mermaid does not understand where this line ends", line: original(source, line) };
  return { error: message.replace(/^Parsing failed:\s*/, "").replace(/Parse error on line \d+, column \d+:\s*/, "").replace(/\s+/g, " ").trim().replace(/\.$/, ""), line: original(source, line) };
}

// A picture without the blank that the drawer leaves around some kinds, scaled down a little where the page is narrow.
const MARGINS = { "class diagram": 28, "entity-relationship diagram": 28, "sequence diagram": 12 };
function framed(svg, kind) {
  const blank = MARGINS[kind] ?? 0;
  return svg.replace(/viewBox="0 0 ([\d.]+) ([\d.]+)" width="[^"]*" height="[^"]*"/, (whole, width, height) => {
    const [w, h] = [Number(width) - 2 * blank, Number(height) - 2 * blank].map((size) => Math.ceil(size));
    return `viewBox="${blank} ${blank} ${w} ${h}" width="${w}" height="${h}" style="--width:${w}px"`;
  });
}

// Every id gets a mark that becomes the page's own, colours come from the page, and nothing is loaded.
const tidied = (svg, kind) =>
  framed(show(svg).replace(/(<svg\b[^>]*?) style="[^"]*"/, "$1"), kind)
    .replace(/<style>[\s\S]*?<\/style>\s*/g, "")
    .replace(/(<g class="actor"[^>]*data-type="actor")/g, '$1 transform="translate(0 -14)"') // its name clear of the first line
    .replace(/\bid="([^"]+)"/g, 'id="DIAGRAM-$1"')
    .replace(/url\(#([^)]+)\)/g, "url(#DIAGRAM-$1)")
    .replace(/<text\b[^>]*>\(no attributes\)<\/text>\s*/g, "")
    .replace(/<rect\b[^>]*\/>\s*<text\b[^>]*>\u200b<\/text>\s*/g, "") // the box of a label that says nothing
    .replace(/<circle\b[^>]*class="xychart-grid"\/>\s*/g, "")
    .replace(/(id="DIAGRAM-arrowhead-start[^>]*orient=)"auto-start-reverse"/g, '$1"auto"') // else turned twice
    .replace(/(id="DIAGRAM-cls-(?:composition|aggregation)"[^>]*refX=)"0"/g, '$1"12"') // else hidden behind its class
    .replace(/ (?:data-[\w-]+)="[^"]*"/g, "")
    .replace(/-?\d+\.\d{3,}/g, (number) => String(Number(Number(number).toFixed(2))))
    .replace(/\n\s*/g, "");

const linked = (svg, links) =>
  links.reduce((found, [id, link]) => found.replace(new RegExp(`<g class="node" data-id="${id}"[\\s\\S]*?</g>`), (node) => `<a href="${escape(link)}">${node}</a>`), svg);

export async function draw(source) {
  let diagram;
  globalThis.window = { CSS: { supports: () => true } }; // which boxes of sequences ask whether a word is a colour
  try {
    diagram = await mermaid.mermaidAPI.getDiagramFromText(source);
  } catch (error) {
    return problem(source, error);
  } finally {
    delete globalThis.window; // else the drawer takes this for a browser
  }
  const kind = KINDS[diagram.type];
  if (!kind) return { kind: diagram.type, live: "" };
  const title = diagram.db.getAccTitle?.() || diagram.db.getDiagramTitle?.() || "";
  const wanted = kind.ready(diagram.db, drawable(source));
  if (wanted.live !== undefined) return { kind: kind.name, live: wanted.live };
  let svg;
  try {
    svg = renderMermaidSVG(wanted.source, { transparent: true, padding: 12, font: "sans-serif" });
  } catch (error) {
    return { kind: kind.name, live: `what the drawer says of it: ${error.message}` };
  }
  const whole = show(svg).replace(/<style>[\s\S]*?<\/style>\s*/g, "");
  const missing = unshown(whole, wanted.labels);
  if (missing.length) return { kind: kind.name, live: `\`${missing[0]}\`, which would be left out` };
  const off = wanted.counts.find(([pattern, number]) => count(whole, pattern) !== number);
  if (off) return { kind: kind.name, live: "parts that would be left out" };
  if (/ (?:viewBox|points|x|y)="[^"]*(?:NaN|Infinity)/.test(whole)) return { kind: kind.name, live: "parts without a place" };
  const letters = texts(whole).map((text) => [...text.replace(/[\s:+#~$*\u2039\u203a<>-]/g, "")].sort().join(""));
  if (wanted.loose?.some((member) => !letters.includes(member))) return { kind: kind.name, live: "members of another kind" };
  const names = wanted.about.map(plain).filter(Boolean).map((name) => name.replace(/\s+/g, " "));
  const about = names.length ? `: ${names.slice(0, 8).join(", ")}${names.length > 8 ? ", …" : ""}` : "";
  return { kind: kind.name, title: title || `${kind.name[0].toUpperCase()}${kind.name.slice(1)}${about}`, svg: tidied(linked(svg, wanted.links ?? []), kind.name), styled: Boolean(wanted.styled) };
}
