"use strict";
// Without this script the page shows the same; it only finds, sorts, moves and opens. It asks nobody for anything.
(() => {
  const table = document.querySelector("#matrix table"), rows = [...table.querySelectorAll("tbody tr:not(.family)")];
  const find = document.getElementById("find"), changed = document.getElementById("changed"), found = document.getElementById("found");
  document.querySelector(".tools").hidden = false;

  // The matrix is a grid: one place in it takes part in the tab order, and arrows move on from there.
  const place = cell => cell.querySelector("a, button") || cell;
  const lines = () => [...table.rows].filter(r => !r.hidden && !r.classList.contains("family"));
  let at = null;
  const settle = cell => {
    if (at) at.tabIndex = -1;
    at = place(cell);
    at.tabIndex = 0;
  };
  const move = (row, column, all = lines()) => {
    const to = all[Math.max(0, Math.min(row, all.length - 1))].cells;
    settle(to[Math.max(0, Math.min(column, to.length - 1))]);
    at.focus();
  };
  const keep = () => { if (!at || at.closest("tr").hidden) settle((lines()[1] || lines()[0]).cells[0]); };

  const show = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    let n = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      const cells = new Set([...row.querySelectorAll("td")].map(c => c.className));
      const yes = words.every(w => text.includes(w)) && (!changed.checked || cells.size > 1);
      row.hidden = !yes;
      n += yes ? 1 : 0;
    }
    for (const family of table.querySelectorAll("tr.family"))
      family.hidden = ![...family.parentNode.querySelectorAll("tr:not(.family)")].some(r => !r.hidden);
    found.textContent = n + " of " + rows.length + " attacks";
    keep();
  };
  find.addEventListener("input", show);
  changed.addEventListener("change", show);

  // A heading that sorts: what gets in, or the largest number, first; once more, and rows stand as they stood.
  const weights = { breached: 3, void: 2, held: 1, none: 0 };
  const weight = cell => weights[cell.className] ?? parseFloat(cell.textContent);
  for (const th of document.querySelectorAll("th[data-sort]")) {
    const button = document.createElement("button"), grid = th.closest("table");
    button.type = "button";
    button.append(...th.childNodes);
    th.append(button);
    th.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => {
      const sorted = th.getAttribute("aria-sort") === "none";
      for (const other of grid.querySelectorAll("th[data-sort]")) other.setAttribute("aria-sort", "none");
      if (sorted) th.setAttribute("aria-sort", "descending");
      for (const body of grid.tBodies) {
        const all = [...body.rows].filter(r => !r.classList.contains("family"));
        all.forEach((r, i) => { r.dataset.first ??= i; });
        all.sort((a, b) => (sorted && weight(b.cells[th.cellIndex]) - weight(a.cells[th.cellIndex])) || a.dataset.first - b.dataset.first);
        body.append(...all);
      }
    });
  }

  // A cell leads to the run that it is about.
  const open = cell => {
    const attack = document.getElementById(cell.parentNode.cells[0].querySelector("a").hash.slice(1));
    const under = table.tHead.rows[0].cells[cell.cellIndex].dataset.sort;
    const run = [...attack.querySelectorAll(".telling")].find(t => t.dataset.under.split("\n").includes(under));
    attack.open = true;
    (run || attack.querySelector("summary")).focus();
    (run || attack).scrollIntoView();
  };
  table.setAttribute("role", "grid");
  table.parentNode.removeAttribute("tabindex"); // the grid scrolls it
  for (const row of lines()) for (const cell of row.cells) place(cell).tabIndex = -1;
  keep();
  table.addEventListener("focusin", e => { if (e.target.closest("th, td")) settle(e.target.closest("th, td")); });
  table.addEventListener("click", e => { if (e.target.closest("td")) open(e.target.closest("td")); });
  table.addEventListener("keydown", e => {
    const cell = e.target.closest("th, td");
    if (!cell || e.altKey || e.metaKey) return;
    if (e.key === "Enter" && cell.tagName === "TD") return open(cell);
    const all = lines(), row = all.indexOf(cell.parentNode), column = cell.cellIndex;
    const to = {
      ArrowRight: [row, column + 1], ArrowLeft: [row, column - 1], ArrowDown: [row + 1, column], ArrowUp: [row - 1, column],
      PageDown: [row + 10, column], PageUp: [row - 10, column],
      Home: [e.ctrlKey ? 0 : row, 0], End: [e.ctrlKey ? all.length : row, cell.parentNode.cells.length],
    }[e.key];
    if (!to) return;
    e.preventDefault();
    move(...to, all);
  });

  const details = [...document.querySelectorAll("details.attack")];
  document.getElementById("open").addEventListener("click", e => {
    const opens = details.some(d => !d.open);
    details.forEach(d => { d.open = opens; });
    e.target.textContent = opens ? "Close all attacks" : "Open all attacks";
  });
  const reveal = () => {
    const to = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!to) return;
    for (let d = to.closest("details"); d; d = d.parentElement.closest("details")) d.open = true;
    if (to.tagName === "TR") return to.hidden = false, settle(to.cells[0]), at.focus();
    (to.tagName === "DETAILS" ? to.querySelector("summary") : to).focus();
    to.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();
})();
