import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { renderHook, waitFor } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { api } from "~/api/client.ts";
import { nodeTypesOf } from "~/model/port.ts";
import { nodeType } from "../../../test/catalog.ts";
import { useCalled } from "./called.ts";

afterEach(() => vi.restoreAllMocks());

const types = nodeTypesOf({
  node_types: [nodeType("slack.post_message", { choices: { "/channel": "channels" } })],
});

it("calls a chosen channel by its name, and asks its account once", async () => {
  vi.spyOn(api.flows, "list").mockResolvedValue({ items: [], next: null });
  const asked = vi
    .spyOn(api.connections, "choices")
    .mockResolvedValue({ items: [{ value: "C0DEMO0013", label: "#vip" }] });
  const node = {
    id: "tell",
    type: "slack.post_message",
    connection: "con_1",
    params: { channel: "C0DEMO0013" },
  };
  const nodes = [node, { ...node, id: "again" }];
  const client = new QueryClient();
  const { result } = renderHook(() => useCalled(nodes, types), {
    wrapper: ({ children }) => (
      <QueryClientProvider client={client}>{children}</QueryClientProvider>
    ),
  });
  await waitFor(() => expect(result.current(node, "channel", "C0DEMO0013")).toBe("#vip"));
  expect(result.current(node, "channel", "#typed")).toBeUndefined();
  expect(asked).toHaveBeenCalledTimes(1);
});
