/** The application's pages, state by state, as a person with or without a mouse meets them. */
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { expectNoBarriers, openPage, serveFixture } from "./page.tsx";

const refusal = (status: number, code: string, message: string) => ({
  status,
  body: { code, message, params: {}, path: null },
});
const empty = { body: { items: [], next: null } };
const title = (name: string | RegExp) => screen.findByRole("heading", { level: 1, name });

afterEach(() => void vi.unstubAllGlobals());

describe("without a session", () => {
  const signedOut =
    (ownerExists: boolean, demo = false) =>
    (method: string, path: string) =>
      method === "GET" && path === "/session"
        ? {
            status: 401,
            body: {
              code: "session.none",
              message: "",
              params: { owner_exists: ownerExists, demo },
            },
          }
        : undefined;

  it("every page asks for the sign-in, and opens after it", async () => {
    serveFixture(signedOut(true));
    openPage("/connections");
    await title("Sign in");
    await expectNoBarriers();
    await userEvent.type(screen.getByLabelText("E-mail"), "marta@example.com");
    await userEvent.type(screen.getByLabelText("Password"), "wrong");
    await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
    expect((await screen.findByRole("alert")).textContent).toContain("is wrong");
    await userEvent.clear(screen.getByLabelText("Password"));
    await userEvent.type(screen.getByLabelText("Password"), "right one");
    await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
    await title("Connections");
  });

  it("a new installation says how the first account is made", async () => {
    serveFixture(signedOut(false));
    openPage("/flows");
    await title("Welcome to Tramo");
    expect(screen.getByText("/start#t=…")).toBeDefined();
  });

  it("the demo shop says that it is entered by its link, not by a password", async () => {
    serveFixture(signedOut(true, true));
    openPage("/flows");
    await title("Sign in");
    expect(screen.getByText(/by the link that Tramo prints/)).toBeDefined();
    await expectNoBarriers();
  });

  it("a silent server is told apart, and can be asked again", async () => {
    serveFixture((_method, path) => {
      if (path === "/session") throw new TypeError("Failed to fetch");
      return undefined;
    });
    openPage("/flows");
    await screen.findByText(/The server does not answer/);
    expect(screen.getByRole("button", { name: "Try again" })).toBeDefined();
  });
});

describe("a one-time link", () => {
  it("that signs in opens the flows and is spent once", async () => {
    const calls = serveFixture();
    openPage("/start#t=ok");
    await title("Flows");
    expect(calls.filter(({ path }) => path === "/links/redeem")).toHaveLength(1);
    expect(location.hash).toBe("");
  });

  it("for an owner makes the account, and refuses a short password", async () => {
    const calls = serveFixture();
    openPage("/start#t=owner");
    await title("Make this Tramo yours");
    await expectNoBarriers();
    await userEvent.type(screen.getByLabelText("Your name"), "Ana");
    await userEvent.type(screen.getByLabelText("Password"), "short");
    await userEvent.click(screen.getByRole("button", { name: "Create the account" }));
    await screen.findByText("Use at least 10 characters.");
    expect(calls.some(({ path }) => path === "/accounts")).toBe(false);
    await userEvent.type(screen.getByLabelText("Password"), " but longer");
    await userEvent.click(screen.getByRole("button", { name: "Create the account" }));
    await title("Flows");
    const sent = calls.find(({ path }) => path === "/accounts")?.body ?? "";
    expect(JSON.parse(sent)).toMatchObject({ token: "owner", name: "Ana", language: "en" });
  });

  it("that was used says so and what to do", async () => {
    serveFixture();
    openPage("/start#t=used");
    await title("This link has been used or has expired");
    expect(screen.getByRole("link", { name: "Go to the sign-in" })).toBeDefined();
  });
});

