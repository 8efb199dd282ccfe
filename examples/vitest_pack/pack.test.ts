// Every case of a pack as a test, whose title is the id of the case.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

interface Case {
  id: string;
  instance: any;
  contested: string[];
  lossy: boolean;
}

const pack: Record<string, Case[]> = JSON.parse(readFileSync("pack.json", "utf8"));
const { parse, toCsv, fromCsv } = await import(/* @vite-ignore */ `./${process.env.SESSIONS ?? "sessions"}.ts`);

/** The cases on which validators agree, and whose numbers `JSON.parse` reads exactly, each after its title. */
const titled = (cases: Case[]) =>
  cases.filter((each) => !each.contested.length && !each.lossy).map((each) => [each.id, each] as const);

/** ajv-formats accepts these timestamps of ISO 8601 as `date-time`, which RFC 3339 does not. */
const isTolerated = ({ id }: Case) => /\.format\.(blank-for-t|offset-without-colon|offset-of-hours)$/.test(id);

function survive(instances: any[]) {
  const sessions = instances.map((each) => parse(JSON.stringify(each)));
  expect(sessions).toEqual(instances);
  expect(fromCsv(toCsv(sessions))).toEqual(instances.map((each) => [each.ProxySessionId ?? "", each.Name ?? ""]));
}

describe.each(["edges", "hazards", "lists"])("%s", (kind) => {
  it.each(titled(pack[kind]))("%s", (_, { instance }) => survive(kind === "lists" ? instance : [instance]));
});

describe("violations", () => {
  const isRejected = (_: string, { instance }: Case) => expect(() => parse(JSON.stringify(instance))).toThrow();
  it.each(titled(pack.violations.filter((each) => !isTolerated(each))))("%s", isRejected);
  it.fails.each(titled(pack.violations.filter(isTolerated)))("%s", isRejected);
});
