import { afterEach, describe, expect, it } from "vitest";
import { seekFocus } from "./seek.ts";

const frame = () => new Promise((resume) => requestAnimationFrame(resume));
const draw = (id: string) => {
  const field = document.createElement("input");
  field.id = id;
  document.body.append(field);
  return field;
};
const find = (id: string) => () => document.getElementById(id);

let stop = () => {};
afterEach(() => {
  stop();
  document.body.replaceChildren();
});

describe("the focus that is brought to what is still to be drawn", () => {
  it("arrives however late that is, and is brought back once it is taken", async () => {
    stop = seekFocus(find("late"));
    const other = draw("other");
    await frame();
    const late = draw("late");
    await frame();
    await frame();
    expect(document.activeElement).toBe(late);
    other.focus();
    await frame();
    await frame();
    expect(document.activeElement).toBe(late);
  });

  it("goes nowhere once the person has turned to something else", async () => {
    stop = seekFocus(find("late"));
    draw("other").focus();
    document.body.dispatchEvent(new Event("pointerdown", { bubbles: true }));
    draw("late");
    await frame();
    await frame();
    expect(document.activeElement?.id).toBe("other");
  });

  it("goes to the last one that was asked for", async () => {
    seekFocus(find("first"));
    stop = seekFocus(find("second"));
    draw("first");
    draw("second");
    await frame();
    await frame();
    expect(document.activeElement?.id).toBe("second");
  });
});
