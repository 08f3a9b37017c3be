"use strict";
(function () {
  // Tables that sort by their headers and are searched from the form before them. Without this script they just read.
  var words = new Intl.Collator(document.documentElement.lang, {numeric: true, sensitivity: "base"});
  function plain(text) {
    return text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  }
  function known(cell) {
    return cell.dataset.v !== undefined ? Number(cell.dataset.v) : null;
  }
  function compare(a, b, at, isNumber, sign) {
    var x = a.cells[at], y = b.cells[at];
    if (!isNumber) return sign * words.compare(x.textContent, y.textContent);
    var p = known(x), q = known(y);
    if (p === null || q === null) return (p === null) - (q === null);
    return sign * (p - q);
  }
  function sortable(table, live) {
    var heads = Array.prototype.slice.call(table.tHead.rows[0].cells);
    heads.forEach(function (head, at) {
      var button = document.createElement("button");
      button.type = "button";
      while (head.firstChild) button.appendChild(head.firstChild);
      head.appendChild(button);
      button.addEventListener("click", function () {
        var isNumber = !head.classList.contains("w");
        var was = head.getAttribute("aria-sort");
        var down = was ? was === "ascending" : isNumber;
        heads.forEach(function (other) { other.removeAttribute("aria-sort"); });
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        var body = table.tBodies[0];
        var rows = Array.prototype.slice.call(body.rows);
        rows.sort(function (a, b) { return compare(a, b, at, isNumber, down ? -1 : 1); });
        rows.forEach(function (row) { body.appendChild(row); });
        if (live) live.textContent = (down ? table.dataset.falling : table.dataset.rising).replace("{column}", button.textContent.trim());
      });
    });
  }
  function searchable(form) {
    var table = document.getElementById(form.dataset.table);
    var field = form.querySelector("input"), choice = form.querySelector("select"), live = form.querySelector("[role=status]");
    var rows = Array.prototype.slice.call(table.tBodies[0].rows).map(function (row) {
      return {row: row, text: plain(row.textContent)};
    });
    function show() {
      var wanted = plain(field.value.trim()), shown = 0;
      var column = choice ? Number(choice.dataset.column) : -1;
      rows.forEach(function (one) {
        var fits = one.text.indexOf(wanted) >= 0 && (!choice || !choice.value || one.row.cells[column].textContent.trim() === choice.value);
        one.row.hidden = !fits;
        shown += fits;
      });
      live.textContent = form.dataset.shown.replace("{shown}", shown).replace("{total}", rows.length);
    }
    form.hidden = false;
    form.addEventListener("submit", function (event) { event.preventDefault(); });
    field.addEventListener("input", show);
    if (choice) choice.addEventListener("change", show);
    show();
    return live;
  }
  document.querySelectorAll("table[data-sorts]").forEach(function (table) {
    var form = document.querySelector('form.find[data-table="' + table.id + '"]');
    sortable(table, form ? searchable(form) : table.parentNode.querySelector("[role=status]"));
  });
})();
