/** Coming in: one-time links, the owner's account, passwords, invitations, roles. */
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { flowOf } from "./kit/editor.ts";
import { MailServer } from "./kit/neighbour.ts";
import { until } from "./kit/server.ts";
import { owner, storiesOn } from "./kit/story.ts";

const story = storiesOn({ command: "serve", env: { TRAMO_PRIVATE_HOSTS: "127.0.0.1" } });
const stranger = { stranger: true, refusals: [401, 410] };

story("the first link of a new server makes the owner's account, and works once", async (stage) => {
  const page = await stage.open("/", stranger);
  await page.getByText("Nobody has an account here yet.").waitFor();
  await page.goto(stage.server.link);
  await page.getByLabel("Your name").fill(owner.name);
  await page.getByLabel("E-mail").fill(owner.email);
  await page.getByLabel("Password", { exact: true }).fill("short");
  await page.getByRole("button", { name: "Create the account" }).click();
  await page.getByText("Use at least 10 characters.").waitFor();
  await page.getByLabel("Password", { exact: true }).fill(owner.password);
  await page.getByRole("button", { name: "Create the account" }).click();
  await page.getByText("Your first flow starts here").waitFor();
  expect(page.url()).toBe(`${stage.server.url}/flows`);
  await stage.keepSession(page);

  const other = await stage.open(stage.server.link.replace(stage.server.url, ""), stranger);
  await other.getByText("This link has been used or has expired").waitFor();
});

