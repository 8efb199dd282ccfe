// Validates files of the JSON Schema test suite with ajv; prints each test with another verdict as [file, id] in one line.
import { readFileSync } from "node:fs";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const disagreements = [];
let count = 0;
for (const file of process.argv.slice(2)) {
  for (const { schema, tests } of JSON.parse(readFileSync(file, "utf8"))) {
    // Strict: an unknown keyword or format, or an ambiguous schema, is an error.
    const ajv = new Ajv2020({ strict: true });
    addFormats(ajv);
    const isValid = ajv.compile(schema);
    for (const { description, data, valid } of tests) {
      count++;
      if (isValid(data) !== valid) disagreements.push([file, description]);
    }
  }
}
console.log(JSON.stringify({ count, disagreements }));
