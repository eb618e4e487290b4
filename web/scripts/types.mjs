// Writes TypeScript types for the published schemas: ../schemas/*.schema.json to src/api/types.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const schemas = fileURLToPath(new URL("../../schemas/", import.meta.url));
const target = fileURLToPath(new URL("../src/api/types/", import.meta.url));

const nameOf = (reference) => reference.split("/").at(-1).replace(/\W/g, "_");

function typeOf(schema, indent) {
  if (schema === true || schema === undefined) return "unknown";
  if (schema.$ref) return nameOf(schema.$ref);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const options = schema.anyOf ?? schema.oneOf;
  if (options) return unionOf(options, indent);
  if (Array.isArray(schema.type)) {
    return unionOf(
      schema.type.map((type) => ({ ...schema, type })),
      indent,
    );
  }
  switch (schema.type) {
    case "string":
    case "boolean":
    case "null":
      return schema.type;
    case "integer":
    case "number":
      return "number";
    case "array":
      return `Array<${typeOf(schema.items, indent)}>`;
    case "object":
      return objectOf(schema, indent);
    default:
      return "unknown";
  }
}

function unionOf(options, indent) {
  return [...new Set(options.map((option) => typeOf(option, indent)))].join(" | ");
}

function objectOf(schema, indent) {
  const required = new Set(schema.required ?? []);
  const inner = `${indent}  `;
  const fields = Object.entries(schema.properties ?? {}).map(([name, field]) => {
    const comment = field.description ? `${inner}/** ${field.description} */\n` : "";
    const mark = required.has(name) ? "" : "?";
    return `${comment}${inner}${JSON.stringify(name)}${mark}: ${typeOf(field, inner)};`;
  });
  const more = schema.additionalProperties;
  if (fields.length === 0) {
    return `{ [name: string]: ${typeof more === "object" ? typeOf(more, indent) : "unknown"} }`;
  }
  return `{\n${fields.join("\n")}\n${indent}}`;
}

const files = existsSync(schemas)
  ? readdirSync(schemas).filter((name) => name.endsWith(".schema.json"))
  : [];
mkdirSync(target, { recursive: true });
for (const file of files) {
  const { $defs = {}, ...root } = JSON.parse(readFileSync(schemas + file, "utf8"));
  const types = Object.entries($defs).map(
    ([name, schema]) => `export type ${nameOf(name)} = ${typeOf(schema, "")};`,
  );
  if (!root.$ref) types.push(`export type Document = ${typeOf(root, "")};`);
  const head = `/** Generated from schemas/${file} by \`npm run types\`. */\n`;
  writeFileSync(target + file.replace(".schema.json", ".ts"), `${head}${types.join("\n\n")}\n`);
  console.log(`${file}: ${types.length} types`);
}
