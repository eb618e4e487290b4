import { Trans } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { Plus } from "lucide-react";
import { type ClipboardEvent, type KeyboardEvent, useRef } from "react";
import type { JsonSchema } from "~/api/contract.ts";
import { isObject, type Json } from "~/api/json.ts";
import { pointerTo } from "~/model/pointer.ts";
import { blankOf, fieldKind, resolveSchema } from "~/model/schema.ts";
import { Field } from "../Field.tsx";
import classes from "../form.module.css";
import { RowTools } from "../RowTools.tsx";
import { moved, useReorder } from "../reorder.ts";
import { useScope } from "../scope.ts";
import type { ControlProps } from "./Control.tsx";
import { itemsIn } from "./pasted.ts";

/** Items one below the other, each a field of its own; several that are pasted are several items. */
export function ListControl(props: ControlProps) {
  const { title, schema, root, pointer, value, onChange, onChangeAt } = props;
  const { readOnly } = useScope();
  const box = useRef<HTMLDivElement>(null);
  const items = Array.isArray(value) ? value : [];
  const itemSchema = itemSchemaOf(schema, root);
  const move = (from: number, to: number) => onChange(moved(items, from, to));
  const reorder = useReorder(items.length, move);
  const remove = (index: number) => {
    const left = items.filter((_, at) => at !== index);
    onChange(left.length > 0 ? left : undefined);
  };
  const add = (at = items.length) => {
    onChange([...items.slice(0, at), blankOf(itemSchema, root), ...items.slice(at)]);
    // The new row is drawn by then.
    setTimeout(() => {
      const row = box.current?.querySelectorAll<HTMLElement>(":scope > [data-row]")[at];
      row?.querySelector<HTMLElement>("input, textarea, [contenteditable]")?.focus();
    });
  };
  /** Enter ends an item and begins the next, as it does in a list on paper. */
  const press = (index: number) => (event: KeyboardEvent) => {
    const { target } = event;
    const plain = !(event.ctrlKey || event.metaKey || event.altKey || event.shiftKey);
    if (event.key !== "Enter" || !plain || event.nativeEvent.isComposing || readOnly) return;
    if (event.defaultPrevented || !(target instanceof HTMLInputElement)) return;
    if (target.getAttribute("role") === "combobox" || target.value.trim() === "") return;
    if (fieldKind(itemSchema) !== "text") return;
    event.preventDefault();
    add(index + 1);
  };
  const paste = (index: number) => (event: ClipboardEvent) => {
    const pasted = itemsIn(event.clipboardData.getData("text"), itemSchema);
    if (fieldKind(itemSchema) !== "text" || pasted.length < 2 || readOnly) return;
    event.preventDefault();
    const own = items[index];
    const before: Json[] = own === "" || own == null ? [] : [own];
    onChange([...items.slice(0, index), ...before, ...pasted, ...items.slice(index + 1)]);
  };
  return (
    <div className={classes.rows} ref={box}>
      {items.map((item, index) => (
        <div
          // biome-ignore lint/suspicious/noArrayIndexKey: items have no identity but their place.
          key={index}
          className={classes.row}
          data-row
          data-over={reorder.over === index && reorder.from !== index ? "" : undefined}
          data-dragged={reorder.from === index || undefined}
        >
          {/* biome-ignore lint/a11y/noStaticElementInteractions: it hears the keys of the field in it. */}
          <div className={classes.grow} onPasteCapture={paste(index)} onKeyDown={press(index)}>
            <Field
              name={`${title} ${index + 1}`}
              schema={{ ...itemSchemaOf(schema, root, item), title: `${title} ${index + 1}` }}
              root={root}
              pointer={pointer + pointerTo(index)}
              required={false}
              value={item}
              siblings={{}}
              onChange={(at, next) => {
                const own = at === pointer + pointerTo(index);
                onChangeAt(at, own && next === undefined ? "" : next);
              }}
              untitled
            />
          </div>
          {!readOnly && (
            <RowTools
              index={index}
              count={items.length}
              reorder={reorder}
              onMove={move}
              onRemove={() => remove(index)}
            />
          )}
        </div>
      ))}
      {!readOnly && (
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<Plus size={14} />}
          onClick={() => add()}
        >
          <Trans>Add</Trans>
        </Button>
      )}
    </div>
  );
}

/** The schema of an item; of "a text or an object", the one that the item is. */
function itemSchemaOf(schema: JsonSchema, root: JsonSchema, item?: Json): JsonSchema {
  const items = resolveSchema(isObject(schema.items) ? schema.items : {}, root);
  const branches = Array.isArray(items.anyOf) ? items.anyOf.filter(isObject) : [];
  const resolved = branches.map((branch) => resolveSchema(branch, root));
  const fitting = resolved.find((it) => isObject(it.properties) === isObject(item));
  return fitting ?? resolved[0] ?? items;
}
