/** No component holds a text of its own: whatever people read or hear comes from a catalogue. */
import type { NodePath, PluginObj, types } from "@babel/core";
import { describe, expect, it } from "vitest";
import { readSource, sourceFiles, walk } from "./source.ts";

/** Attributes and fields whose value is seen or read out. */
const spoken = new Set([
  "alt",
  "aria-description",
  "aria-label",
  "aria-roledescription",
  "aria-valuetext",
  "description",
  "error",
  "label",
  "nothingFoundMessage",
  "placeholder",
  "title",
]);

/** Words that are the same in every language. */
const universal = /^(JSON|HTTP|URL|ID|SKU|API|CSV|Tramo)$/;

const isText = (text: string): boolean => /\p{L}{2}/u.test(text) && !universal.test(text.trim());

function isTranslated(path: NodePath): boolean {
  return (
    path.findParent((parent) => {
      if (!parent.isJSXElement()) return false;
      const opening = parent.node.openingElement;
      const name = opening.name.type === "JSXIdentifier" ? opening.name.name : "";
      const untranslatable = opening.attributes.some(
        (attribute) =>
          attribute.type === "JSXAttribute" &&
          attribute.name.name === "translate" &&
          attribute.value?.type === "StringLiteral" &&
          attribute.value.value === "no",
      );
      return name === "Trans" || untranslatable;
    }) !== null
  );
}

function literalsIn(file: string, text: string): string[] {
  const found: string[] = [];
  const report = (node: types.Node, text: string) =>
    found.push(`src/${file}:${node.loc?.start.line}: ${text.trim().slice(0, 60)}`);
  const finder = (): PluginObj => ({
    visitor: {
      JSXText(path) {
        if (isText(path.node.value) && !isTranslated(path)) report(path.node, path.node.value);
      },
      JSXExpressionContainer(path) {
        const { expression } = path.node;
        if (expression.type !== "StringLiteral" || !path.parentPath.isJSXElement()) return;
        if (isText(expression.value) && !isTranslated(path)) report(expression, expression.value);
      },
      JSXAttribute(path) {
        const { value, name } = path.node;
        if (value?.type !== "StringLiteral" || !spoken.has(String(name.name))) return;
        if (isText(value.value)) report(value, value.value);
      },
      ObjectProperty(path) {
        const { key, value } = path.node;
        const name = key.type === "Identifier" ? key.name : "";
        if (value.type !== "StringLiteral" || !spoken.has(name)) return;
        if (/\p{Lu}\p{Ll}|\p{L} \p{L}/u.test(value.value) && isText(value.value)) {
          report(value, value.value);
        }
      },
    },
  });
  walk(file, text, [finder]);
  return found;
}

describe("components", () => {
  it("hold no text of their own", () => {
    const found = sourceFiles(/\.tsx$/).flatMap((file) => literalsIn(file, readSource(file)));
    expect(found).toEqual([]);
  });

  it("are caught where they do", () => {
    const component = `
      const columns = [{ title: "Order number" }, { title: "state" }];
      export const Row = () => (
        <li title="Double click to open">
          Nothing here {"or there"}
          <Trans>This one is in the catalogue</Trans>
          <b translate="no">Tramo</b>
          <img alt="" src="/icon.svg" />
        </li>
      );`;
    expect(literalsIn("Row.tsx", component).map((line) => line.split(": ")[1])).toEqual([
      "Order number",
      "Double click to open",
      "Nothing here",
      "or there",
    ]);
  });
});
