import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { Plural, Trans } from "@lingui/react/macro";
import { render } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";

const hostile = `<0>bold</0><script>alert('{name}')</script><br/>`;

const show = (sentence: React.ReactNode) =>
  render(<I18nProvider i18n={i18n}>{sentence}</I18nProvider>).container;

afterEach(() => vi.restoreAllMocks());

describe("a sentence", () => {
  it("shows what somebody wrote as text, letter for letter, and complains of nothing", () => {
    const complain = vi.spyOn(console, "error");
    const name = hostile;
    const shown = show(
      <Trans>
        Hello <b>{name}</b>, and {name}
      </Trans>,
    );
    expect(shown.textContent).toBe(`Hello ${hostile}, and ${hostile}`);
    expect([...shown.querySelectorAll("*")].map((it) => it.tagName)).toEqual(["B"]);
    expect(complain).not.toHaveBeenCalled();
  });

  it("keeps its own elements and counts beside such a text", () => {
    const name = hostile;
    const count = 2;
    const shown = show(
      <Trans>
        <Plural value={count} one="# step" other="# steps" /> of <em>{name}</em>
      </Trans>,
    );
    expect(shown.textContent).toBe(`2 steps of ${hostile}`);
    expect(shown.querySelector("em")?.textContent).toBe(hostile);
  });
});
