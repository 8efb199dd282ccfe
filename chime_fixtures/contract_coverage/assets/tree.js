"use strict";
/* The tree of members by the WAI-ARIA tree pattern: arrows, Home, End, Enter, Space, * and typing the begin of a name. */

const TYPING_MILLISECONDS = 700;

class MemberTree {
  /* list: the element with role tree; label(node, number): its content; onSelect(number). */
  constructor(list, nodes, label, onSelect) {
    this.list = list;
    this.nodes = nodes;
    this.label = label;
    this.onSelect = onSelect;
    this.items = new Map();
    this.visible = null;
    this.selected = 0;
    this.parents = [];
    nodes.forEach((node, number) => node.children.forEach((child) => (this.parents[child] = number)));
    this.typed = "";
    this.typedAt = 0;
    list.addEventListener("click", (event) => this.onClick(event));
    list.addEventListener("keydown", (event) => this.onKey(event));
    this.render();
  }

  render() {
    this.items.clear();
    this.list.replaceChildren(this.item(0));
    this.open(0);
    this.focusable(this.items.has(this.selected) ? this.selected : 0);
  }

  item(number) {
    const node = this.nodes[number];
    const row = make("div", { class: "row" });
    const item = make("li", { role: "treeitem", id: `member-${number}`, tabindex: "-1", "aria-selected": "false" }, row);
    if (node.children.length > 0) item.setAttribute("aria-expanded", "false");
    row.append(make("span", { class: "twisty", "aria-hidden": "true" }));
    row.append(this.label(node, number));
    this.items.set(number, item);
    return item;
  }

  numberOf(item) {
    return Number(item.id.slice("member-".length));
  }

  isShown(number) {
    return this.visible === null || this.visible.has(number);
  }

  open(number) {
    const item = this.items.get(number);
    if (!item.hasAttribute("aria-expanded")) return;
    if (!item.querySelector(":scope > ul")) {
      const children = this.nodes[number].children.filter((child) => this.isShown(child));
      item.append(make("ul", { role: "group" }, ...children.map((child) => this.item(child))));
    }
    item.setAttribute("aria-expanded", "true");
  }

  close(number) {
    const item = this.items.get(number);
    if (item.hasAttribute("aria-expanded")) item.setAttribute("aria-expanded", "false");
  }

  isOpen(number) {
    return this.items.get(number).getAttribute("aria-expanded") === "true";
  }

  openAll() {
    this.nodes.forEach((node, number) => this.items.has(number) && this.open(number));
  }

  /* Open every item above a member, and select it. */
  reveal(number) {
    const path = [];
    for (let outer = this.parents[number]; outer !== undefined; outer = this.parents[outer]) path.unshift(outer);
    if (!path.concat(number).every((each) => this.isShown(each))) return false;
    path.forEach((each) => this.open(each));
    this.select(number);
    return true;
  }

  select(number, { isFocused = false } = {}) {
    const before = this.items.get(this.selected);
    if (before) before.setAttribute("aria-selected", "false");
    this.selected = number;
    this.items.get(number).setAttribute("aria-selected", "true");
    this.focusable(number);
    if (isFocused) this.items.get(number).focus();
    this.onSelect(number);
  }

  focusable(number) {
    for (const item of this.list.querySelectorAll('[tabindex="0"]')) item.tabIndex = -1;
    this.items.get(number).tabIndex = 0;
  }

  focus(number) {
    this.focusable(number);
    const item = this.items.get(number);
    item.focus({ preventScroll: true });
    item.querySelector(".row").scrollIntoView({ block: "nearest" });
  }

  /* The members that are on the screen, in their order. */
  shown() {
    const found = [];
    const visit = (number) => {
      found.push(number);
      if (this.isOpen(number)) this.nodes[number].children.filter((child) => this.items.has(child)).forEach(visit);
    };
    visit(0);
    return found;
  }

  /* Show only these members, with those above them; null for all. */
  filter(matching) {
    this.visible = matching;
    if (matching !== null) {
      const shown = new Set();
      for (let number of matching) for (; number !== undefined; number = this.parents[number]) shown.add(number);
      this.visible = shown.add(0);
    }
    this.render();
    if (matching !== null) [...this.visible].sort((left, right) => left - right).forEach((number) => this.open(number));
    const selected = this.items.get(this.selected);
    if (selected) selected.setAttribute("aria-selected", "true");
  }

  onClick(event) {
    const item = event.target.closest('[role="treeitem"]');
    if (!item) return;
    const number = this.numberOf(item);
    if (event.target.closest(".twisty") || this.selected === number) this.isOpen(number) ? this.close(number) : this.open(number);
    else this.open(number);
    this.select(number, { isFocused: true });
  }

  onKey(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const item = event.target.closest('[role="treeitem"]');
    if (!item) return;
    const number = this.numberOf(item);
    const shown = this.shown();
    const index = shown.indexOf(number);
    const to = (target) => target !== undefined && this.focus(target);
    const actions = {
      ArrowDown: () => to(shown[index + 1]),
      ArrowUp: () => to(shown[index - 1]),
      ArrowRight: () => (this.isOpen(number) ? to(shown[index + 1]) : this.open(number)),
      ArrowLeft: () => (this.isOpen(number) ? this.close(number) : to(this.parents[number])),
      Home: () => to(shown[0]),
      End: () => to(shown[shown.length - 1]),
      Enter: () => this.select(number),
      " ": () => this.select(number),
      "*": () => [number, ...(this.nodes[this.parents[number]]?.children ?? [])].forEach((each) => this.items.has(each) && this.open(each)),
    };
    if (event.key === "ArrowRight" && !item.hasAttribute("aria-expanded")) return;
    if (actions[event.key]) actions[event.key]();
    else if (event.key.length === 1) this.type(event, shown, index);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /* Focus the next member whose name begins with what was typed. */
  type(event, shown, index) {
    this.typed = event.timeStamp - this.typedAt > TYPING_MILLISECONDS ? event.key : this.typed + event.key;
    this.typedAt = event.timeStamp;
    const begin = this.typed.toLowerCase();
    const start = begin.length > 1 ? index : index + 1;
    const order = [...shown.slice(start), ...shown.slice(0, start)];
    const target = order.find((each) => this.nodes[each].name.toLowerCase().startsWith(begin));
    if (target !== undefined) this.focus(target);
  }
}