describe("the flows page", () => {
  it("shows each flow's event, state and last run", async () => {
    serveFixture();
    openPage("/flows");
    const list = await screen.findByRole("list", { name: "Flows" });
    const row = within(list).getAllByRole("listitem")[0];
    await waitFor(() => expect(row?.textContent).toContain("Event: Order created"));
    expect(row?.textContent).toContain("Needs your answer");
    expect(row?.textContent).toContain("Active");
    await expectNoBarriers();
  });

  it("helps on when there is no flow", async () => {
    serveFixture((method, path) => (method === "GET" && path === "/flows" ? empty : undefined));
    openPage("/flows");
    await screen.findByRole("heading", { name: "Your first flow starts here" });
    await expectNoBarriers();
    await userEvent.click(screen.getByRole("button", { name: "New flow" }));
    const dialog = await screen.findByRole("dialog", { name: "New flow" });
    await expectNoBarriers();
    await userEvent.type(within(dialog).getByLabelText("Name"), "Tell me");
    expect(within(dialog).getByRole("button", { name: "Create and open" })).toHaveProperty(
      "disabled",
      false,
    );
  });

  it("says what went wrong and reads again", async () => {
    let broken = true;
    serveFixture((method, path) =>
      broken && method === "GET" && path === "/flows"
        ? refusal(403, "role.viewer", "Ask an owner for access.")
        : undefined,
    );
    openPage("/flows");
    expect((await screen.findByRole("alert")).textContent).toContain("Ask an owner for access.");
    broken = false;
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    await screen.findByRole("list", { name: "Flows" });
  });

  it("deletes only after the question, and says when it could not", async () => {
    const calls = serveFixture((method) =>
      method === "DELETE" ? refusal(409, "flow.busy", "A run is under way.") : undefined,
    );
    openPage("/flows");
    await userEvent.click(
      await screen.findByRole("button", { name: "More for “Low stock every morning”" }),
    );
    await userEvent.click(await screen.findByRole("menuitem", { name: "Delete…" }));
    const dialog = await screen.findByRole("dialog");
    expect(calls.some(({ method }) => method === "DELETE")).toBe(false);
    await userEvent.click(within(dialog).getByRole("button", { name: "Delete the flow" }));
    expect((await within(dialog).findByRole("alert")).textContent).toBe("A run is under way.");
  });

  it("takes a flow from pasted text with its numbers exact", async () => {
    const calls = serveFixture();
    openPage("/flows");
    await userEvent.click(await screen.findByRole("button", { name: "Import" }));
    const field = await screen.findByLabelText("Or paste the flow here");
    await userEvent.click(field);
    await userEvent.paste(`{"name":"Copy","nodes":[{"params":{"id":820982911946154508}}]}`);
    await userEvent.click(screen.getByRole("button", { name: "Import as a draft" }));
    await waitFor(() => {
      const sent = calls.find(({ method, path }) => method === "POST" && path === "/flows");
      expect(sent?.body).toContain("820982911946154508");
    });
  });
});

describe("the runs page", () => {
  it("filters by state, keeps the filter in the address, and finds by order number", async () => {
    const calls = serveFixture();
    openPage("/runs");
    await screen.findByRole("list", { name: "Runs" });
    await expectNoBarriers();
    await userEvent.click(screen.getByRole("checkbox", { name: /^Failed/ }));
    await userEvent.click(screen.getByRole("checkbox", { name: /^Needs your answer/ }));
    expect(location.search).toBe("?state=asking&state=failed");
    await waitFor(() => {
      expect(
        within(screen.getByRole("list", { name: "Runs" })).getAllByRole("listitem"),
      ).toHaveLength(3);
    });
    await userEvent.click(screen.getByRole("checkbox", { name: /^Failed/ }));
    await userEvent.click(screen.getByRole("checkbox", { name: /^Needs your answer/ }));
    await userEvent.type(screen.getByRole("searchbox", { name: "Search runs" }), "#1007");
    await waitFor(() => expect(location.search).toBe("?q=%231007"));
    await waitFor(() => {
      expect(
        within(screen.getByRole("list", { name: "Runs" })).getAllByRole("listitem"),
      ).toHaveLength(1);
    });
    expect(calls.filter(({ path }) => path === "/runs").length).toBeLessThan(8);
  });

  it("says when nothing fits, and shows all again", async () => {
    serveFixture();
    openPage("/runs?q=nothing");
    await screen.findByRole("heading", { name: "No run is known as “nothing”" });
    await userEvent.click(screen.getByRole("button", { name: "Show all runs" }));
    await screen.findByRole("list", { name: "Runs" });
  });
});

