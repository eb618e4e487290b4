import { afterEach, expect, test } from "vitest";
import { cspNonce } from "./nonce.ts";

afterEach(() => document.head.replaceChildren());

function servedWith(content: string): string {
  const meta = document.createElement("meta");
  meta.name = "csp-nonce";
  meta.content = content;
  document.head.append(meta);
  return cspNonce();
}

test("a nonce that begins with underscores is a nonce", () => {
  expect(servedWith("__P121aRD5N3u30B5WXH_w")).toBe("__P121aRD5N3u30B5WXH_w");
});

test("a page that no server has prepared has no nonce", () => {
  expect(servedWith("__CSP_NONCE__")).toBe("");
});
