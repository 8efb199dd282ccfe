// Proxy sessions: read from JSON, written as CSV (RFC 4180), and read from that.
import { readFileSync } from "node:fs";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

export interface Session {
  ProxySessionId?: string;
  Name?: string;
}

const ajv = new Ajv2020({ strict: false });
addFormats(ajv);
const isValid = ajv.compile(JSON.parse(readFileSync("proxy_session.schema.json", "utf8")));

/** The session of a JSON text; throws an error if it violates the schema. */
export function parse(text: string): Session {
  const session = JSON.parse(text);
  if (!isValid(session)) throw new Error(ajv.errorsText(isValid.errors));
  return session as Session;
}

/** The id and the name of each session, a record a line. */
export function toCsv(sessions: Session[]): string {
  return sessions.map(({ ProxySessionId, Name }) => `${quote(ProxySessionId)},${quote(Name)}\r\n`).join("");
}

/** The fields of each record. */
export function fromCsv(text: string): string[][] {
  const records = text.matchAll(/"((?:[^"]|"")*)","((?:[^"]|"")*)"\r\n/g);
  return [...records].map(([, ...fields]) => fields.map((field) => field.replaceAll('""', '"')));
}

function quote(field = ""): string {
  return `"${field.replaceAll('"', '""')}"`;
}
