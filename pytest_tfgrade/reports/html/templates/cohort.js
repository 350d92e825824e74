"use strict";
(() => {
  const [head, ...rows] = JSON.parse(document.getElementById("data").textContent);
  const { columns, codes, size } = head;
  const box = document.getElementById("all");
  const form = document.getElementById("filters");
  const body = box.querySelector("tbody");
  const state = document.getElementById("shown");
  const steps = [...document.getElementById("steps").querySelectorAll("button")];
  const collator = new Intl.Collator("en", { numeric: true });
  const taskColumns = columns.flatMap((column, at) => (column.kind === "task" ? [at] : []));
  const texts = columns.flatMap((column, at) => (/link|text/.test(column.kind) ? [at] : []));
  const column = (key) => columns.findIndex((one) => one.key === key);
  const said = rows.map(() => "");
  let kept = rows.map((_, at) => at);
  let sorted = { at: -1, down: false };
  let first = 0;

  const value = (cell) => (Array.isArray(cell) ? cell[0] : typeof cell === "number" ? cell : null);
  const text = (cell) => (Array.isArray(cell) ? cell[1] : String(cell));
  const code = (cell) => (Array.isArray(cell) ? cell[2] : "");

  const compared = (one, other) => {
    const [a, b] = [value(one), value(other)];
    if (a !== null && b !== null) return a - b;
    if (a !== null || b !== null) return a !== null ? -1 : 1;
    return collator.compare(text(one), text(other));
  };

  const results = {
    full: (cell, most) => value(cell) !== null && !code(cell) && value(cell) >= most,
    lost: (cell, most) => value(cell) !== null && !code(cell) && value(cell) < most,
    ungradable: (cell) => value(cell) !== null && code(cell) !== "",
    open: (cell) => text(cell) === "open",
  };

  const has = (row, at, result) => {
    if (result in results) return results[result](row[at], columns[at].most);
    return code(row[at]) === codes[Number(result)];
  };

  const searched = (at) => {
    said[at] ||= texts.map((place) => text(rows[at][place])).join(" ").toLowerCase();
    return said[at];
  };

  const wanted = () => {
    const asked = Object.fromEntries(new FormData(form));
    const words = asked.search.toLowerCase().split(/\s+/).filter(Boolean);
    const among = asked.task ? [taskColumns[Number(asked.task)]] : taskColumns;
    const [passed, section, notes] = ["passed", "section", "notes"].map(column);
    return (row, at) =>
      words.every((word) => searched(at).includes(word)) &&
      (!asked.result || among.some((place) => has(row, place, asked.result))) &&
      (!asked.passed || row[passed] === asked.passed) &&
      (!asked.section || row[section] === asked.section) &&
      (!asked.note || row[notes].split(", ").includes(asked.note));
  };

  const link = (row) => {
    const made = document.createElement("a");
    made.href = `submissions/${row[columns.length] || row[0]}.html`;
    made.textContent = row[0];
    return made;
  };

  const line = (row) => {
    const made = document.createElement("tr");
    columns.forEach(({ kind }, at) => {
      const cell = document.createElement(at ? "td" : "th");
      if (at) cell.textContent = text(row[at]);
      else cell.append(link(row));
      if (!at) cell.scope = "row";
      if (kind === "number" || kind === "task") cell.className = "number";
      else if (text(row[at]).length > 20) cell.className = "wrap";
      made.append(cell);
    });
    return made;
  };

  const show = () => {
    const last = Math.min(first + size, kept.length);
    body.replaceChildren(...kept.slice(first, last).map((at) => line(rows[at])));
    const which = kept.length ? `${first + 1} to ${last} of ${kept.length}` : "none";
    const all = kept.length < rows.length ? ` (${rows.length} in all)` : "";
    state.textContent = `Submissions shown: ${which}${all}`;
    const ends = { first: !first, back: !first, next: last >= kept.length, last: last >= kept.length };
    steps.forEach((button) => button.setAttribute("aria-disabled", ends[button.value]));
  };

  const update = () => {
    const fits = wanted();
    kept = rows.flatMap((row, at) => (fits(row, at) ? [at] : []));
    const { at, down } = sorted;
    const sign = down ? -1 : 1;
    if (at >= 0) kept.sort((a, b) => sign * compared(rows[a][at], rows[b][at]) || a - b);
    first = 0;
    show();
  };

  const sort = (at) => {
    sorted = { at, down: sorted.at === at && !sorted.down };
    box.querySelectorAll("thead th").forEach((cell, place) => {
      if (place === at) cell.setAttribute("aria-sort", sorted.down ? "descending" : "ascending");
      else cell.removeAttribute("aria-sort");
    });
    update();
  };

  const step = ({ currentTarget: button }) => {
    if (button.getAttribute("aria-disabled") === "true") return;
    const end = Math.floor((kept.length - 1) / size) * size;
    first = { first: 0, back: first - size, next: first + size, last: end }[button.value];
    show();
  };

  const follow = () => {
    const [place, query] = location.hash.split("?");
    if (place !== "#submissions" || query === undefined) return;
    const asked = new URLSearchParams(query);
    for (const field of form.elements) if (field.name) field.value = asked.get(field.name) ?? "";
    update();
    document.getElementById("submissions").scrollIntoView();
    document.getElementById("submissions").focus();
  };

  box.querySelectorAll("thead button").forEach((button, at) => button.addEventListener("click", () => sort(at)));
  steps.forEach((button) => button.addEventListener("click", step));
  form.addEventListener("input", update);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(update));
  addEventListener("hashchange", follow);
  document.getElementById("table").hidden = false;
  update();
  follow();
})();
