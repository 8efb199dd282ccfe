"use strict";
/* The fault table: for each call of a test and each change of its response, the outcome. */

const OUTCOME_SIGNS = { unaffected: "=", "error surfaced": "↑", "assertion failed": "✗", "other exception": "!", "not settled": "…" };
const CALM_OUTCOMES = ["unaffected", "error surfaced"];
let shownOutcome = null;

function outcomeMark(outcome) {
  return make("span", { class: `outcome outcome-${outcome.replaceAll(" ", "-")}`, "aria-hidden": "true", text: OUTCOME_SIGNS[outcome] ?? "?" });
}

function shellWord(text) {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function faultElement(row) {
  const title = make("span", { class: "case-title line" }, make("code", { text: row.change }), make("span", { class: "case-summary", text: row.outcome }));
  return disclosure({ class: "case" }, [outcomeMark(row.outcome), title], () => [
    ...(row.detail ? [make("p", { class: "exception", text: row.detail })] : []),
    make("h4", { text: "To run it again" }),
    code(`pytest ${shellWord(data.tests[row.test])} --chime-fault-schedule ${shellWord(row.schedule)}`),
  ]);
}

function isFailure(row) {
  return !CALM_OUTCOMES.includes(row.outcome);
}

/* The rows by a member; groups with a failure first, else in their order. */
function groupBy(rows, key) {
  const groups = new Map();
  for (const row of rows) {
    if (!groups.has(row[key])) groups.set(row[key], []);
    groups.get(row[key]).push(row);
  }
  const order = ([, group]) => (group.some(isFailure) ? 0 : 1);
  return [...groups].sort((left, right) => order(left) - order(right));
}

function callElement([call, rows]) {
  const marks = data.faults.outcomes.flatMap((outcome) => {
    const count = rows.filter((row) => row.outcome === outcome).length;
    return count ? [make("span", { class: "tally", title: outcome }, outcomeMark(outcome), make("span", { class: "unseen", text: `${outcome}: ` }), String(count))] : [];
  });
  const summary = [make("span", { class: "keyword", text: call }), make("span", { class: "limit" }), make("span", { class: "counts" }, ...marks)];
  return disclosure({ class: "constraint", open: shownOutcome !== null }, summary, () => [
    listed([...rows.filter(isFailure), ...rows.filter((row) => !isFailure(row))], faultElement),
  ]);
}

function testElement([test, rows]) {
  return make("section", { class: "operation" }, make("h2", { class: "test", text: data.tests[test] }), ...groupBy(rows, "call").map(callElement));
}

function renderFaults() {
  const { rows, notes, outcomes } = data.faults;
  const buttons = outcomes.map((outcome) => {
    const count = rows.filter((row) => row.outcome === outcome).length;
    const toggle = () => {
      shownOutcome = shownOutcome === outcome ? null : outcome;
      renderFaults();
      byId("panel-faults").querySelectorAll(".choice")[outcomes.indexOf(outcome)].focus();
    };
    return make("button", { type: "button", class: "choice", "aria-pressed": String(shownOutcome === outcome), onclick: toggle }, outcomeMark(outcome), make("span", { text: ` ${outcome} ` }), make("strong", { text: count }));
  });
  const shown = rows.filter((row) => shownOutcome === null || row.outcome === shownOutcome);
  const tests = groupBy(shown, "test");
  const noted = notes.map((note) => make("p", { class: "note" }, make("code", { text: data.tests[note.test] }), `: ${note.reason}`));
  byId("panel-faults").replaceChildren(
    make("p", { class: "lead", text: "Each test that passed was run again for each call and each change of its response; this is how it ended." }),
    make("div", { class: "choices", role: "group", "aria-label": "Outcomes" }, ...buttons),
    tests.length ? listed(tests, testElement, "panel") : make("p", { class: "note", text: "No row." }),
    ...(noted.length ? [make("h2", { text: "Not run again" }), ...noted] : []),
  );
}
