/** What holds for a flow as a whole: name, language, alerts, limits, keys, keeping, addresses. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Drawer, Stack, Text } from "@mantine/core";
import { useMemo } from "react";
import type { Address } from "~/api/contract.ts";
import { isObject, type Json, type JsonObject } from "~/api/json.ts";
import { SchemaForm } from "~/forms/SchemaForm.tsx";
import { bareScope, type FormScope } from "~/forms/scope.ts";
import { type FlowField, setFlowField } from "~/model/edit.ts";
import { pointerParts, writeAt } from "~/model/pointer.ts";
import { nodeTitle } from "~/model/variable.ts";
import { CopyText } from "~/ui/CopyText.tsx";
import { RetentionForm } from "../../settings/RetentionForm.tsx";
import { useKnown } from "../data.ts";
import { useEditor, useEditorStore, useFlowDocument } from "../store.ts";
import { useSettingsSections } from "./schema.ts";
import classes from "./settings.module.css";

/** Takes objects away that say nothing any more. */
function pruned(value: Json | undefined): Json | undefined {
  if (!isObject(value)) return value;
  const members = Object.entries(value)
    .map(([name, member]) => [name, pruned(member)] as const)
    .filter(([, member]) => member !== undefined);
  return members.length > 0 ? (Object.fromEntries(members) as JsonObject) : undefined;
}

interface FlowSettingsProps {
  addresses: Address[];
  onClose: () => void;
}

export function FlowSettings({ addresses, onClose }: FlowSettingsProps) {
  const { t } = useLingui();
  const store = useEditorStore();
  const flow = useFlowDocument();
  const { types, readOnly } = useKnown();
  const problems = useEditor((state) => state.problems);
  const sections = useSettingsSections();
  const scope = useMemo<FormScope>(
    () => ({
      ...bareScope,
      readOnly,
      types,
      problems: problems.filter((it) => it.node === null).map((it) => it.problem),
    }),
    [readOnly, types, problems],
  );
  const change = (pointer: string, value: Json | undefined) => {
    const { history, perform } = store.getState();
    const next = writeAt(history.flow as unknown as Json, pointer, value) as JsonObject;
    const field = pointerParts(pointer)[0] as FlowField;
    const said = field === "name" ? (value ?? "") : pruned(next[field]);
    perform(setFlowField(history.flow, field, said));
  };
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size={460}
      title={t`Flow settings`}
      classNames={{ title: classes.title }}
    >
      <Stack gap={28}>
        {sections.map(({ title, schema, under }) => (
          <section key={title} className={classes.section}>
            <h2>{title}</h2>
            <SchemaForm
              schema={schema}
              {...(under && { under })}
              value={flow as unknown as Json}
              onChange={change}
              scope={scope}
            />
          </section>
        ))}
        {addresses.length > 0 && (
          <section className={classes.section}>
            <h2>
              <Trans>Addresses</Trans>
            </h2>
            <Stack gap="sm">
              {addresses.map(({ node, url }) => (
                <div key={node}>
                  <Text size="sm" fw={550}>
                    {nodeTitle(flow, types, node)}
                  </Text>
                  <CopyText text={url} label={t`Copy the address`} />
                </div>
              ))}
            </Stack>
          </section>
        )}
        <section className={classes.section}>
          <h2>
            <Trans>Keeping</Trans>
          </h2>
          <RetentionForm flow={flow.id} />
        </section>
      </Stack>
    </Drawer>
  );
}
