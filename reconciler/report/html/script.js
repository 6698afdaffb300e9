
"use strict";
{
  const find = (id) => document.getElementById(id);
  const form = document.querySelector(".filters");
  const search = find("search");
  const choices = ["provider", "kind", "action", "cause"].map(find);
  const plain = (text) => text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "").replace(/ı/g, "i");

  const groups = [...document.querySelectorAll(".group")].map((node) => ({
    node,
    open: node.open,
    provider: node.dataset.p,
    kind: node.dataset.k,
    section: node.parentElement,
    entries: [...node.querySelectorAll(".entry")].map((entry) => ({
      node: entry, action: entry.dataset.a, cause: entry.dataset.c, words: "",
    })),
  }));
  const most = 300; // found changes that are unfolded: nobody reads more, and it stays quick
  const total = groups.reduce((sum, group) => sum + group.entries.length, 0);

  const read = () => {
    for (const group of groups) {
      const kind = `${group.provider}/${group.kind}/`;
      for (const entry of group.entries) entry.words ||= plain(kind + entry.node.textContent);
    }
  };

  let narrowed = false;
  const filter = () => {
    const words = plain(search.value).split(/\s+/).filter(Boolean);
    const [provider, kind, action, cause] = choices.map((choice) => (choice ? choice.value : ""));
    const active = Boolean(words.length || provider || kind || action || cause);
    if (words.length) read();
    if (active && !narrowed) for (const group of groups) group.open = group.node.open;
    const sections = new Map();
    let shown = 0;
    for (const group of groups) {
      const fits = (!provider || group.provider === provider) && (!kind || group.kind === kind);
      let left = 0;
      for (const entry of group.entries) {
        const keep = fits && (!action || entry.action === action) && (!cause || entry.cause === cause)
          && words.every((word) => entry.words.includes(word));
        if (entry.node.hidden === keep) entry.node.hidden = !keep;
        if (keep) left += 1;
      }
      group.node.hidden = active && !left;
      group.node.open = active ? left > 0 && shown < most : group.open;
      shown += left;
      sections.set(group.section, (sections.get(group.section) || 0) + left);
    }
    for (const [section, left] of sections) section.hidden = active && !left;
    narrowed = active;
    find("nothing").hidden = shown > 0;
    find("clear").hidden = !active;
    const all = `${total.toLocaleString("en")} change${total === 1 ? "" : "s"}`;
    find("shown").value = active ? `${shown.toLocaleString("en")} of ${all}` : all;
  };

  const clear = () => {
    form.reset();
    filter();
    search.focus();
  };

  const unfold = (open) => {
    for (const group of groups) {
      group.node.open = open || group.section.classList.contains("urgent");
      for (const entry of group.entries) entry.node.open = open;
    }
  };

  const show = () => {
    const target = location.hash.startsWith("#c") && find(location.hash.slice(1));
    if (!target || !target.classList.contains("entry")) return;
    if (target.hidden || target.closest("[hidden]")) clear();
    target.closest(".group").open = true;
    target.open = true;
    target.scrollIntoView({ block: "center" });
    const summary = target.querySelector("summary");
    if (summary) summary.focus({ preventScroll: true });
  };

  if (form) {
    form.hidden = false;
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", filter);
    find("clear").addEventListener("click", clear);
    find("unfold").addEventListener("click", () => unfold(true));
    find("fold").addEventListener("click", () => unfold(false));
    addEventListener("hashchange", show);
    document.addEventListener("click", (event) => {
      const link = event.target.closest("a");
      if (link && link.getAttribute("href") === location.hash) show();
    });
    addEventListener("keydown", (event) => {
      const typing = event.target.closest && event.target.closest("input, select, textarea");
      if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        search.focus();
        search.select();
      } else if (event.key === "Escape" && event.target === search) {
        clear();
      }
    });
    (window.requestIdleCallback || setTimeout)(read);
    show();
  }

  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    for (const node of folded) node.open = true;
  });
  addEventListener("afterprint", () => {
    for (const node of folded) node.open = false;
  });
}
