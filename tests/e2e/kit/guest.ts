/** A second person, in a window with a session of their own. */
import type { Page } from "playwright-core";
import { expect } from "vitest";
import type { Look, Stage } from "./story.ts";

let count = 0;

export async function openAsBen(stage: Stage, path: string, look: Look = {}): Promise<Page> {
  count += 1;
  const email = `ben.${count}@example.com`;
  const { url } = await stage.server.ask("POST", "/invitations", { email, role: "editor" });
  const page = await stage.open("/", { ...look, stranger: true, refusals: [401, 423] });
  const answer = await page.request.post("/api/v1/accounts", {
    headers: { origin: stage.server.url },
    data: {
      token: url.split("#t=")[1],
      name: "Ben Pop",
      email,
      password: "a long sentence",
      language: "en",
    },
  });
  expect(answer.status(), await answer.text()).toBe(201);
  await page.goto(path);
  return page;
}
