import { render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { useCommandKeys } from "./keys.ts";
import { letLettersWork } from "./letters.ts";
import { type AppCommand, useCommands, useShortcut } from "./registry.ts";
import { ariaShortcut, isPressed, isSingleCharacter, shownShortcut } from "./shortcut.ts";

const press = (key: string, more: Partial<KeyboardEvent> = {}) => ({
  key,
  code: "",
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...more,
});

test("Mod is the command key on Apple's machines and Ctrl on others", () => {
  expect(isPressed(press("z", { ctrlKey: true }), "Mod+Z", false)).toBe(true);
  expect(isPressed(press("z", { ctrlKey: true }), "Mod+Z", true)).toBe(false);
  expect(isPressed(press("z", { metaKey: true }), "Mod+Z", true)).toBe(true);
  expect(isPressed(press("Z", { ctrlKey: true, shiftKey: true }), "Mod+Z", false)).toBe(false);
});

test("a letter is the printed one, or its place where the keyboard has no Latin letters", () => {
  const french = press("a", { code: "KeyQ" });
  expect([isPressed(french, "A"), isPressed(french, "Q")]).toEqual([true, false]);
  expect(isPressed(press("я", { code: "KeyZ" }), "Z")).toBe(true);
});

test("a sign counts whether or not the keyboard needs Shift for it", () => {
  expect(isPressed(press("?", { shiftKey: true }), "?")).toBe(true);
  expect(isPressed(press("?"), "?")).toBe(true);
  expect(isPressed(press("1", { code: "Digit1", shiftKey: true }), "Shift+1")).toBe(true);
  expect(isPressed(press("!", { code: "Digit1", shiftKey: true }), "Shift+1")).toBe(true);
});

test("shortcuts are shown as the person's keyboard has them, and told to screen readers", () => {
  expect(shownShortcut("Mod+Shift+Z", false)).toBe("Ctrl+Shift+Z");
  expect(shownShortcut("Mod+Shift+Z", true)).toBe("⌘⇧Z");
  expect(ariaShortcut("Mod+K", false)).toBe("Control+K");
  expect(["N", "Shift+T", "?", "Mod+K", "Enter"].map(isSingleCharacter)).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
});

const title = { id: "test", message: "Test" };

function Offering({ commands }: { commands: AppCommand[] }) {
  useCommands(commands);
  return <span>{useShortcut("node.add") ?? "none"}</span>;
}

function Page({ commands, above }: { commands: AppCommand[]; above?: AppCommand[] }) {
  useCommandKeys();
  return (
    <>
      <Offering commands={commands} />
      {above && <Offering commands={above} />}
      <input aria-label="text" />
      <button type="button">push</button>
    </>
  );
}

const commandOf = (more: Partial<AppCommand>): AppCommand => ({
  id: "node.add",
  title,
  group: "node",
  shortcut: "N",
  run: vi.fn(),
  ...more,
});

test("keys give commands, but stand back while somebody types", async () => {
  const user = userEvent.setup();
  const add = commandOf({});
  const save = commandOf({ id: "flow.save", shortcut: "Mod+S", heard: "everywhere" });
  const page = render(<Page commands={[add, save]} />);
  await user.keyboard("n");
  expect(add.run).toHaveBeenCalledTimes(1);
  await user.click(page.getByLabelText("text"));
  await user.keyboard("n{Control>}s{/Control}");
  expect(add.run).toHaveBeenCalledTimes(1);
  expect(save.run).toHaveBeenCalledTimes(1);
  expect(page.getByText("N")).toBeTruthy();
});

test("a field leaves undo to the page until somebody types in it", async () => {
  const user = userEvent.setup();
  const undo = commandOf({ id: "edit.undo", shortcut: "Mod+Z", heard: "untouched" });
  const page = render(<Page commands={[undo]} />);
  await user.click(page.getByLabelText("text"));
  await user.keyboard("{Control>}z{/Control}");
  expect(undo.run).toHaveBeenCalledTimes(1);
  await user.keyboard("a{Control>}z{/Control}");
  expect(undo.run).toHaveBeenCalledTimes(1);
});

test("Enter on a button presses the button, and opens no node", async () => {
  const user = userEvent.setup();
  const open = commandOf({ shortcut: "Enter", heard: "canvas" });
  const page = render(<Page commands={[open]} />);
  page.getByText("push").focus();
  await user.keyboard("{Enter}");
  expect(open.run).not.toHaveBeenCalled();
  page.getByText("push").blur();
  await user.keyboard("{Enter}");
  expect(open.run).toHaveBeenCalledTimes(1);
});

test("what was offered last has the keys, and gives them back", async () => {
  const user = userEvent.setup();
  const [below, above] = [commandOf({}), commandOf({})];
  const page = render(<Page commands={[below]} above={[above]} />);
  await user.keyboard("n");
  page.rerender(<Page commands={[below]} />);
  await user.keyboard("n");
  expect([above.run, below.run].map((it) => vi.mocked(it).mock.calls.length)).toEqual([1, 1]);
});

test("single characters can be switched off; a command that cannot be given is not", async () => {
  const user = userEvent.setup();
  const add = commandOf({});
  const off = commandOf({ id: "edit.undo", shortcut: "Mod+Z", enabled: () => false });
  render(<Page commands={[add, off]} />);
  letLettersWork(false);
  await user.keyboard("n{Control>}z{/Control}");
  letLettersWork(true);
  expect(add.run).not.toHaveBeenCalled();
  expect(off.run).not.toHaveBeenCalled();
  await user.keyboard("n");
  expect(add.run).toHaveBeenCalledTimes(1);
});
