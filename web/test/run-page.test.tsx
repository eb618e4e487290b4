/** What people do with one run: answer, hurry, try again, and find their way through its items. */
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { expectNoBarriers, openPage, serveFixture } from "./page.tsx";

const title = (name: string | RegExp) => screen.findByRole("heading", { level: 1, name });
const sentTo = (calls: ReturnType<typeof serveFixture>, path: string) =>
  JSON.parse(calls.find((call) => call.method === "POST" && call.path === path)?.body ?? "null");

afterEach(() => void vi.unstubAllGlobals());

describe("a run's page", () => {
  it("says in words what a step waits for, and lets it go on", async () => {
    const calls = serveFixture();
    openPage("/runs/run_paid");
    await title(/1035/);
    await userEvent.click(await screen.findByRole("button", { name: /Tell the team/ }));
    await screen.findByText("It waits for “Order created” for Order #1035.");
    await screen.findByText(
      "It stops waiting when “Order created” comes for Customer ines@example.com.",
    );
    screen.getByText(/^Until .* at the latest/);
    await expectNoBarriers();
    await userEvent.click(screen.getByRole("button", { name: "Go on now" }));
    await waitFor(() => expect(sentTo(calls, "/runs/run_paid/steps/tell/hurry")).toEqual({}));
  });

  it("puts its question at the top, and sends the answer with a word about it", async () => {
    const calls = serveFixture();
    openPage("/runs/run_ask");
    const question = await screen.findByRole("region", { name: "“Tell the team” asks" });
    within(question).getByText("Refund 612.50 € to Inés?");
    within(question).getByText("612.50");
    await expectNoBarriers();
    await userEvent.type(within(question).getByLabelText(/Add a word/), "Photo seen");
    await userEvent.click(within(question).getByRole("button", { name: "Yes" }));
    await waitFor(() =>
      expect(sentTo(calls, "/runs/run_ask/steps/tell/reply")).toEqual({
        port: "yes",
        data: { comment: "Photo seen" },
      }),
    );
  });

  it("keeps a refused answer on the page, with the reason", async () => {
    serveFixture((method, path) =>
      method === "POST" && path.endsWith("/reply")
        ? {
            status: 409,
            body: { code: "approval.not_open", message: "Somebody has answered.", params: {} },
          }
        : undefined,
    );
    openPage("/runs/run_ask");
    await userEvent.click(await screen.findByRole("button", { name: "No" }));
    expect((await screen.findByRole("alert")).textContent).toBe("Somebody has answered.");
  });

  it("lets a failed run have another try from where it failed", async () => {
    const calls = serveFixture();
    openPage("/runs/run_failed");
    await title(/1031/);
    await userEvent.click(await screen.findByRole("button", { name: "Run again" }));
    await userEvent.click(await screen.findByRole("menuitem", { name: /From where it failed/ }));
    await waitFor(() => expect(location.pathname).toBe("/runs/run_asking"));
    expect(sentTo(calls, "/runs/run_failed/rerun")).toEqual({ from: "failed" });
  });

  it("does everything again only after asking back", async () => {
    const calls = serveFixture();
    openPage("/runs/run_done");
    await title(/1007/);
    await userEvent.click(await screen.findByRole("button", { name: "Run again" }));
    expect(screen.queryByRole("menuitem", { name: /From where it failed/ })).toBeNull();
    await userEvent.click(await screen.findByRole("menuitem", { name: /Do it all again/ }));
    const dialog = await screen.findByRole("dialog", { name: "Do all of it a second time?" });
    expect(sentTo(calls, "/runs/run_done/rerun")).toBeNull();
    await userEvent.click(within(dialog).getByRole("button", { name: "Do it all again" }));
    await waitFor(() =>
      expect(sentTo(calls, "/runs/run_done/rerun")).toEqual({ again: true, confirm: "run_done" }),
    );
  });

  it("says what was taken over, which tries there were, and who began this one", async () => {
    serveFixture();
    openPage("/runs/run_again");
    await title(/1031/);
    expect((await screen.findAllByText("Taken over")).length).toBeGreaterThan(2);
    const tries = await screen.findByRole("region", { name: "Tries" });
    expect(within(tries).getAllByRole("listitem")).toHaveLength(2);
    within(tries).getByRole("link", { name: "Try 1, the first" });
    within(await screen.findByRole("region", { name: "What people did" })).getByText(
      "ran it again",
    );
    await expectNoBarriers();
  });

  it("opens a nested loop at its failure, and each level is walked by itself", async () => {
    serveFixture();
    openPage("/runs/run_nested");
    const step = await screen.findByRole("button", { name: /Print the label/ });
    expect(step.textContent).toContain("1 failed");
    expect(step.textContent).toContain("5 done");
    const parcel = await screen.findByRole("group", { name: "Each parcel" });
    const line = screen.getByRole("group", { name: "Each line" });
    within(parcel).getByText("2 of 3");
    within(line).getByText("2 of 2");
    await expectNoBarriers();
    await userEvent.click(within(parcel).getByRole("button", { name: "Next item" }));
    within(screen.getByRole("group", { name: "Each parcel" })).getByText("3 of 3");
    within(screen.getByRole("group", { name: "Each line" })).getByText("2 of 2");
    const item = screen.getByRole("textbox", { name: "Item of “Each parcel”" });
    await userEvent.clear(item);
    await userEvent.type(item, "1{Enter}");
    within(screen.getByRole("group", { name: "Each parcel" })).getByText("1 of 3");
  });
});
