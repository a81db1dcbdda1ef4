
"use strict";
(() => {
  const root = document.documentElement;
  const find = (selector, inside = document) => inside.querySelector(selector);
  const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];
  const make = (name, words, kind) => {
    const element = document.createElement(name);
    if (words !== undefined) element.textContent = words;
    if (kind) element.className = kind;
    return element;
  };
  // a copy for another place: its ids are taken, and its headings stand one below that place's
  const copied = (element, level) => {
    const copy = element.cloneNode(true);
    copy.removeAttribute("id");
    all("[id]", copy).forEach((one) => one.removeAttribute("id"));
    all("h4, h5, h6", copy).forEach((old) => {
      const heading = make("h" + level, old.textContent);
      heading.dir = "auto";
      old.replaceWith(heading);
    });
    return copy;
  };
  root.classList.add("js");

  // the grid: a cell opens to its words
  const panel = find("#panel");
  const hint = find("#panel .hint");
  let open = null;
  const close = () => {
    if (!open) return;
    open.removeAttribute("aria-current");
    open = null;
    root.classList.remove("open");
    panel.replaceChildren(hint);
  };
  const show = (link) => {
    const words = document.getElementById(link.hash.slice(1));
    if (open) open.removeAttribute("aria-current");
    open = link;
    link.setAttribute("aria-current", "true");
    root.classList.add("open");
    const head = make("div", undefined, "head");
    const heading = make("h3", link.getAttribute("aria-label"));
    heading.dir = "auto";
    const button = make("button", "Close");
    button.type = "button";
    button.addEventListener("click", () => { const last = open; close(); last.focus(); });
    head.append(heading, button);
    panel.replaceChildren(head, copied(words, 4));
    panel.scrollTop = 0;
    link.scrollIntoView({ block: "nearest", inline: "nearest" });
  };
  const place = (link) => {
    const cell = link.parentElement;
    return [cell.parentElement, [...cell.parentElement.children].indexOf(cell)];
  };
  const beside = (link, key) => {
    const [row, column] = place(link);
    const there = (cell) => cell && find("a", cell);
    if (key === "ArrowLeft" || key === "ArrowRight") {
      const step = (key === "ArrowRight") === (getComputedStyle(row).direction === "ltr") ? 1 : -1;
      for (let i = column + step; i > 0 && i < row.children.length; i += step)
        if (there(row.children[i])) return there(row.children[i]);
      return null;
    }
    const rows = all("tbody tr", row.closest("table")).filter((one) => one.offsetParent !== null);
    const step = key === "ArrowDown" ? 1 : -1;
    for (let i = rows.indexOf(row) + step; i >= 0 && i < rows.length; i += step)
      if (there(rows[i].children[column])) return there(rows[i].children[column]);
    return null;
  };
  all("table.grid").forEach((table) => {
    table.addEventListener("click", (event) => {
      const link = event.target.closest("tbody td a");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      if (link === open) panel.focus();
      else show(link);
    });
    table.addEventListener("keydown", (event) => {
      const link = event.target.closest("tbody td a");
      if (!link || !event.key.startsWith("Arrow") || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      const next = beside(link, event.key);
      if (next) next.focus();
    });
  });
  // a card with the first words of the cell that is pointed at
  const card = find("#card");
  const point = (event) => {
    const link = event.target.closest("table.grid tbody td a");
    card.hidden = !link || link === open;
    if (card.hidden) return;
    const words = find("mark", document.getElementById(link.hash.slice(1)));
    card.replaceChildren(make("p", link.getAttribute("aria-label")));
    if (words) card.append(make("p", "“" + words.textContent + "”"));
    [...card.children].forEach((one) => { one.dir = "auto"; });
    const box = link.getBoundingClientRect();
    card.style.left = `${Math.max(8, Math.min(box.left, innerWidth - card.offsetWidth - 8))}px`;
    card.style.top = `${box.bottom + card.offsetHeight + 12 < innerHeight ? box.bottom + 8 : box.top - card.offsetHeight - 8}px`;
  };
  ["mouseover", "focusin"].forEach((kind) => document.addEventListener(kind, point));
  // a link into a closed part opens it
  const reveal = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let one = target && target.closest("details"); one; one = one.parentElement.closest("details")) one.open = true;
    if (target) target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !open) return;
    const last = open;
    const within = panel.contains(document.activeElement);
    close();
    if (within) last.focus();
  });

  // its level, and the order of its columns
  all("input[name=level]").forEach((input) => input.addEventListener("change", () => {
    root.classList.toggle("dimensions", input.value === "dimension");
    close();
  }));
  const sort = (table, by) => {
    const heads = [...find("tr.names", table).children].slice(1);
    const order = heads.map((head, i) => [Number(head.dataset[by]), i]).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    all("tr", table).forEach((row) => {
      const cells = [...row.children].slice(1);
      row.append(...order.map(([, i]) => cells[i]));
    });
    const clusters = all("tr.sums", table)[1];
    const label = (i) => clusters && clusters.children[i] && clusters.children[i].textContent;
    all("tr", table).forEach((row) => [...row.children].forEach((cell, i) =>
      cell.classList.toggle("cut", by === "tree" && i > 1 && label(i) !== label(i - 1))));
  };
  all("input[name=order]").forEach((input) => input.addEventListener("change", () =>
    sort(find("table.grid"), input.value)));
  if (find("table.grid")) sort(find("table.grid"), "tree");
  all("form").forEach((form) => form.addEventListener("submit", (event) => event.preventDefault()));

  // the report, filtered
  const filter = find("#filter");
  if (filter) {
    const notes = new Map(all(".notes li").map((note) => [note.id.slice(1), note]));
    const lines = all(".document .line").map((line) => [line, all("mark", line), all(".notes li", line)]);
    const apply = () => {
      const actor = filter.elements.actor.value;
      const code = filter.elements.code.value;
      const fits = (note) => note && (!actor || note.dataset.actor === actor) && (!code || note.dataset.code === code);
      const some = actor || code;
      let passages = 0;
      let statements = 0;
      lines.forEach(([line, marks, own]) => {
        let shown = false;
        marks.forEach((mark) => {
          const on = mark.dataset.n.split(" ").some((n) => fits(notes.get(n)));
          mark.classList.toggle("off", !on);
          shown = shown || on;
        });
        own.forEach((note) => { note.hidden = !fits(note); statements += fits(note) ? 1 : 0; });
        line.hidden = Boolean(some) && !shown;
        passages += shown ? 1 : 0;
      });
      find("output", filter).textContent = some
        ? `${statements} ${statements === 1 ? "statement" : "statements"} in ${passages} ${passages === 1 ? "paragraph" : "paragraphs"}`
        : "";
    };
    filter.addEventListener("change", apply);
    apply();
    // a quote is shown whole, also where others begin within it
    const glow = (number) => all(".document mark").forEach((mark) =>
      mark.classList.toggle("hot", mark.dataset.n.split(" ").includes(number)));
    const pointed = (event) => {
      const link = event.target.closest(".document sup a, .notes li");
      glow(link ? (link.id || link.hash.slice(1)).slice(1) : "");
    };
    ["mouseover", "focusin"].forEach((kind) => find("#report").addEventListener(kind, pointed));
    // whoever follows a link into a hidden paragraph sees all of them again
    addEventListener("hashchange", () => {
      const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
      if (target && target.closest("[hidden]")) {
        filter.reset();
        apply();
        target.scrollIntoView();
      }
    });
  }

  // two of them side by side
  const pair = find("#pair");
  if (pair) {
    const words = (i) => new Map(all(`#a${i} .words`).map((one) => [Number(one.dataset.code), one]));
    const compare = () => {
      const choices = ["a", "b"].map((name) => pair.elements[name]);
      const names = choices.map((choice) => choice.selectedOptions[0].textContent);
      const [a, b] = choices.map((choice) => words(choice.value));
      const out = find("#beside");
      if (choices[0].value === choices[1].value) {
        out.replaceChildren(make("p", "Choose two different ones.", "why"));
        return;
      }
      const groups = [["Recorded on both", []], ["Recorded on both, with different stances", []],
        [`Recorded on ${names[0]} only`, []], [`Recorded on ${names[1]} only`, []]];
      [...new Set([...a.keys(), ...b.keys()])].sort((x, y) => x - y).forEach((code) => {
        const [mine, theirs] = [a.get(code), b.get(code)];
        const stances = (one) => (one ? one.dataset.stances : "");
        if (stances(mine) && stances(theirs)) groups[stances(mine) === stances(theirs) ? 0 : 1][1].push(code);
        else if (stances(mine)) groups[2][1].push(code);
        else if (stances(theirs)) groups[3][1].push(code);
      });
      const parts = groups.map(([title, codes], group) => {
        const part = make("div");
        part.dataset.codes = codes.join(" ");
        const heading = make("h3", `${title} (${codes.length})`);
        heading.dir = "auto";
        part.append(heading);
        if (!codes.length) part.append(make("p", "Nothing.", "quiet"));
        codes.forEach((code) => {
          const sides = [a, b].map((side, which) => {
            const column = make("div");
            if (group < 2) {
              const name = make("p", names[which], "name");
              name.dir = "auto";
              column.append(name);
            }
            if (side.has(code)) column.append(copied(side.get(code), 4));
            return column;
          });
          const row = make("div", undefined, "beside");
          row.append(...sides);
          part.append(group < 2 ? row : sides[group - 2]);
        });
        return part;
      });
      const alone = make("div", undefined, "beside");
      alone.append(parts[2], parts[3]);
      out.replaceChildren(parts[0], ...(groups[1][1].length ? [parts[1]] : []), alone);
    };
    pair.addEventListener("change", compare);
    compare();
  }

  // on paper everything is open
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = all("details:not([open])");
    closed.forEach((one) => { one.open = true; });
  });
  addEventListener("afterprint", () => closed.forEach((one) => { one.open = false; }));
})();
