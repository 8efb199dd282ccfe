"use strict";
/* The page: heading, summary, tabs, theme, and the start. */

function renderHeading() {
  byId("kind").append("chime-fixtures · ", data.title);
  byId("contract").append(...textParts(data.contract));
  const constraints = data.nodes.reduce((sum, node) => sum + node.constraints.filter((each) => each.keyword).length, 0);
  byId("facts").textContent = [data.dialect, plural(data.nodes.length - 1, "member"), plural(constraints, "constraint")].join(" · ");
  const omitted = data.omitted ? ` The instances of ${plural(data.omitted, "case")} are left out because of the page's size; chime-fixtures pack writes them.` : "";
  byId("footer").textContent = `Made by chime-fixtures ${data.version}.${omitted}`;
}

function renderSummary() {
  const cards = data.hasCoverage
    ? data.dimensions.map((each) => [
        SETS[each.name],
        plural(each.goals, "goal"),
        ...Object.keys(COLUMNS).map((name) => bar(each.name, name, each[name], each.goals)),
      ])
    : ["violations", "edges", "hazards"].map((set) => [SETS[set], data.cases.filter((each) => each.set === set).length.toLocaleString("en")]);
  for (const [name, value, ...bars] of cards) {
    const figure = make("p", { class: "figure", text: value });
    byId("summary").append(make("div", { class: "card" }, make("h2", { text: name }), figure, ...bars));
  }
}

/* Tabs, theme and start -------------------------------------------------------------------------------------------- */

const PARTS = { contract: true, operations: data.operations.length > 0, faults: data.faults !== null };

function showPart(name) {
  for (const part of Object.keys(PARTS)) {
    const tab = byId(`tab-${part}`);
    byId(`panel-${part}`).hidden = part !== name;
    if (!tab) continue;
    tab.setAttribute("aria-selected", String(part === name));
    tab.tabIndex = part === name ? 0 : -1;
  }
}

function renderTabs() {
  const names = Object.keys(PARTS).filter((name) => PARTS[name]);
  if (names.length < 2) return;
  const tabs = names.map((name) => {
    byId(`panel-${name}`).setAttribute("role", "tabpanel");
    byId(`panel-${name}`).setAttribute("aria-labelledby", `tab-${name}`);
    const label = `${name[0].toUpperCase()}${name.slice(1)}`;
    return make("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": `panel-${name}`, text: label, onclick: () => showPart(name) });
  });
  byId("tabs").append(...tabs);
  byId("tabs").hidden = false;
  byId("tabs").addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const index = (tabs.indexOf(document.activeElement) + step + tabs.length) % tabs.length;
    tabs[index].focus();
    tabs[index].click();
  });
}

function renderLegend() {
  byId("legend").hidden = !data.hasCoverage;
  byId("columns").hidden = !data.hasCoverage;
  byId("legend").append(...Object.keys(SIGNS).map((state) => make("span", {}, sign(state), ` ${SIGNS[state][1]}`)));
  byId("legend").append(...Object.values(COLUMNS).map((label) => make("span", {}, make("span", { class: "mark", text: label[0].toUpperCase() }), ` ${label}`)));
}

const THEMES = ["system", "light", "dark"];

byId("theme").addEventListener("click", () => {
  const next = THEMES[(THEMES.indexOf(document.documentElement.dataset.theme ?? "system") + 1) % THEMES.length];
  document.documentElement.dataset.theme = next;
  byId("theme").textContent = `Theme: ${next}`;
});

byId("numbers").addEventListener("click", () => {
  showNumbers(!areNumbersShown);
  byId("numbers").setAttribute("aria-pressed", String(areNumbersShown));
  byId("numbers").textContent = areNumbersShown ? "Mask telephone numbers" : "Show telephone numbers";
});

byId("search").addEventListener("input", search);
byId("columns").addEventListener("change", (event) => {
  column = event.target.value;
  nodeTotals = totals();
  search();
  if (PARTS.operations) renderOperations();
});

/* The member that the fragment of the address names; else the whole instance. */
function linkedMember() {
  try {
    const pointer = decodeURI(location.hash.slice(1));
    return Math.max(0, data.nodes.findIndex((node) => node.pointer === pointer));
  } catch {
    return 0;
  }
}

window.addEventListener("hashchange", () => members.reveal(linkedMember()));
window.addEventListener("beforeprint", () => members.openAll());

renderHeading();
renderSummary();
renderLegend();
renderTabs();
if (PARTS.operations) renderOperations();
if (PARTS.faults) renderFaults();
showPart("contract");
byId("numbers").hidden = ![...data.bases, ...data.cases.map((each) => each.json ?? "")].some((text) => numbersIn(text).length);
members.reveal(linkedMember());
