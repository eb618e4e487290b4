import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { renderHook } from "@testing-library/react";
import { expect, it } from "vitest";
import { useFailureText } from "./failure.ts";

const tell = () =>
  renderHook(() => useFailureText(), {
    wrapper: ({ children }) => <I18nProvider i18n={i18n}>{children}</I18nProvider>,
  }).result.current;

it("says a failure as the server said it in the reader's language", () => {
  const failure = {
    code: "step.timeout",
    message: "“Pay” took longer than 30 s.",
    params: { limit_s: 30 },
    said: "A durat mai mult decât limita sa de timp: 30 s.",
  };
  expect(tell()(failure)).toEqual({ said: failure.said, written: null, theirs: true });
});

it("shows what the other side wrote beside it, and none of our English", () => {
  const failure = {
    code: "vendor.rejected",
    message: "“Pay”: Shopify refused the request (422): No such order.",
    params: { title: "Shopify", status: 422, words: "No such order" },
    said: "Shopify a înțeles cererea și a spus nu (422).",
  };
  expect(tell()(failure).written).toBe("No such order");
});

it("names the item of a list whose place another one has taken", () => {
  const failure = {
    code: "loop.items_changed",
    message: "“Each”: something was done for item 3 of the list in the runs before.",
    params: { item: 3 },
  };
  expect(tell()(failure).said).toContain("item 3 of the list");
});
