import { describe, expect, it } from "vitest";
import {
  askedFields,
  credentialFields,
  credentialOf,
  initialValues,
  missingFields,
} from "./credential.ts";

const fields = credentialFields({
  $ref: "#/$defs/Mailbox",
  $defs: {
    Security: {
      enum: ["starttls", "tls"],
      title: "Security",
      "x-tramo": { labels: { starttls: "STARTTLS" } },
    },
    Mailbox: {
      type: "object",
      required: ["host", "password"],
      properties: {
        host: { type: "string", title: "Server", examples: ["smtp.example.com"] },
        port: { type: "integer", default: 587 },
        security: { $ref: "#/$defs/Security", default: "tls" },
        password: { type: "string", "x-tramo": { secret: true } },
        signing_secret: {
          anyOf: [{ type: "string", format: "password" }, { type: "null" }],
          default: null,
        },
        allowed: { type: "array", items: { type: "string" }, "x-tramo": { advanced: true } },
        verify: { type: "boolean", default: true },
      },
    },
  },
});

describe("a credential's form", () => {
  it("has a field of the right kind for each of its parts", () => {
    expect(fields.map(({ name, kind, required }) => [name, kind, required])).toEqual([
      ["host", "text", true],
      ["port", "number", false],
      ["security", "choice", false],
      ["password", "secret", true],
      ["signing_secret", "secret", false],
      ["allowed", "list", false],
      ["verify", "boolean", false],
    ]);
  });

  it("names a field that its author left without a title", () => {
    expect(fields[4]?.title).toBe("Signing secret");
  });

  it("calls its choices what their author calls them", () => {
    const [, , security] = fields;
    expect(security?.choices).toEqual([
      { value: "starttls", label: "STARTTLS" },
      { value: "tls", label: "Tls" },
    ]);
  });

  it("asks only for what goes with what is chosen, and keeps in sight what has a value", () => {
    const signIn = credentialFields({
      properties: {
        kind: { enum: ["bearer", "basic"], default: "bearer" },
        name: { type: "string", default: "", "x-tramo": { when: { kind: ["basic"] } } },
      },
    });
    const asked = (values: Record<string, string>) =>
      askedFields(signIn, values).map(({ name }) => name);
    expect(asked({ kind: "bearer", name: "" })).toEqual(["kind"]);
    expect(asked({ kind: "basic", name: "" })).toEqual(["kind", "name"]);
    expect(asked({ kind: "bearer", name: "ana" })).toEqual(["kind", "name"]);
  });

  it("begins with what is stored, else with the defaults", () => {
    const values = initialValues(fields, { host: "mail.example.com", allowed: ["a", "b"] });
    expect(values).toMatchObject({
      host: "mail.example.com",
      port: "587",
      security: "tls",
      password: "",
      allowed: "a\nb",
      verify: true,
    });
  });

  it("leaves out what is empty, so that a stored secret stays", () => {
    const values = { ...initialValues(fields), host: " smtp.example.com ", allowed: "a\n\n b " };
    expect(credentialOf(fields, values)).toEqual({
      host: "smtp.example.com",
      port: 587,
      security: "tls",
      allowed: ["a", "b"],
      verify: true,
    });
  });

  it("keeps every character of a secret", () => {
    const values = { ...initialValues(fields), password: " spaced " };
    expect(credentialOf(fields, values).password).toBe(" spaced ");
  });

  it("misses a required secret only while none is stored", () => {
    const values = { ...initialValues(fields), host: "h" };
    expect(missingFields(fields, values)).toEqual(["password"]);
    expect(missingFields(fields, values, ["password"])).toEqual([]);
  });
});