describe("a run's page", () => {
  it("says why it failed and what to do", async () => {
    serveFixture();
    openPage("/runs/run_failed");
    await title(/1031/);
    expect(screen.getAllByText(/Slack did not answer within 30 s/).length).toBeGreaterThan(0);
    expect(screen.getByText("Tried 4 times, without success.")).toBeDefined();
    expect(screen.getByText(/Wait until it is well again/)).toBeDefined();
    await expectNoBarriers();
  });

  it("shows the event's and the steps' data exactly", async () => {
    serveFixture();
    openPage("/runs/run_done");
    await title(/1007/);
    await userEvent.click(await screen.findByRole("button", { name: /Add tags/ }));
    expect(await screen.findAllByText("820982911946154508")).not.toHaveLength(0);
  });

  it("walks through the items of a loop", async () => {
    serveFixture();
    openPage("/runs/run_done");
    await userEvent.click(await screen.findByRole("button", { name: /Line in words/ }));
    await screen.findByText("3 of 3");
    await userEvent.click(screen.getByRole("button", { name: "Previous item" }));
    await screen.findByText("2 of 3");
    await expectNoBarriers();
  });

  it("takes an answer about a lost reply only after asking back", async () => {
    const calls = serveFixture();
    openPage("/runs/run_asking");
    await userEvent.click(
      await screen.findByRole("button", { name: "It did not: send once more" }),
    );
    const dialog = await screen.findByRole("dialog", { name: "Send it once more?" });
    await expectNoBarriers();
    expect(calls.some(({ method }) => method === "POST")).toBe(false);
    await userEvent.click(within(dialog).getByRole("button", { name: "Send once more" }));
    await waitFor(() => {
      const sent = calls.find(({ path }) => path === "/runs/run_asking/steps/tell/answer");
      expect(JSON.parse(sent?.body ?? "{}")).toEqual({ outcome: "resend" });
    });
  });

  it("that is gone says so", async () => {
    serveFixture();
    openPage("/runs/run_none");
    expect((await screen.findByRole("alert")).textContent).toContain("no longer here");
  });
});

