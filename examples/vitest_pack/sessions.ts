// Proxy sessions: read from JSON, written as records of CSV (RFC 4180), and read from them.
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

/** The id and the name of a session as a record. */
export function toRecord(session: Session): string {
  return [session.ProxySessionId, session.Name].map((field) => quote(field ?? "")).join(",");
}

/** The fields of a record. */
export function fieldsOf(record: string): string[] {
  return [...record.matchAll(/"((?:[^"]|"")*)"/g)].map(([, field]) => field.replaceAll('""', '"'));
}

function quote(field: string): string {
  return `"${field.replaceAll('"', '""')}"`;
}
