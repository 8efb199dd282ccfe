"use strict";
/* Members: what was met of each, the tree, the selected member, and the filter. */

function constraintState(node, constraint) {
  if (!data.hasCoverage) return null;
  const { violations, edges } = constraint;
  if (violations.length === 0 && edges.length === 0) return null;
  if (casesOf(violations).some(isMet)) return "met";
  if (violations.length === 0) return casesOf(edges).some(isMet) ? "met" : "none";
  const valid = [...edges, ...node.hazards, ...node.constraints.flatMap((each) => each.edges)];
  return casesOf(valid).some(isMet) ? "valid" : "none";
}

/* The state of a member: that of its violations, if it can have any. */
function nodeState(node) {
  const violable = node.constraints.filter((each) => each.violations.length > 0);
  const states = (violable.length ? violable : node.constraints).map((each) => constraintState(node, each)).filter(Boolean);
  const isAnyMet = casesOf(nodeCases(node)).some(isMet);
  if (!data.hasCoverage || nodeCases(node).length === 0) return null;
  if (states.length > 0 && states.every((state) => state === "met")) return "met";
  if (states.includes("met")) return "part";
  if (states.length === 0) return isAnyMet ? "met" : "none";
  return isAnyMet ? "valid" : "none";
}

function nodeCases(node) {
  return [...node.constraints.flatMap((each) => [...each.violations, ...each.edges]), ...node.hazards];
}

/* For each member the number of cases at it and below it, and of those that were met. */
function totals() {
  const found = data.nodes.map((node) => {
    const cases = casesOf(nodeCases(node));
    return { all: cases.length, met: cases.filter(isMet).length };
  });
  for (let number = data.nodes.length - 1; number >= 0; number--) {
    for (const child of data.nodes[number].children) {
      found[number].all += found[child].all;
      found[number].met += found[child].met;
    }
  }
  return found;
}

/* The selected member ---------------------------------------------------------------------------------------------- */

function constraintElement(node, each, isWholeNodeFound) {
  const only = query !== "" && !isWholeNodeFound && !(each.keyword ?? "").toLowerCase().includes(query);
  const cases = [...each.violations, ...each.edges];
  if (only && !casesOf(cases).some((one) => one.id.toLowerCase().includes(query))) return null;
  const counts = ["violations", "edges"].filter((set) => each[set].length).map((set) => plural(each[set].length, set.slice(0, -1)));
  const summary = [
    sign(constraintState(node, each)),
    make("span", { class: "keyword", text: each.keyword ?? "no keyword" }),
    each.keyword ? make("code", { class: "limit", text: each.limit }) : make("span", { class: "limit quiet", text: "presence, sizes and examples" }),
    make("span", { class: "counts", text: counts.join(" · ") || "no case" }),
  ];
  return disclosure({ class: "constraint", open: query !== "" && !isWholeNodeFound }, summary, () => [
    ...(each.conditional ? [make("p", { class: "note", text: "It holds in one alternative of the schema, not for every value." })] : []),
    ...(each.implied ? [make("p", { class: "note", text: `It can't be violated alone: ${each.implied.join(", ") || "no violation was found"}.` })] : []),
    ...(each.schema ? [make("p", { class: "where" }, "In the schema at ", make("code", { text: each.schema }))] : []),
    ...caseLists({ violations: each.violations, edges: each.edges }, only),
    ...testsOfAny(casesOf(cases)),
    ...(each.snippet ? [snippet(each.head, each.snippet)] : []),
  ]);
}

function hazardsElement(node, isWholeNodeFound) {
  const only = query !== "" && !isWholeNodeFound;
  const found = casesOf(node.hazards).filter((each) => !only || each.id.toLowerCase().includes(query));
  if (found.length === 0) return null;
  const summary = [
    data.hasCoverage ? sign(found.some(isMet) ? "met" : "none") : null,
    make("span", { class: "keyword", text: "hazards" }),
    make("span", { class: "limit quiet", text: "valid values that programs stumble on" }),
    make("span", { class: "counts", text: plural(found.length, "hazard") }),
  ];
  return disclosure({ class: "constraint", open: only }, summary, () => [
    ...caseLists({ hazards: node.hazards }, only),
    ...testsOfAny(found),
    snippet("enumerate_hazards", node.snippet),
  ]);
}

