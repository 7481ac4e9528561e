"use strict";
// Without this script the page shows the same; it only finds and opens. It asks nobody for anything.
(() => {
  const rows = [...document.querySelectorAll("#matrix tbody tr:not(.family)")];
  const find = document.getElementById("find"), changed = document.getElementById("changed"), found = document.getElementById("found");
  document.querySelector(".tools").hidden = false;
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
    for (const family of document.querySelectorAll("#matrix tr.family"))
      family.hidden = ![...family.parentNode.querySelectorAll("tr:not(.family)")].some(r => !r.hidden);
    found.textContent = n + " of " + rows.length + " attacks";
  };
  find.addEventListener("input", show);
  changed.addEventListener("change", show);
  const all = [...document.querySelectorAll("details.attack")];
  document.getElementById("open").addEventListener("click", () => {
    const open = all.some(d => !d.open);
    all.forEach(d => { d.open = open; });
  });
  const reveal = () => {
    const at = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!at) return;
    for (let d = at.closest("details"); d; d = d.parentElement.closest("details")) d.open = true;
    const to = at.tagName === "DETAILS" ? at.querySelector("summary") : at;
    to.focus();
    to.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();
})();
