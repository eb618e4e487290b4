import { MantineProvider } from "@mantine/core";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { Tip } from "./Tip";

afterEach(cleanup);

test("a tip comes to who points at a button, goes with Escape, and leaves the button as it is", async () => {
  render(
    <MantineProvider>
      <Tip label="Shows all of it">
        <button type="button">Fit</button>
      </Tip>
    </MantineProvider>,
  );
  const button = screen.getByRole("button", { name: "Fit" });
  expect(screen.queryByText("Shows all of it")).toBeNull();
  fireEvent.pointerEnter(button, { pointerType: "mouse" });
  await screen.findByText("Shows all of it");
  fireEvent.keyDown(button, { key: "Escape" });
  expect(screen.queryByText("Shows all of it")).toBeNull();
  fireEvent.pointerEnter(button, { pointerType: "mouse" });
  await screen.findByText("Shows all of it");
  fireEvent.pointerLeave(button);
  expect(screen.queryByText("Shows all of it")).toBeNull();
  expect(screen.getByRole("button", { name: "Fit" })).toBe(button);
});
