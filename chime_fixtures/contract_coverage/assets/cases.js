"use strict";
/* The data of the page, and the elements that its parts share: disclosures, lists, cases and code. */

const data = JSON.parse(document.getElementById("data").textContent);
const MAX_CASES = 100;
const SIGNS = {
  met: ["✓", "met"],
  part: ["◐", "partly met"],
  valid: ["△", "met only validly"],
  none: ["○", "not met"],
};
const COLUMNS = { handed: "handed out", received: "received" };
const SETS = { violations: "Violations", edges: "Edges", hazards: "Hazards", outcomes: "Outcomes", requests: "Requests" };
const NEVER_HANDED_OUT = ["outcomes", "requests"];
const NAMES = {
  root: () => "whole instance",
  property: (node) => node.name || '""',
  pattern: (node) => `names matching ${node.name}`,
  additional: () => "other properties",
  item: (node) => `item ${node.name}`,
  items: () => "each item",
};
for (const text of [...data.bases, ...data.cases.map((each) => each.json ?? "")]) {
  for (const [, digits] of text.matchAll(/"\+(\d{8,15})"/g)) knownNumbers.add(digits);
}

let column = "either";
let query = "";
let bases = [];

const byId = (id) => document.getElementById(id);
const plural = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
const isMet = (goal) => Boolean(column === "either" ? goal.handed || goal.received : goal[column]);
const casesOf = (numbers) => numbers.map((number) => data.cases[number]);

function sign(state) {
  if (!state) return null;
  const [text, label] = SIGNS[state];
  return make("span", { class: `sign ${state}`, role: "img", "aria-label": label, title: label, text });
}

function bar(set, kind, met, total) {
  const label = COLUMNS[kind];
  const fill = make("span", { class: `fill ${kind}` });
  fill.style.width = `${total ? (100 * met) / total : 100}%`;
  const rounded = total ? Math.round((100 * met) / total) : 100;
  const percentage = met === 0 || met === total ? rounded : Math.min(Math.max(rounded, 1), 99);
  const isNever = met === 0 && kind === "handed" && NEVER_HANDED_OUT.includes(set);
  const title = isNever ? "no fixture hands it out" : `${met} of ${total}`;
  return make(
    "div",
    { class: "measure" },
    make("span", { class: "measure-name", text: label }),
    make("span", { class: "measure-value", text: isNever ? "–" : `${percentage} %`, title }),
    make("span", { class: "bar", role: "img", "aria-label": `${label}: ${met} of ${total}` }, fill),
  );
}

/* A disclosure whose content is made when it is opened. */
function disclosure(options, summary, content) {
  const details = make("details", options, make("summary", {}, ...summary));
  const fill = () => {
    if (details.open && details.children.length === 1) details.append(make("div", { class: "inside" }, ...content()));
  };
  details.addEventListener("toggle", fill);
  fill();
  return details;
}

/* Elements of a list, the first hundred at once. */
function listed(items, element, className = "list") {
  const list = make("div", { class: className });
  let next = 0;
  const more = make("button", { type: "button", class: "more", onclick: add });
  function add() {
    list.append(...items.slice(next, next + MAX_CASES).map(element));
    next += MAX_CASES;
    more.textContent = `Show ${Math.min(MAX_CASES, items.length - next)} more of ${items.length - next}`;
    if (next < items.length) list.append(more);
    else more.remove();
  }
  add();
  return list;
}

/* Cases ------------------------------------------------------------------------------------------------------------ */

function instanceTree(each) {
  if (each.json === undefined && each.base === undefined) return null;
  if (each.base === undefined) return parseJson(each.json);
  bases[each.base] ??= parseJson(data.bases[each.base]);
  const base = bases[each.base];
  if (each.removed !== undefined) return withValue(base, pointerTokens(each.removed), null);
  return each.json === undefined ? base : withValue(base, pointerTokens(each.at), parseJson(each.json));
}

