// Holds the import directions of the rooms: model knows no React, only canvas knows React Flow.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const source = fileURLToPath(new URL("../src", import.meta.url));
const forbidden = [
  {
    room: /^model\//,
    imports: /^(react|react-dom|zustand|@mantine|@xyflow|@lingui\/react|@tanstack)/,
  },
  { room: /^model\//, imports: /^~\/(?!model\/|api\/(json|contract)(?:\.ts)?$)/ },
  { room: /^(?!canvas\/)/, imports: /^@xyflow\// },
  { room: /^api\//, imports: /^~\/(canvas|forms|runs|app)\// },
  { room: /^forms\//, imports: /^~\/(canvas|app)\// },
  { room: /^canvas\//, imports: /^~\/(app|forms)\// },
];

function walk(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? walk(path) : /\.tsx?$/.test(entry.name) ? [path] : [];
  });
}

const broken = [];
for (const path of walk(source)) {
  const name = relative(source, path);
  if (name.includes(".test.")) continue;
  const text = readFileSync(path, "utf8");
  for (const match of text.matchAll(/(?:from|import)\s*\(?\s*["']([^"']+)["']/g)) {
    let target = match[1];
    if (target.startsWith("..")) target = `~/${relative(source, join(path, "..", target))}`;
    for (const rule of forbidden) {
      if (rule.room.test(name) && rule.imports.test(target)) {
        broken.push(`src/${name} must not import ${target}`);
      }
    }
  }
  const lines = text.split("\n").length;
  if (lines > 500) broken.push(`src/${name} has ${lines} lines; the limit is 500`);
}
if (broken.length > 0) {
  console.error(broken.join("\n"));
  process.exit(1);
}
