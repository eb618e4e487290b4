import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { expect, test, vi } from "vitest";
import { api } from "~/api/client";
import type { Run } from "~/api/contract";
import type { FlowVersion } from "~/api/version";
import { RetryButton } from "./RunActions";
import { StepFailure } from "./StepFailure";

const show = (children: ReactNode) =>
  render(
    <I18nProvider i18n={i18n}>
      <MantineProvider env="test">
        <QueryClientProvider client={new QueryClient()}>{children}</QueryClientProvider>
      </MantineProvider>
    </I18nProvider>,
  );

const versions = (live: string) =>
  vi.spyOn(api.flows, "versions").mockResolvedValue({
    items: [{ version: live, live: true } as FlowVersion],
    next: null,
  });
const failed = { id: "run_1", flow: "flow_1", version: "old", by_hand: false } as Run;

test("a failed run is tried again with the flow that was mended since", async () => {
  versions("new");
  const rerun = vi.spyOn(api.runs, "rerun").mockResolvedValue({ id: "run_2" } as never);
  show(<RetryButton run={failed} />);
  fireEvent.click(await screen.findByRole("button", { name: /the flow as it is now/ }));
  await waitFor(() =>
    expect(rerun).toHaveBeenCalledWith("run_1", { from: "failed", version: "newest" }),
  );
});

test("a failed run on the version that is live has one way on", async () => {
  const asked = versions("old");
  show(<RetryButton run={failed} />);
  await waitFor(() => expect(asked).toHaveBeenCalled());
  expect(screen.getAllByRole("button")).toHaveLength(1);
});

test("a failure leads to the node that failed", () => {
  const failure = { code: "slack.channel_not_found", message: "No such channel." };
  show(<StepFailure failure={failure as never} attempts={1} flow="flow_1" node="tell" />);
  const link = screen.getByRole("link", { name: "Open the flow" });
  expect(link.getAttribute("href")).toBe("/flows/flow_1?node=tell");
});
