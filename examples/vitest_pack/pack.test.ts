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
const { parse, toRecord, fieldsOf } = await import(/* @vite-ignore */ `./${process.env.SESSIONS ?? "sessions"}.ts`);

/** The cases on which validators agree, and whose numbers `JSON.parse` reads exactly, each after its title. */
const titled = (cases: Case[]) =>
  cases.filter((each) => !each.contested.length && !each.lossy).map((each) => [each.id, each] as const);

/** ajv-formats accepts these timestamps of ISO 8601 as `date-time`, which RFC 3339 does not. */
const isTolerated = ({ id }: Case) => /\.format\.(blank-for-t|offset-without-colon|offset-of-hours)$/.test(id);

describe.each(["edges", "hazards"])("%s", (kind) => {
  it.each(titled(pack[kind]))("%s", (_, { instance }) => {
    const session = parse(JSON.stringify(instance));
    expect(session).toEqual(instance);
    expect(fieldsOf(toRecord(session))).toEqual([instance.ProxySessionId ?? "", instance.Name ?? ""]);
  });
});

describe("violations", () => {
  const isRejected = (_: string, { instance }: Case) => expect(() => parse(JSON.stringify(instance))).toThrow();
  it.each(titled(pack.violations.filter((each) => !isTolerated(each))))("%s", isRejected);
  it.fails.each(titled(pack.violations.filter(isTolerated)))("%s", isRejected);
});
