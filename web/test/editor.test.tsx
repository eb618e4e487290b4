import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import { isObject, type Json, parseJson } from "~/api/json.ts";
import { speak } from "~/app/locale.ts";
import { expectNoBarriers, openPage, serveFixture } from "./page.tsx";

beforeEach(() => speak("en"));

const flow = "/flows/flow_vip";
const problem = {
  path: "/nodes/5/params/channel",
  code: "params.missing",
  message: "“Tell the team”: channel is needed. Choose one.",
  level: "error" as const,
  params: {},
};

type Call = { method: string; path: string; body: string | null };
const saves = (calls: Call[]) => calls.filter((call) => call.method === "PUT");
const savedName = (call: Call | undefined): Json | undefined => {
  const document = parseJson(call?.body ?? "null");
  return isObject(document) ? document.name : undefined;
};

async function openEditor(): Promise<HTMLElement> {
  openPage(flow);
  return screen.findByTestId("node-check");
}

const nameField = () => screen.getByLabelText<HTMLInputElement>("Name of the flow");
const type = (field: HTMLElement, value: string) => fireEvent.change(field, { target: { value } });

test("a changed draft is saved by itself, over exactly the one that was read", async () => {
  const calls = serveFixture();
  await openEditor();
  type(nameField(), "VIP orders");
  await waitFor(() => expect(saves(calls)).toHaveLength(1));
  expect(savedName(saves(calls)[0])).toBe("VIP orders");
  expect(await screen.findByText("Saved")).toBeTruthy();
  fireEvent.keyDown(document.body, { key: "z", ctrlKey: true });
  expect(nameField().value).not.toBe("VIP orders");
  await waitFor(() => expect(saves(calls)).toHaveLength(2));
});

test("a newer draft of somebody else is never overwritten in silence", async () => {
  let etags: (string | null)[] = [];
  const calls = serveFixture((method, path) => {
    if (method !== "PUT") return undefined;
    etags = [...etags, path];
    if (etags.length > 1) return { body: { etag: '"mine"', problems: [] } };
    const params = { etag: '"theirs"', by: "user_other", at: "2026-11-21T10:00:00Z" };
    return {
      status: 412,
      body: { code: "flow.changed_elsewhere", message: "Changed elsewhere.", params, path: null },
    };
  });
  await openEditor();
  type(nameField(), "Mine");
  const dialog = await screen.findByRole("dialog", { name: /changed elsewhere/ });
  expect(within(dialog).getByText(/Nothing has been overwritten/)).toBeTruthy();
  expect(saves(calls)).toHaveLength(1);
  fireEvent.click(within(dialog).getByText("Mine, over the other"));
  await waitFor(() => expect(saves(calls)).toHaveLength(2));
  expect(savedName(saves(calls)[1])).toBe("Mine");
});

test("a draft that could not be saved is kept, said and saved once the server answers", async () => {
  let down = true;
  const calls = serveFixture((method) => {
    if (method === "PUT" && down) throw new TypeError("no network");
    return undefined;
  });
  await openEditor();
  type(nameField(), "Kept");
  expect(await screen.findByText("Not saved, trying again")).toBeTruthy();
  down = false;
  fireEvent(window, new Event("online"));
  await waitFor(() => expect(savedName(saves(calls).at(-1))).toBe("Kept"));
  expect(await screen.findByText("Saved")).toBeTruthy();
});

test("a refused publish lists every problem, and each leads to its field", async () => {
  serveFixture((method, path) =>
    method === "POST" && path.endsWith("/publish")
      ? {
          status: 422,
          body: { code: "flow.problems", message: "Not yet.", problems: [problem], params: {} },
        }
      : undefined,
  );
  await openEditor();
  fireEvent.click(screen.getByRole("button", { name: "Publish" }));
  const publish = await screen.findByRole("button", { name: "Publish now" });
  await waitFor(() => expect(publish).toHaveProperty("disabled", false));
  fireEvent.click(publish);
  const list = await screen.findByRole("region", { name: "Problems" });
  fireEvent.click(within(list).getByText(problem.message));
  const panel = await screen.findByRole("region", { name: "Node: Tell the team" });
  await waitFor(() =>
    expect(document.activeElement).toBe(
      within(panel).getByLabelText(/^Channel/, { selector: "input" }),
    ),
  );
  expect(within(panel).getByText(problem.message)).toBeTruthy();
});

test("a node is added, set up and taken away again by keyboard alone", async () => {
  const calls = serveFixture();
  const user = userEvent.setup({ delay: null });
  const check = await openEditor();
  fireEvent.click(check);
  await screen.findByRole("region", { name: "Node: Large order?" });
  fireEvent.keyDown(document.body, { key: "n" });
  const search = await screen.findByRole("dialog", { name: "Add a node here" });
  await user.type(within(search).getByLabelText("Search nodes"), "post mess{Enter}");
  expect(await screen.findByTestId("node-post_message")).toBeTruthy();
  fireEvent.keyDown(document.body, { key: "Delete" });
  await waitFor(() => expect(screen.queryByTestId("node-post_message")).toBeNull());
  fireEvent.keyDown(document.body, { key: "z", ctrlKey: true });
  expect(await screen.findByTestId("node-post_message")).toBeTruthy();
  await waitFor(() => {
    const document = parseJson(saves(calls).at(-1)?.body ?? "null");
    const edges = isObject(document) ? document.edges : null;
    expect(edges).toContainEqual({ from: "check", port: "else", to: "post_message" });
  });
});

test("a viewer sees the flow and can change nothing", async () => {
  const calls = serveFixture((method, path) =>
    method === "GET" && path === "/session"
      ? {
          body: {
            user: { id: "user_v", name: "V", email: "v@example.com", language: "en" },
            role: "viewer",
            workspace: { id: "ws_1", name: "Shop" },
            csrf: "x",
            version: "0",
            demo: false,
            public_url: "http://localhost",
          },
        }
      : undefined,
  );
  const check = await openEditor();
  expect(screen.queryByRole("button", { name: "Publish" })).toBeNull();
  fireEvent.click(check);
  fireEvent.keyDown(document.body, { key: "Delete" });
  expect(screen.getByTestId("node-check")).toBeTruthy();
  expect(nameField().readOnly).toBe(true);
  expect(saves(calls)).toEqual([]);
});

test("the editor and its node panel have no barriers that axe can find", async () => {
  serveFixture();
  fireEvent.click(await openEditor());
  await screen.findByRole("region", { name: "Node: Large order?" });
  await expectNoBarriers();
});