story("a wrong password is refused in a sentence, the right one opens the flows", async (stage) => {
  await stage.open("/flows"); // The owner has an account by now.
  const page = await stage.open("/runs", stranger);
  await page.getByLabel("E-mail").fill(owner.email);
  await page.getByLabel("Password", { exact: true }).fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  const refusal = await page.getByRole("alert").textContent();
  expect(refusal).toMatch(/password/i);
  await page.getByLabel("Password", { exact: true }).fill(owner.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Runs", level: 1 }).waitFor();

  await page.getByRole("button", { name: /Account/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByRole("button", { name: "Sign in" }).waitFor();
  await page.goto("/flows");
  await page.getByRole("button", { name: "Sign in" }).waitFor();
});

story("an invitation makes an editor, who builds flows and invites nobody", async (stage) => {
  const page = await stage.open("/people");
  const link = await invite(page, "leo@example.com", "Editor");
  const guest = await stage.open(link, stranger);
  await guest.getByText("You will build and change flows together with your team.").waitFor();
  await join(guest, "Leo Prado");
  await guest.getByRole("button", { name: "New flow" }).waitFor();
  await guest.getByRole("link", { name: "People" }).click();
  await guest.getByText("leo@example.com").waitFor();
  expect(await guest.getByRole("button", { name: "Invite somebody" }).count()).toBe(0);
  await page.reload();
  await page.getByText("leo@example.com").waitFor();
});

story("a viewer sees flows and runs, and nothing that would change them", async (stage) => {
  const { server } = stage;
  const flow = flowOf(
    "flow_seen",
    [
      { id: "start", type: "core.manual" },
      { id: "note", type: "core.log", params: { message: "Hello" } },
    ],
    [{ from: "start", to: "note" }],
    { name: "Say hello" },
  );
  await server.ask("POST", "/flows", { document: flow });
  const page = await stage.open("/people");
  const link = await invite(page, "vera@example.com", "Viewer");
  const guest = await stage.open(link, { ...stranger, refusals: [401, 403, 410] });
  await join(guest, "Vera Lupu");
  await guest.getByRole("link", { name: "Say hello" }).waitFor();
  expect(await guest.getByRole("button", { name: "New flow" }).count()).toBe(0);
  await guest.getByRole("link", { name: "Say hello" }).click();
  await guest.getByTestId("node-note").click();
  const message = guest.locator('[data-pointer="/message"]');
  await message.waitFor();
  for (const name of ["Publish", "Run", "Undo"]) {
    expect(await guest.getByRole("button", { name, exact: true }).count(), name).toBe(0);
  }
  await guest.getByTestId("node-note").click();
  await guest.keyboard.press("Escape");
  await guest.keyboard.press("Delete");
  expect(await guest.getByTestId("node-note").count()).toBe(1);
  const refused = await guest.evaluate(async () => {
    const { csrf } = await (await fetch("/api/v1/session")).json();
    const headers = { "x-csrf-token": csrf, "content-type": "application/json" };
    const answer = await fetch("/api/v1/flows/flow_seen", { method: "DELETE", headers });
    return answer.status;
  });
  expect(refused).toBe(403);
});

story("an account whose password is refused says so, and is mended in place", async (stage) => {
  const post = await MailServer.start("open sesame");
  try {
    const page = await stage.open("/connections");
    await page.getByRole("button", { name: "Connect", exact: false }).first().click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: /E-mail/ }).click();
    await dialog.getByRole("radio", { name: /Use my account/ }).click();
    await dialog.getByLabel("Name", { exact: false }).first().fill("Our post");
    await dialog.getByRole("textbox", { name: "Server" }).fill("127.0.0.1");
    await dialog.getByLabel("Port").fill(`${post.port}`);
    await dialog.getByRole("combobox", { name: "Encryption" }).click();
    await page.getByRole("option", { name: /none/i }).click();
    await dialog.getByLabel("User name").fill("shop");
    await dialog.getByRole("textbox", { name: "Password" }).fill("wrong");
    await dialog.getByLabel("Sender's address").fill("shop@example.com");
    await dialog.getByRole("button", { name: "Connect and test" }).click();
    await dialog.getByRole("button", { name: "Open and correct it" }).click();
    await page.getByText("Refused: sign in again").waitFor();
    expect(await page.content()).not.toContain("wrong");

    await page.getByRole("textbox", { name: "Password" }).fill("open sesame");
    await page.getByRole("button", { name: "Save and test" }).click();
    await page.getByText("Refused: sign in again").waitFor({ state: "detached" });
    await page.getByText("shop@example.com").first().waitFor();
    await expect
      .poll(() => post.passwords)
      .toEqual(expect.arrayContaining(["wrong", "open sesame"]));
  } finally {
    await post.stop();
  }
});

/** Asks for a link for somebody else, and gives back its path. */
async function invite(page: Page, email: string, role: string): Promise<string> {
  await page.getByRole("button", { name: "Invite somebody" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("E-mail").fill(email);
  await dialog.getByRole("radio", { name: role }).click();
  await dialog.getByRole("button", { name: "Make the link" }).click();
  const link = await dialog.locator("code").textContent();
  return /\/start#t=\S+/.exec(link ?? "")?.[0] ?? "";
}

async function join(page: Page, name: string): Promise<void> {
  await page.getByLabel("Your name").fill(name);
  await page.getByLabel("Password", { exact: true }).fill("another long sentence");
  await page.getByRole("button", { name: "Create the account" }).click();
  await page.getByRole("heading", { name: "Flows", level: 1 }).waitFor();
}

story(
  "who is signed out in another tab signs in again, and has lost nothing typed",
  async (stage) => {
    const { server, open } = stage;
    await open("/flows"); // The owner has an account by now.
    const nodes = [
      { id: "start", type: "core.manual" },
      { id: "say", type: "core.log", params: { message: "One" } },
    ];
    const document = flowOf("flow_out", nodes, [{ from: "start", to: "say" }]);
    await server.ask("POST", "/flows", { document });
    const told = (text: string) =>
      until(`the text “${text}”`, async () => {
        const { document: now } = await server.ask("GET", "/flows/flow_out");
        return now.nodes[1].params.message === text;
      });
    for (const width of [1440, 390]) {
      const page = await open("/flows/flow_out?node=say", { ...stranger, width });
      await page.getByLabel("E-mail").fill(owner.email);
      await enterPassword(page);
      const message = page.locator('[data-pointer="/message"] textarea');
      await message.fill(`Two ${width}`);
      await told(`Two ${width}`);
      await signOutElsewhere(page);
      await message.fill(`Three ${width}`);
      await page.getByText("You have been signed out").waitFor();
      expect(await message.isVisible()).toBe(false);
      expect(await page.getByRole("textbox", { name: "E-mail" }).inputValue()).toBe(owner.email);
      await enterPassword(page);
      await told(`Three ${width}`);
      expect(await message.inputValue()).toBe(`Three ${width}`);
      await message.fill(`Four ${width}`);
      await told(`Four ${width}`);
      await page.close();
    }
  },
);

async function enterPassword(page: Page): Promise<void> {
  await page.getByLabel("Password", { exact: true }).fill(owner.password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

async function signOutElsewhere(page: Page): Promise<void> {
  const other = await page.context().newPage();
  await other.setViewportSize({ width: 1440, height: 900 });
  await other.goto("/flows");
  await other.getByRole("button", { name: /Account/ }).click();
  await other.getByRole("menuitem", { name: "Sign out" }).click();
  await other.getByRole("button", { name: "Sign in" }).waitFor();
  await other.close();
}