describe("the connections page", () => {
  it("makes a twin without a password and tests it", async () => {
    const calls = serveFixture();
    openPage("/connections");
    await userEvent.click(await screen.findByRole("button", { name: "Add a connection" }));
    await userEvent.click(await screen.findByRole("button", { name: /^Slack/ }));
    const dialog = await screen.findByRole("dialog", { name: "Connect Slack" });
    expect(within(dialog).queryByLabelText(/Bot token/)).toBeNull();
    await expectNoBarriers();
    // The focus goes along: to the first field, then to what goes on with what was made.
    expect(document.activeElement).toBe(within(dialog).getByRole("radio", { name: /^Try it/ }));
    await userEvent.click(within(dialog).getByRole("button", { name: "Connect and test" }));
    await within(dialog).findByText("The connection works");
    expect(document.activeElement?.textContent).toBe("Use this connection");
    const sent = calls.find(({ method, path }) => method === "POST" && path === "/connections");
    expect(JSON.parse(sent?.body ?? "{}")).toMatchObject({ target: "twin", credential: {} });
  });

  it("asks for what the real account needs, and sends nothing that is empty", async () => {
    const calls = serveFixture();
    openPage("/connections");
    await userEvent.click(await screen.findByRole("button", { name: "Add a connection" }));
    await userEvent.click(await screen.findByRole("button", { name: /^Slack/ }));
    await userEvent.click(await screen.findByRole("radio", { name: /Use my account/ }));
    await userEvent.click(screen.getByRole("button", { name: "Connect and test" }));
    await screen.findByText("Fill this in to go on.");
    await userEvent.type(screen.getByLabelText(/Bot token/, { selector: "input" }), "xoxb-1");
    await userEvent.click(screen.getByRole("button", { name: "Connect and test" }));
    await waitFor(() => {
      const sent = calls.find(({ method, path }) => method === "POST" && path === "/connections");
      expect(JSON.parse(sent?.body ?? "{}").credential).toEqual({ bot_token: "xoxb-1" });
    });
  });

  it("shows stored secrets as set and never their text", async () => {
    serveFixture();
    openPage("/connections/conn_slack");
    await title("Team Slack");
    const token = await screen.findByLabelText("Bot token");
    expect(token).toHaveProperty("value", "");
    expect(token.getAttribute("placeholder")).toBe("Leave empty to keep the present one");
    expect(screen.getByRole("img", { name: "Already set" })).toBeDefined();
    await expectNoBarriers();
    await userEvent.click(screen.getByRole("button", { name: "Test now" }));
    expect((await screen.findByRole("alert")).textContent).toContain("invalid_auth");
  });

  it("lets a twin send a test order and shows what it received", async () => {
    const calls = serveFixture();
    openPage("/connections/conn_shop");
    await screen.findByText("Tags added to order #1042: vip");
    await userEvent.click(await screen.findByRole("button", { name: "Send a test order" }));
    await screen.findByRole("link", { name: "See the runs it started" });
    const sent = calls.find(({ path }) => path === "/connections/conn_shop/twin/deliver");
    expect(JSON.parse(sent?.body ?? "{}")).toEqual({ type: "shopify.order_created" });
    await expectNoBarriers();
  });
});

describe("the people page", () => {
  it("gives a one-time link for an invitation", async () => {
    serveFixture();
    openPage("/people");
    await screen.findByRole("list", { name: "People" });
    await expectNoBarriers();
    await userEvent.click(screen.getByRole("button", { name: "Invite somebody" }));
    const dialog = await screen.findByRole("dialog");
    await userEvent.type(within(dialog).getByLabelText("E-mail"), "eva@example.com");
    await userEvent.click(within(dialog).getByRole("button", { name: "Make the link" }));
    await within(dialog).findByText(/start#t=/);
    await expectNoBarriers();
  });

  it("shows a token once", async () => {
    serveFixture();
    openPage("/people");
    await userEvent.click(await screen.findByRole("button", { name: "New token" }));
    const dialog = await screen.findByRole("dialog");
    await userEvent.type(within(dialog).getByLabelText("Name"), "Export");
    await userEvent.click(within(dialog).getByRole("button", { name: "Create the token" }));
    await within(dialog).findByText(/^tramo_/);
    await userEvent.click(within(dialog).getByRole("button", { name: "I have copied it" }));
    await waitFor(() => expect(screen.queryByText(/^tramo_4s/)).toBeNull());
  });
});

describe("the account menu", () => {
  it("changes the language and tells the server", async () => {
    const calls = serveFixture();
    openPage("/flows");
    await title("Flows");
    await userEvent.click(screen.getByRole("button", { name: /^Account/ }));
    await userEvent.click(await screen.findByRole("menuitemradio", { name: "Română" }));
    await title("Fluxuri");
    expect(document.documentElement.lang).toBe("ro");
    await waitFor(() => {
      const sent = calls.find(({ method, path }) => method === "PATCH" && path === "/session");
      expect(JSON.parse(sent?.body ?? "{}")).toEqual({ language: "ro" });
    });
  });
});
