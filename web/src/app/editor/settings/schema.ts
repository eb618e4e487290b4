/** A flow's settings as a schema, so that they are filled in like everything else. */
import { useLingui } from "@lingui/react/macro";
import type { JsonSchema } from "~/api/contract.ts";

export interface SettingsSection {
  title: string;
  schema: JsonSchema;
  /** The field of the document that the schema describes; absent: the document itself. */
  under?: string;
}

const object = (properties: Record<string, JsonSchema>, required: string[] = []): JsonSchema => ({
  type: "object",
  properties,
  required,
});

const years_s = 315_360_000;

export function useSettingsSections(): SettingsSection[] {
  const { t } = useLingui();
  const limits = object({
    timeout_s: {
      type: "integer",
      minimum: 1,
      maximum: years_s,
      title: t`Longest run`,
      description: t`A run that takes longer is ended. Waits count. Empty: no end.`,
      "x-tramo": { widget: "duration" },
    },
    at_once: {
      type: "integer",
      minimum: 1,
      maximum: 100,
      default: 10,
      title: t`Steps side by side`,
      description: t`How many steps of one run may be at work at the same time.`,
      "x-tramo": { advanced: true },
    },
    concurrency: {
      ...object({
        key: {
          type: "string",
          title: t`Counted for each`,
          description: t`A kind of business key, such as order. Empty: all runs of the flow together.`,
          "x-tramo": { widget: "key" },
        },
        at_once: {
          type: "integer",
          minimum: 1,
          default: 1,
          title: t`Runs at the same time`,
        },
        full: {
          enum: ["queue", "replace", "refuse"],
          default: "queue",
          title: t`When there are more`,
          "x-tramo": {
            labels: {
              queue: t`They wait for their turn`,
              replace: t`The oldest one stops for the new one`,
              refuse: t`The new one is cancelled`,
            },
          },
        },
      }),
      title: t`Runs side by side`,
      description: t`Keeps two runs from working on the same thing at once.`,
    },
  });
  const alerts = object({
    to: {
      type: "array",
      items: { type: "string" },
      title: t`Who hears of it`,
      description: t`E-mail addresses, or channels such as #alerts. Nobody: the owners.`,
      "x-tramo": { widget: "people" },
    },
    connection: {
      type: "string",
      title: t`By which account`,
      description: t`What brings the messages. Empty: what brings the workspace's.`,
      "x-tramo": { widget: "connection", advanced: true },
    },
    failed: { type: "boolean", default: true, title: t`Of runs that fail` },
    asking: { type: "boolean", default: true, title: t`Of runs that are in doubt or set aside` },
    expect_runs: {
      ...object(
        {
          at_least: { type: "integer", minimum: 1, title: t`At least` },
          per: {
            enum: ["day", "hour"],
            default: "day",
            title: t`In each`,
            "x-tramo": { labels: { day: t`day`, hour: t`hour` } },
          },
        },
        ["at_least"],
      ),
      title: t`Expected runs`,
      description: t`An alert tells when there are fewer. Empty: none are expected.`,
    },
    pause_after: {
      type: "integer",
      minimum: 0,
      maximum: 1000,
      default: 10,
      title: t`Pause after failures in a row`,
      description: t`0: the flow is never paused by itself.`,
    },
  });
  const general = object(
    {
      name: { type: "string", minLength: 1, maxLength: 200, title: t`Name` },
      language: {
        enum: ["en", "es", "pt", "ro"],
        default: "en",
        title: t`Language`,
        description: t`In which dates, amounts and messages to people are written.`,
        "x-tramo": {
          labels: { en: "English", es: "Español", pt: "Português", ro: "Română" },
        },
      },
      timezone: {
        type: "string",
        default: "UTC",
        title: t`Time zone`,
        description: t`Where the clock of schedules and dates hangs.`,
        "x-tramo": { widget: "timezone" },
      },
    },
    ["name"],
  );
  const keys = object({
    keys: {
      type: "object",
      additionalProperties: { type: "string" },
      title: t`Business keys`,
      description: t`What a run is about beside what its trigger says, such as order: body.order_id. Runs are found by it.`,
      "x-tramo": { widget: "keys" },
    },
  });
  return [
    { title: t`General`, schema: general },
    { title: t`Alerts`, schema: alerts, under: "/alerts" },
    { title: t`Limits`, schema: limits, under: "/limits" },
    { title: t`Business keys`, schema: keys },
  ];
}
