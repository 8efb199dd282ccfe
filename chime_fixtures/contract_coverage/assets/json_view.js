"use strict";
/* JSON texts as elements: numbers keep their digits, since no value is parsed, and telephone numbers are masked. */

/* Digits that may be a telephone number, in common spellings. */
const DIGITS = /\+\d[\d ().-]{3,}\d|(?<![\w+.-])\(?\d[\d ().-]{7,16}\d(?!\d)/g;
const DATE = /^\d{4}-\d\d?-/;
/* The digits of the numbers with a plus sign, by which one without it is known. */
const knownNumbers = new Set();
const MAX_VISIBLE_CHARACTERS = 8;
const MIN_MASKED_CHARACTERS = 4;
let areNumbersShown = false;

/* An element with text, classes, attributes and children. */
function make(tag, options = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "text") element.append(...textParts(String(value)));
    else if (name === "class") element.className = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/* A text as nodes, with each telephone number in an element of its own. */
function textParts(text) {
  const parts = [];
  let end = 0;
  for (const match of numbersIn(text)) {
    if (match.index > end) parts.push(document.createTextNode(text.slice(end, match.index)));
    const number = document.createElement("span");
    number.className = "number";
    numberTexts.set(number, match[0]);
    number.textContent = shownNumber(match[0]);
    parts.push(number);
    end = match.index + match[0].length;
  }
  if (end < text.length) parts.push(document.createTextNode(text.slice(end)));
  return parts;
}

const numberTexts = new WeakMap();

function shownNumber(text) {
  if (areNumbersShown) return text;
  const visible = Math.min(MAX_VISIBLE_CHARACTERS, text.length - MIN_MASKED_CHARACTERS);
  return text.slice(0, visible) + "•".repeat(MIN_MASKED_CHARACTERS);
}

/* The telephone numbers in a text: with a plus sign, at the begin of a quoted text, or known. */
function numbersIn(text) {
  return [...text.matchAll(DIGITS)].filter((match) => {
    const isQuoted = /["'[=]/.test(text[match.index - 1] ?? "");
    if (match[0].startsWith("+") || knownNumbers.has(match[0])) return true;
    return isQuoted && !DATE.test(match[0]);
  });
}

function maskedText(text) {
  return textParts(text).map((part) => part.textContent).join("");
}

/* Show or mask every telephone number of the page. */
function showNumbers(areShown) {
  areNumbersShown = areShown;
  for (const element of document.querySelectorAll(".number")) element.textContent = shownNumber(numberTexts.get(element));
}

/* The tree of a JSON text: {open, close, members: [[key or null, tree], ...]}, or {raw} for a scalar. */
function parseJson(text) {
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/gs) || [];
  let position = 0;
  function value() {
    const token = tokens[position++];
    if (token !== "{" && token !== "[") return { raw: token };
    const close = token === "{" ? "}" : "]";
    const tree = { open: token, close, members: [] };
    while (tokens[position] !== close) {
      if (tokens[position] === ",") position++;
      let key = null;
      if (token === "{") {
        key = tokens[position];
        position += 2;
      }
      tree.members.push([key, value()]);
    }
    position++;
    return tree;
  }
  return value();
}

function pointerTokens(pointer) {
  return pointer === "" ? [] : pointer.slice(1).split("/").map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/* The index of the member that a token of a pointer leads to; -1 if there is none. */
function memberIndex(tree, token) {
  if (tree.raw !== undefined) return -1;
  if (tree.open === "[") return Number(token) < tree.members.length ? Number(token) : -1;
  return tree.members.findIndex(([key]) => JSON.parse(key) === token);
}

/* A tree with another value at a pointer, or without one if the value is null; trees share what is equal. */
function withValue(tree, tokens, value) {
  if (tokens.length === 0) return value;
  const found = memberIndex(tree, tokens[0]);
  const index = found < 0 ? tree.members.length : found;
  const [key, inner] = tree.members[index] ?? [JSON.stringify(tokens[0]), null];
  const changed = inner === null ? value : withValue(inner, tokens.slice(1), value);
  const members = [...tree.members];
  members.splice(index, 1, ...(changed === null ? [] : [[key, changed]]));
  return { ...tree, members };
}

/* The tree at a pointer, or the last one on the way to it. */
function treeAt(tree, tokens) {
  for (const token of tokens) {
    const index = memberIndex(tree, token);
    if (index < 0) break;
    tree = tree.members[index][1];
  }
  return tree;
}

function kindOf(raw) {
  if (raw.startsWith('"')) return "string";
  return /^[tfn]/.test(raw) ? "word" : "digits";
}

/* A tree as indented text; the marked tree is highlighted. */
function renderJson(tree, marked, parent, indent = "") {
  const target = tree === marked ? parent.appendChild(make("mark")) : parent;
  if (tree.raw !== undefined) {
    target.append(make("span", { class: `json-${kindOf(tree.raw)}`, text: tree.raw }));
    return;
  }
  if (tree.members.length === 0) {
    target.append(tree.open + tree.close);
    return;
  }
  target.append(tree.open);
  tree.members.forEach(([key, inner], index) => {
    target.append(`${index ? "," : ""}\n${indent}  `);
    if (key !== null) target.append(make("span", { class: "json-key", text: key }), ": ");
    renderJson(inner, marked, target, `${indent}  `);
  });
  target.append(`\n${indent}${tree.close}`);
}
