/** Reads the editor's own source as syntax trees, for the rules about its texts. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { type PluginObj, transformSync } from "@babel/core";

const root = join(import.meta.dirname, "../../src");

/** Every source file that goes into the editor, by its path under `src`. */
export function sourceFiles(ending = /\.tsx?$/): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter(
      (entry) => entry.isFile() && ending.test(entry.name) && !/\.test\.|\.d\.ts/.test(entry.name),
    )
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

export const readSource = (file: string): string => readFileSync(join(root, file), "utf8");

/** Runs babel plugins over the text of one source file. */
export function walk(file: string, text: string, plugins: (string | (() => PluginObj))[]): void {
  transformSync(text, {
    filename: join(root, file),
    babelrc: false,
    configFile: false,
    code: false,
    parserOpts: { plugins: file.endsWith("x") ? ["typescript", "jsx"] : ["typescript"] },
    plugins,
  });
}
