"use strict";
/* The goals of operations: outcomes and requests. */

function goalElement(goal) {
  const title = make("span", { class: "case-title line" }, make("code", { text: goal.label }), goal.pointer ? make("span", { class: "case-summary", text: goal.pointer }) : null);
  return disclosure({ class: "case" }, [sign(isMet(goal) ? "met" : "none"), title, ...columnMarks(goal)], () => {
    const parts = [...testLists(goal), ...hintPart(goal)];
    return parts.length ? parts : [make("p", { class: "note", text: "No test met it." })];
  });
}

function renderOperations() {
  byId("panel-operations").replaceChildren(
    ...data.operations.map((operation) => {
      const sets = [...new Set(operation.goals.map((goal) => goal.set))];
      const groups = sets.map((set) => {
        const goals = operation.goals.filter((goal) => goal.set === set);
        const met = goals.filter(isMet).length;
        const state = met === goals.length ? "met" : met ? "part" : "none";
        const summary = [sign(state), make("span", { class: "keyword", text: SETS[set].toLowerCase() }), make("span", { class: "limit" }), make("span", { class: "counts", text: `${met} of ${goals.length} met` })];
        return disclosure({ class: "constraint", open: set === "outcomes" }, summary, () => [listed(goals, goalElement)]);
      });
      return make("section", { class: "operation" }, make("h2", { text: operation.name || "Other goals" }), ...groups);
    }),
  );
}