function columnMarks(goal) {
  if (!data.hasCoverage) return [];
  const isNever = NEVER_HANDED_OUT.includes(goal.set) && !goal.handed;
  const shown = Object.entries(COLUMNS).filter(([name]) => name !== "handed" || !isNever);
  return shown.map(([name, label]) => {
    const count = goal[name] ? goal[name][0] : 0;
    const text = count ? `${label} in ${plural(count, "test")}` : `not ${label}`;
    return make("span", { class: `mark ${name}${count ? " is-met" : ""}`, role: "img", "aria-label": text, title: text, text: label[0].toUpperCase() });
  });
}

function testLists(goal) {
  return Object.entries(COLUMNS).flatMap(([name, label]) => {
    if (!goal[name]) return [];
    const [count, ...tests] = goal[name];
    const items = tests.map((test) => make("li", { text: data.tests[test] }));
    if (count > tests.length) items.push(make("li", { class: "quiet", text: `and ${plural(count - tests.length, "other test")}` }));
    return [make("h4", { text: `${label[0].toUpperCase()}${label.slice(1)} in` }), make("ul", { class: "tests" }, ...items)];
  });
}

/* The tests that met any of some cases; empty if none did. */
function testsOfAny(cases) {
  const goal = {};
  for (const name of Object.keys(COLUMNS)) {
    const met = cases.filter((each) => each[name]).map((each) => each[name]);
    const tests = new Set(met.flatMap(([, ...named]) => named));
    if (met.length) goal[name] = [Math.max(tests.size, ...met.map(([count]) => count)), ...tests];
  }
  if (!goal.handed && !goal.received) return [];
  return [disclosure({ class: "paste" }, [make("span", { text: "Tests that met it" })], () => testLists(goal))];
}

function hintPart(goal) {
  return goal.hint ? [make("h4", { text: "To meet it, paste" }), code(goal.hint)] : [];
}

function caseContent(each) {
  const parts = [];
  const tree = instanceTree(each);
  if (each.contested) parts.push(make("p", { class: "note", text: `Contested: ${each.contested.join(", ")} accepts it.` }));
  if (tree === null) parts.push(make("p", { class: "note", text: "The instance is left out because of the page's size." }));
  else {
    const block = make("pre", { class: "json", tabindex: "0", "aria-label": `Instance of ${each.id}` });
    const tokens = pointerTokens(each.pointer);
    renderJson(tree, tokens.length ? treeAt(tree, tokens) : null, block);
    parts.push(block);
  }
  if (each.cut) parts.push(make("p", { class: "note", text: "A long part is left out." }));
  return [...parts, ...testLists(each), ...hintPart(each)];
}

function caseElement(each) {
  const state = data.hasCoverage ? sign(isMet(each) ? "met" : "none") : null;
  const title = make("span", { class: "case-title" }, make("code", { text: each.id }), make("span", { class: "case-summary", text: each.summary }));
  return disclosure({ class: "case" }, [state, title, ...columnMarks(each)], () => caseContent(each));
}

function caseLists(numbersBySet, only) {
  return Object.entries(numbersBySet).flatMap(([set, numbers]) => {
    const cases = casesOf(numbers).filter((each) => !only || each.id.toLowerCase().includes(query));
    if (cases.length === 0) return [];
    return [make("h3", { text: `${SETS[set]} (${cases.length})` }), listed(cases, caseElement)];
  });
}

/* Code ------------------------------------------------------------------------------------------------------------- */

function code(text) {
  const block = make("pre", { class: "code", tabindex: "0" }, make("code", { text }));
  const button = make("button", { type: "button", class: "copy", text: "Copy", onclick: () => copy(areNumbersShown ? text : maskedText(text), button) });
  return make("div", { class: "snippet" }, block, button);
}

async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.body.appendChild(make("textarea", { class: "hidden-area", "aria-hidden": "true" }));
    area.value = text;
    area.select();
    document.execCommand("copy");
    area.remove();
    button.focus();
  }
  button.textContent = "Copied";
  setTimeout(() => (button.textContent = "Copy"), 1500);
}

function snippet(head, body) {
  return disclosure({ class: "paste" }, [make("span", { text: "pytest snippet" })], () => [code(`${data.heads[head]}${body}`)]);
}
