(function () {
  "use strict";
  var root = document.documentElement, form = document.getElementById("controls");
  var filter = document.getElementById("filter"), order = document.getElementById("order");
  var boxes = form.querySelectorAll("[name=verdict]"), tables = document.querySelectorAll("table.sorts");
  form.hidden = false;

  function remembered(value) { // a browser may forbid it for files
    try {
      if (value) localStorage.setItem("countersign-theme", value);
      return localStorage.getItem("countersign-theme");
    } catch (error) {
      return value;
    }
  }
  if (remembered()) root.dataset.theme = remembered();
  var theme = document.getElementById("theme");
  theme.hidden = false;
  theme.addEventListener("click", function () {
    var dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    remembered(root.dataset.theme);
  });

  var groups = Array.prototype.map.call(tables, function (table) {
    return Array.prototype.map.call(table.tBodies[0].rows, function (row) {
      return { row: row, text: null, verdicts: row.dataset.v.trim().split(" "), speedup: parseFloat(row.dataset.s) };
    });
  });
  function nameOnce() { // a case's name stands in the first of its rows that follow one another
    document.querySelectorAll("table.glance").forEach(function (table) {
      var last = null;
      Array.prototype.forEach.call(table.tBodies[0].rows, function (row) {
        if (row.hidden) return;
        var name = row.cells[0].textContent;
        row.cells[0].classList.toggle("again", name === last);
        last = name;
      });
    });
  }
  function show() {
    var words = filter.value.toLowerCase().split(/\s+/).filter(Boolean), wanted = {}, all = true, shown = 0, total = 0;
    boxes.forEach(function (box) { wanted[box.value] = box.checked; all = all && box.checked; });
    groups.forEach(function (group, index) {
      group.forEach(function (entry) {
        if (entry.text === null) entry.text = entry.row.textContent.toLowerCase();
        var visible = words.every(function (word) { return entry.text.includes(word); }) &&
          entry.verdicts.some(function (verdict) { return wanted[verdict]; });
        entry.row.hidden = !visible;
        if (tables[index].classList.contains("forest")) { total++; shown += visible; }
      });
    });
    document.getElementById("shown").textContent =
      words.length || !all ? shown + " of " + total + " comparisons" : "";
    nameOnce();
    if (words.length || !all)
      document.querySelectorAll("details.all").forEach(function (details) { details.open = true; });
  }
  function sort() {
    var sign = order.value === "most" ? -1 : 1;
    groups.forEach(function (group, index) {
      var sorted = group.slice();
      if (order.value !== "run")
        sorted.sort(function (a, b) {
          if (isNaN(a.speedup) || isNaN(b.speedup)) return isNaN(a.speedup) - isNaN(b.speedup);
          return sign * (a.speedup - b.speedup);
        });
      var rows = document.createDocumentFragment(); // all at once: one layout
      sorted.forEach(function (entry) { rows.appendChild(entry.row); });
      tables[index].tBodies[0].appendChild(rows);
    });
    nameOnce();
  }
  document.querySelectorAll(".jumps a").forEach(function (link) {
    link.addEventListener("click", function () { link.closest("details").open = false; });
  });
  filter.addEventListener("input", show);
  boxes.forEach(function (box) { box.addEventListener("change", show); });
  order.addEventListener("change", sort);
  form.addEventListener("submit", function (event) { event.preventDefault(); });
})();
