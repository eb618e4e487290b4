/** Vite plugin that expands the lingui macros; everything else in a file is left as it is. */
import { transformAsync } from "@babel/core";
import type { Plugin } from "vite";

export function linguiMacro(): Plugin {
  return {
    name: "lingui-macro",
    enforce: "pre",
    async transform(code, id) {
      const file = id.split("?")[0] ?? id;
      if (
        !/\.tsx?$/.test(file) ||
        file.includes("node_modules") ||
        !/@lingui\/\w+\/macro/.test(code)
      ) {
        return null;
      }
      const result = await transformAsync(code, {
        filename: file,
        babelrc: false,
        configFile: false,
        sourceMaps: true,
        parserOpts: { plugins: file.endsWith("x") ? ["typescript", "jsx"] : ["typescript"] },
        plugins: ["@lingui/babel-plugin-lingui-macro"],
      });
      return result?.code ? { code: result.code, map: result.map } : null;
    },
  };
}