function renderDetail(number) {
  const node = data.nodes[number];
  const isWholeNodeFound = node.pointer.toLowerCase().includes(query);
  const open = new Set([...byId("detail").querySelectorAll(":scope > .constraint[open]")].map((each) => each.dataset.key));
  const isSame = byId("detail").dataset.number === String(number);
  const parts = [
    make("button", { type: "button", class: "back", text: "Back to the members", onclick: () => members.focus(members.selected) }),
    make("h2", {}, make("span", { text: NAMES[node.kind](node) }), sign(nodeState(node))),
    make("p", { class: "where" }, make("code", { text: node.pointer || "(root)" })),
    make("p", { class: "types" }, ...node.types.map((type) => make("span", { class: "chip", text: type })), node.required ? make("span", { class: "chip strong", text: "required" }) : null),
    node.description ? make("p", { class: "description", text: node.description }) : null,
  ];
  if (node.same !== undefined) {
    const target = data.nodes[node.same];
    parts.push(make("p", { class: "note" }, "Its members are those of ", make("button", { type: "button", class: "link", text: target.pointer || "the whole instance", onclick: () => members.reveal(node.same) }), "."));
  }
  const elements = [...node.constraints.map((each) => constraintElement(node, each, isWholeNodeFound)), hazardsElement(node, isWholeNodeFound)];
  elements.forEach((element, key) => {
    if (!element) return;
    element.dataset.key = key;
    if (isSame && open.has(String(key))) element.open = true;
  });
  if (!elements.some(Boolean)) parts.push(make("p", { class: "note", text: "No constraint and no case is at this location." }));
  byId("detail").dataset.number = number;
  byId("detail").replaceChildren(...[...parts, ...elements].filter(Boolean));
  try {
    history.replaceState(null, "", `#${encodeURI(node.pointer)}`);
  } catch {
    /* A browser may forbid it for files. */
  }
}

let nodeTotals = totals();

function memberLabel(node, number) {
  const total = nodeTotals[number];
  const text = data.hasCoverage ? `${total.met}/${total.all}` : total.all.toLocaleString("en");
  const title = data.hasCoverage ? `${total.met} of ${total.all} cases met, with those below` : `${plural(total.all, "case")}, with those below`;
  const name = make("span", { class: `name ${node.kind}`, text: NAMES[node.kind](node) });
  return make(
    "span",
    { class: "label" },
    sign(nodeState(node)),
    name,
    node.required ? make("abbr", { class: "required", title: "required", text: "*" }) : null,
    make("span", { class: "type", text: node.types.length > 2 ? `${node.types.length} types` : node.types.join(" | ") }),
    make("span", { class: "count", title, text }),
  );
}

const members = new MemberTree(byId("tree"), data.nodes, memberLabel, (number) => {
  renderDetail(number);
  if (matchMedia("(max-width: 60rem)").matches && byId("tree").contains(document.activeElement)) byId("detail").scrollIntoView();
});

const searchTexts = data.nodes.map((node) =>
  [node.pointer, ...node.constraints.map((each) => each.keyword ?? ""), ...casesOf(nodeCases(node)).map((each) => each.id)].join("\n").toLowerCase(),
);

function search() {
  query = byId("search").value.trim().toLowerCase();
  const found = query ? [...data.nodes.keys()].filter((number) => searchTexts[number].includes(query)) : null;
  byId("found").textContent = found ? `${plural(found.length, "member")} found` : "";
  members.filter(found);
  if (found && found.length && !found.includes(members.selected)) members.reveal(found[0]);
  else if (members.items.has(members.selected)) renderDetail(members.selected);
  else members.reveal(members.selected);
}
