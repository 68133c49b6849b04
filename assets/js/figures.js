// Reads the value under a pointer, or at the arrow keys, from what an SVG figure draws and from the scales of its axes.
(() => {
  const NEAR = 28; // CSS pixels

  // Vertices of a series in the SVG's units: the places of its markers, else the corners of its line.
  const read = (group) => {
    const uses = [...group.querySelectorAll("use")].map((use) => [+use.getAttribute("x"), +use.getAttribute("y")]);
    if (uses.length) return { group, points: uses, line: false };
    return { group, points: corners(group), line: !group.dataset.spread };
  };

  // The corners of a group's paths, which go on from each other: absolute after M, relative after l, h and v.
  const corners = (group) => {
    const points = [];
    for (const path of group.querySelectorAll("path")) {
      let at = [0, 0];
      for (const [, letter, text] of path.getAttribute("d").matchAll(/([Mlhv])([^a-zM]*)/g)) {
        const numbers = text.match(/-?[\d.]+/g).map(Number);
        const size = "hv".includes(letter) ? 1 : 2;
        for (let place = 0; place < numbers.length; place += size) {
          const [dx, dy] = letter === "v" ? [0, numbers[place]] : [numbers[place], size === 1 ? 0 : numbers[place + 1]];
          at = letter === "M" ? [dx, dy] : [at[0] + dx, at[1] + dy];
          points.push(at);
        }
      }
    }
    return points;
  };

  // Bars of one kind are one series, whose points are the middles of their far ends; each says what it shows.
  const readBars = (groups) => {
    const boxes = groups.map((group) => {
      const [x, y] = [0, 1].map((side) => corners(group).map((corner) => corner[side]));
      return [Math.min(...x), Math.min(...y), Math.max(...x), Math.max(...y)];
    });
    const points = boxes.map(([x0, y0, x1]) => [(x0 + x1) / 2, y0]);
    return { group: groups[0], points, boxes, reads: groups.map((group) => group.dataset.reads) };
  };

  const readAll = (svg) => {
    const groups = [...svg.querySelectorAll("[data-series]")];
    const bars = new Map();
    for (const group of groups.filter((group) => group.dataset.bars)) {
      const key = `${group.dataset.axes} ${group.dataset.bars}`;
      bars.set(key, [...(bars.get(key) ?? []), group]);
    }
    const outlines = groups.filter((group) => !group.dataset.bars).map(read);
    return [...outlines, ...[...bars.values()].map(readBars)].filter((series) => series.points.length);
  };

  const inside = ([left, top, width, height], [x, y]) =>
    x >= left - 1 && x <= left + width + 1 && y >= top - 1 && y <= top + height + 1;

  // The point of a series nearest to (x, y): a marker, or a place on the line between two of its corners.
  const nearest = (series, x, y) => {
    let best = null;
    series.points.forEach((point, index) => {
      const found = { index, at: point, distance: Math.hypot(point[0] - x, point[1] - y) };
      if (series.boxes) {
        const [x0, y0, x1, y1] = series.boxes[index];
        found.distance = 6 + Math.hypot(Math.max(x0 - x, 0, x - x1), Math.max(y0 - y, 0, y - y1)); // a line on a bar comes first
      }
      if (series.line && index) {
        const from = series.points[index - 1];
        const [dx, dy] = [point[0] - from[0], point[1] - from[1]];
        const along = Math.min(1, Math.max(0, ((x - from[0]) * dx + (y - from[1]) * dy) / (dx * dx + dy * dy || 1)));
        found.at = [from[0] + along * dx, from[1] + along * dy];
        found.distance = Math.hypot(found.at[0] - x, found.at[1] - y);
      }
      if (!best || found.distance < best.distance) best = found;
    });
    return best;
  };

  const value = (share, first, last, scale) => {
    if (Array.isArray(scale)) return scale[Math.round(first + share * (last - first))] ?? "";
    if (scale === "log") return round(first * (last / first) ** share, first * (last / first) ** share / 500);
    const number = first + share * (last - first);
    if (scale === "date") return new Date(number * 864e5).toISOString().slice(0, Math.abs(last - first) > 3 ? 10 : 16);
    return round(number, Math.abs(last - first) / 2000);
  };

  // As many digits as can be read off the drawing.
  const round = (number, step) => {
    if (Math.abs(number) < step / 2) return "0";
    const digits = Math.max(0, -Math.floor(Math.log10(step)));
    const long = Math.abs(number) >= 1e6 || digits > 7;
    const text = long ? number.toExponential(2) : number.toFixed(digits);
    return text.replace(/(\.\d*?)0+(e|$)/, "$1$2").replace(/\.(e|$)/, "$1").replace(/-/g, "\u2212");
  };

  for (const svg of document.querySelectorAll("svg[data-scales]")) {
    const box = svg.closest(".drawing");
    if (!box || box.closest(".frames")) continue;
    const scales = JSON.parse(svg.dataset.scales);
    let all = null;
    let chosen = null;
    let said = null;
    let ring = null;

    const start = () => {
      if (all) return;
      all = readAll(svg);
      said = document.createElement("div");
      said.className = "reading";
      said.setAttribute("role", "status");
      box.append(said);
      ring = document.createElementNS("http://www.w3.org/2000/svg", "circle");
      ring.setAttribute("r", "4.5");
      ring.setAttribute("style", "fill: var(--paper); stroke: currentColor; stroke-width: 1.5; pointer-events: none");
      svg.append(ring);
      hide();
    };

    const hide = () => {
      if (!said) return;
      said.textContent = "";
      ring.setAttribute("visibility", "hidden");
      chosen = null;
    };

    const show = (series, [x, y], index) => {
      const [left, top, width, height, x0, x1, xScale, y0, y1, yScale] = scales[series.group.dataset.axes];
      const across = value((x - left) / width, x0, x1, xScale);
      const up = value((top + height - y) / height, y0, y1, yScale);
      const name = document.createElement("b");
      name.textContent = series.group.dataset.series;
      const spread = series.group.dataset.spread?.split(";")[index] ?? "";
      const text = series.reads?.[index] ?? `${across}, ${up}${spread && ` (${spread})`}`;
      said.replaceChildren(...(name.textContent ? [name, document.createElement("br")] : []), text);
      ring.setAttribute("visibility", "visible");
      ring.setAttribute("cx", x);
      ring.setAttribute("cy", y);
      const place = new DOMPoint(x, y).matrixTransform(svg.getScreenCTM());
      const frame = box.getBoundingClientRect();
      const half = said.offsetWidth / 2;
      const middle = Math.min(Math.max(place.x - frame.left, half), Math.max(half, frame.width - half));
      said.style.left = `${middle + box.scrollLeft}px`;
      said.style.top = `${place.y - frame.top}px`;
    };

    const point = (event) => {
      start();
      const matrix = svg.getScreenCTM();
      const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse());
      let best = null;
      for (const series of all) {
        if (!inside(scales[series.group.dataset.axes], [x, y])) continue;
        const found = nearest(series, x, y);
        if (found.distance * matrix.a <= NEAR && (!best || found.distance < best.distance)) best = { series, ...found };
      }
      if (!best) return hide();
      chosen = best;
      show(best.series, best.at, best.index);
    };

    svg.addEventListener("pointermove", point);
    svg.addEventListener("pointerdown", point);
    svg.addEventListener("pointerleave", hide);

    // Left and right go along a series, up and down from one to the next.
    box.addEventListener("blur", hide);
    box.addEventListener("keydown", (event) => {
      const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
      if (event.key === "Escape") return hide();
      if (!steps[event.key] || !svg.getClientRects().length) return;
      start();
      if (!all.length) return;
      event.preventDefault();
      const [other, along] = steps[event.key];
      let number = chosen ? all.indexOf(chosen.series) : 0;
      let index = chosen ? chosen.index + along : 0;
      number = (number + (chosen ? other : 0) + all.length) % all.length;
      index = Math.min(Math.max(index, 0), all[number].points.length - 1);
      chosen = { series: all[number], index, at: all[number].points[index] };
      show(chosen.series, chosen.at, chosen.index);
    });
  }
})();
