/** The pages beside the editor, and what can be opened on them. */
import {
  button,
  dialog,
  failing,
  inTurn,
  item,
  key,
  menu,
  opens,
  type Screen,
  sees,
  silent,
} from "./screen.ts";

const run =
  (which: "order" | "loop" | "failed" | "waiting" | "question" | "doubt") =>
  ({ runs }: { runs: Record<string, string> }) =>
    `/runs/${runs[which]}`;

const nothing = /There is no page here/;

export const pages: Screen[] = [
  { name: "flows", path: "/flows" },
  { name: "flows, loading", path: "/flows", before: silent("**/api/v1/flows*"), loading: true },
  {
    name: "flows, out of reach",
    path: "/flows",
    before: failing("**/api/v1/flows*"),
    enter: sees("This could not be loaded"),
  },
  { name: "flows, new one", path: "/flows", enter: opens("New flow") },
  { name: "flows, import", path: "/flows", enter: opens("Import") },
  {
    name: "flows, import refused",
    path: "/flows",
    enter: async (page) => {
      await opens("Import")(page);
      await page.getByRole("textbox", { name: /paste/ }).fill('{"format": 1, "nodes": 3}');
      await page.getByRole("button", { name: "Import as a draft" }).click();
      await page.getByRole("alert").waitFor();
    },
  },
  {
    name: "flows, menu of one",
    path: "/flows",
    enter: inTurn(button(/^More for/), menu),
  },
  {
    name: "flows, delete one",
    path: "/flows",
    enter: inTurn(button(/^More for/), item(/Delete/), dialog),
  },
  {
    name: "flows, none of that name",
    path: "/flows",
    enter: async (page) => {
      await page.getByRole("searchbox").fill("zzz");
      await page.getByText(/No flow has/).waitFor();
    },
  },
  {
    name: "account menu",
    path: "/flows",
    enter: inTurn(button(/Demo/), menu),
  },
  {
    name: "more places",
    path: "/flows",
    only: "phone",
    enter: inTurn(button(/^More$/), menu),
  },
  { name: "palette", path: "/flows", enter: inTurn(key("Control+k"), dialog) },
  {
    name: "palette, nothing found",
    path: "/flows",
    enter: async (page) => {
      await page.keyboard.press("Control+k");
      await dialog(page);
      await page.keyboard.type("zzzz");
      await page.getByText(/Nothing is called/).waitFor();
    },
  },
  { name: "shortcuts", path: "/flows", enter: inTurn(key("?"), dialog) },
  { name: "no such page", path: "/nowhere", enter: sees(nothing) },
  { name: "runs", path: "/runs" },
  {
    name: "runs, none fits",
    path: "/runs?state=failed&flow=flow_empty",
    enter: sees("No run fits these filters"),
  },
  { name: "runs, out of reach", path: "/runs", before: failing("**/api/v1/runs?*") },
  { name: "run", path: run("order"), enter: sees("Steps") },
  {
    name: "run, a step open",
    path: run("order"),
    enter: async (page) => {
      await page
        .getByRole("main")
        .getByRole("button", { name: /Order created/ })
        .click();
      await page.getByRole("tree").first().waitFor();
    },
  },
  {
    name: "run, its event",
    path: run("order"),
    enter: async (page) => {
      await page.getByText("The event that started it").click();
      await page.getByRole("tree").first().waitFor();
    },
  },
  {
    name: "run with a loop",
    path: run("loop"),
    enter: async (page) => {
      const row = page.getByRole("listitem").filter({ hasText: "Price of one" });
      await row.getByRole("textbox", { name: /Item of/ }).waitFor();
    },
  },
  { name: "run that failed", path: run("failed"), enter: sees("Try again from here") },
  {
    name: "run, ways to try again",
    path: run("failed"),
    enter: inTurn(button("Run again"), menu),
  },
  {
    name: "run, a changed event",
    path: run("failed"),
    enter: async (page) => {
      await button("Run again")(page);
      await item(/With a changed event/)(page);
      await page.getByRole("dialog").locator(".cm-content, textarea").first().waitFor();
    },
  },
  {
    name: "run, all of it again",
    path: run("failed"),
    enter: inTurn(button("Run again"), item(/Do it all again/), dialog),
  },
  { name: "run that waits", path: run("waiting"), enter: sees("Two days") },
  {
    name: "run that waits, its step",
    path: run("waiting"),
    enter: inTurn(button(/Two days/), sees(/It waits until/)),
  },
  { name: "run, stop it", path: run("waiting"), enter: opens("Stop the run") },
  { name: "run that asks", path: run("question"), enter: sees(/Refund 61/) },
  { name: "run in doubt", path: run("doubt"), enter: sees("It happened") },
  { name: "run in doubt, answered", path: run("doubt"), enter: opens("It happened") },
  {
    name: "no such run",
    path: "/runs/run_00000000000000000000000000",
    enter: sees("This run could not be loaded"),
  },
  { name: "run, loading", path: run("order"), before: silent("**/api/v1/runs/*"), loading: true },
  {
    name: "timeline",
    path: ({ order }) => `/timeline?${new URLSearchParams({ ...order })}`,
    enter: sees(/^The flow “.*” began/),
  },
  { name: "timeline, to be searched", path: "/timeline" },
  {
    name: "timeline, nothing known",
    path: "/timeline?kind=order&value=none",
    enter: sees(/[Nn]othing/),
  },
  {
    name: "approvals",
    path: "/inbox/approvals",
    enter: async (page) => {
      await page.getByRole("list", { name: "Open questions" }).waitFor();
    },
  },
  { name: "doubts", path: "/inbox/doubts", enter: sees("Choose all that are shown") },
  {
    name: "doubts, all chosen",
    path: "/inbox/doubts",
    enter: async (page) => {
      await page.getByRole("checkbox", { name: "Choose all that are shown" }).click();
      await page.getByText(/runs chosen/).waitFor();
    },
  },
  { name: "alerts", path: "/inbox/alerts", enter: sees(/asks whether/) },
  { name: "messages", path: "/inbox/messages", enter: sees("Written lately") },
  { name: "tables", path: "/data/tables", enter: sees("points") },
  { name: "tables, new one", path: "/data/tables", enter: opens("Fill a new table") },
  { name: "table", path: "/data/tables/points", enter: sees("820982911946154508") },
  { name: "table, nothing in it", path: "/data/tables/nobody", enter: sees("No row yet") },
  {
    name: "table, a row",
    path: "/data/tables/points",
    enter: opens("Change “ana”"),
  },
  { name: "table, remove a row", path: "/data/tables/points", enter: opens("Remove “ana”") },
  { name: "table, take rows in", path: "/data/tables/points", enter: opens("Take in a CSV") },
  { name: "variables", path: "/data/variables", enter: sees("vars.vip_limit") },
  { name: "variables, one", path: "/data/variables", enter: opens("Add a variable") },
  { name: "connections", path: "/connections", enter: sees("Demo shop") },
  { name: "connections, which", path: "/connections", enter: opens("Add a connection") },
  {
    name: "connections, its fields",
    path: "/connections",
    enter: async (page) => {
      await opens("Add a connection")(page);
      await page
        .getByRole("dialog")
        .getByRole("button", { name: /E-mail/ })
        .click();
      await page.getByRole("radio", { name: /Use my account/ }).click();
      await page.getByRole("textbox", { name: "Server" }).waitFor();
    },
  },
  {
    name: "connection",
    path: ({ shop }) => `/connections/${shop}`,
    enter: sees("Send a test order"),
  },
  {
    name: "connection, delete it",
    path: ({ shop }) => `/connections/${shop}`,
    enter: opens("Delete"),
  },
  {
    name: "connection, no longer here",
    path: "/connections/gone",
    enter: sees("This connection is no longer here"),
  },
  { name: "people", path: "/people", enter: sees("Stock script") },
  { name: "people, invite", path: "/people", enter: opens("Invite somebody") },
  {
    name: "people, the link",
    path: "/people",
    enter: async (page) => {
      await opens("Invite somebody")(page);
      await page.getByLabel("E-mail").fill(`guest${Date.now()}@example.com`);
      await page.getByRole("button", { name: "Make the link" }).click();
      await page.getByText(/Send this link to/).waitFor();
    },
  },
  { name: "people, new token", path: "/people", enter: opens("New token") },
  { name: "people, revoke a token", path: "/people", enter: opens(/^Revoke the token/) },
  { name: "keeping", path: "/settings/keeping", enter: sees("Save") },
  {
    name: "a toast",
    path: "/data/variables",
    enter: async (page) => {
      await opens("Change “vip_limit”")(page);
      await page.getByRole("button", { name: "Save", exact: true }).click();
      await page.getByText("Saved.").waitFor();
    },
  },
  { name: "sign-in", path: "/flows", stranger: true, enter: sees("Sign in") },
  {
    name: "sign-in, refused",
    path: "/flows",
    stranger: true,
    enter: async (page) => {
      await page.getByLabel("E-mail").fill("nobody@example.com");
      await page.getByLabel("Password", { exact: true }).fill("not the password");
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByRole("alert").waitFor();
    },
  },
  { name: "a link, not whole", path: "/start", stranger: true, enter: sees(/not complete/) },
  { name: "a link, used", path: "/start#t=used", stranger: true, enter: sees(/has been used/) },
  {
    name: "an invitation",
    path: "/start",
    stranger: true,
    enter: async (page, { server }) => {
      const email = `guest${Date.now()}@example.com`;
      const { url } = await server.ask("POST", "/invitations", { email, role: "editor" });
      await page.goto("about:blank");
      await page.goto(url.slice(url.indexOf("/start")));
      await page.getByLabel("Your name").waitFor();
    },
  },
  {
    name: "an owner's first link",
    path: "/form/none",
    stranger: true,
    async enter(page, { bare }) {
      await page.goto(bare.link);
      await page.getByLabel("Your name").waitFor();
    },
  },
  { name: "answer of a stranger", path: ({ answer }) => answer, stranger: true },
  {
    name: "answer, given",
    path: ({ spareAnswer }) => spareAnswer,
    stranger: true,
    async enter(page) {
      const yes = page.getByRole("button", { name: "Yes" });
      if ((await yes.count()) > 0) await yes.click();
      await yes.waitFor({ state: "detached" });
    },
  },
  { name: "answer, no such link", path: "/answer/none", stranger: true },
  { name: "public form", path: "/form/returns", stranger: true },
  {
    name: "public form, not as it should be",
    path: "/form/returns",
    stranger: true,
    async enter(page) {
      await page.getByLabel("What it cost").fill("a lot");
      await page.getByRole("button", { name: "Send" }).click();
      await page.getByRole("alert").first().waitFor();
    },
  },
  {
    name: "public form, sent",
    path: "/form/returns",
    stranger: true,
    async enter(page) {
      await page.getByLabel("Number of the order").fill("#1042");
      await page.getByLabel("What is wrong?").selectOption("Broken");
      await page.getByLabel("What it cost").fill("12.50");
      await page.getByLabel("Your e-mail").fill("ana@example.com");
      await page.getByRole("button", { name: "Send" }).click();
      await page.getByText("We have your request.").waitFor();
    },
  },
  { name: "public form, no such one", path: "/form/none", stranger: true },
];
