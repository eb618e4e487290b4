/** The desks: questions, doubts, alerts, messages and the timeline, state by state. */
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { expectNoBarriers, openPage, serveFixture } from "./page.tsx";

const title = (name: string | RegExp) => screen.findByRole("heading", { level: 1, name });
const empty = { body: { items: [], next: null } };
const bodyOf = (calls: ReturnType<typeof serveFixture>, method: string, path: string) =>
  JSON.parse(calls.find((call) => call.method === method && call.path === path)?.body ?? "null");

afterEach(() => void vi.unstubAllGlobals());

describe("the questions", () => {
  it("are answered where they stand", async () => {
    const calls = serveFixture();
    openPage("/inbox");
    await title("Questions");
    const list = await screen.findByRole("list", { name: "Open questions" });
    within(list).getByText("Refund 612.50 € to Inés?");
    within(list).getByText(/it goes on by “No”/);
    await expectNoBarriers();
    await userEvent.click(within(list).getByRole("button", { name: "No" }));
    await waitFor(() =>
      expect(bodyOf(calls, "POST", "/runs/run_ask/steps/tell/reply")).toEqual({ port: "no" }),
    );
  });

  it("say when there are none, and when they cannot be read", async () => {
    serveFixture((_method, path) => (path === "/approvals" ? empty : undefined));
    openPage("/inbox/approvals");
    await screen.findByRole("heading", { name: "Nobody is asked anything" });
    await expectNoBarriers();
  });
});

describe("the doubts", () => {
  it("of an outage are settled at once, after asking back", async () => {
    const calls = serveFixture();
    openPage("/inbox/doubts");
    await title("Doubts");
    const list = await screen.findByRole("list", { name: "Steps in doubt" });
    expect(within(list).getAllByRole("listitem")).toHaveLength(2);
    await userEvent.click(screen.getByRole("checkbox", { name: "Choose all that are shown" }));
    const bar = await screen.findByRole("region", { name: "Answer for the chosen runs" });
    within(bar).getByText("2 runs chosen");
    await expectNoBarriers();
    await userEvent.click(within(bar).getByRole("button", { name: "They happened" }));
    const dialog = await screen.findByRole("dialog", { name: "All of these happened?" });
    expect(bodyOf(calls, "POST", "/asking/answer")).toBeNull();
    await userEvent.click(within(dialog).getByRole("button", { name: "Yes, all happened" }));
    await waitFor(() =>
      expect(bodyOf(calls, "POST", "/asking/answer")).toEqual({
        outcome: "happened",
        runs: ["run_asking", "run_running"],
      }),
    );
  });

  it("take the number under which a thing is known on the other side", async () => {
    const calls = serveFixture();
    openPage("/runs/run_asking");
    await userEvent.click(await screen.findByRole("button", { name: "It happened" }));
    const dialog = await screen.findByRole("dialog", { name: "It happened?" });
    await userEvent.type(within(dialog).getByLabelText(/Its number there/), "C024");
    await userEvent.click(within(dialog).getByRole("button", { name: "Yes, it happened" }));
    await waitFor(() =>
      expect(bodyOf(calls, "POST", "/runs/run_asking/steps/tell/answer")).toEqual({
        outcome: "happened",
        reference: "C024",
      }),
    );
  });
});

describe("the alerts", () => {
  it("are gone from the new ones once they are seen", async () => {
    serveFixture();
    openPage("/inbox/alerts");
    const list = await screen.findByRole("list", { name: "Alerts" });
    within(list).getByText("“Tag VIP orders and tell the team” failed at “Tell the team”");
    within(list).getByText("“Low stock every morning” ran 0 times; at least 1 were expected");
    await expectNoBarriers();
    await userEvent.click(within(list).getByRole("button", { name: /^Seen: “Tag VIP/ }));
    await waitFor(() => expect(screen.queryByText(/failed at “Tell the team”/)).toBeNull());
    await userEvent.click(screen.getByRole("radio", { name: "All" }));
    await screen.findByText(/failed at “Tell the team”/);
  });
});

describe("the messages", () => {
  it("go by the connection that somebody chooses, and late ones can be sent again", async () => {
    const calls = serveFixture();
    openPage("/inbox/messages");
    await screen.findByText("Now used: Shop mailbox");
    await screen.findByText("The mail server does not answer.");
    await expectNoBarriers();
    await userEvent.click(screen.getByRole("combobox", { name: "Messages go by" }));
    await userEvent.click(
      await screen.findByRole("option", { name: "Shop mailbox", hidden: true }),
    );
    await waitFor(() =>
      expect(bodyOf(calls, "PUT", "/notices/way")).toEqual({ connections: ["conn_mail"] }),
    );
    await userEvent.click(screen.getByRole("button", { name: /^Send again/ }));
    await waitFor(() =>
      expect(calls.some(({ path }) => path === "/notices/ntc_1/send")).toBe(true),
    );
  });
});

describe("the timeline", () => {
  it("shows what touched an order, and stops what goes on for it", async () => {
    const calls = serveFixture();
    openPage("/timeline");
    await screen.findByRole("heading", { name: "Which order, customer or SKU?" });
    await userEvent.type(
      screen.getByRole("searchbox", { name: "Number, e-mail or SKU" }),
      "#1035{Enter}",
    );
    await title("Order #1035");
    expect(location.search).toBe("?kind=order_name&value=%231035");
    await screen.findByText("Order created");
    screen.getByText("It waits for “Order created” for Order #1035.");
    screen.getByText(/Marta Ruiz said: it happened, as C024/);
    await expectNoBarriers();
    await userEvent.click(screen.getByRole("button", { name: "Stop everything" }));
    const dialog = await screen.findByRole("dialog");
    await userEvent.click(within(dialog).getByRole("button", { name: "Stop everything" }));
    await waitFor(() =>
      expect(bodyOf(calls, "POST", "/timeline/stop")).toEqual({
        kind: "order_name",
        value: "#1035",
      }),
    );
  });

  it("says when nothing has touched a key", async () => {
    serveFixture();
    openPage("/timeline?kind=sku&value=NONE");
    await screen.findByRole("heading", { name: "Nothing has touched it" });
  });
});
