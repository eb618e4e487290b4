import { act, render } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import type { LiveStep, Run } from "~/api/contract.ts";
import { stepState, takeRun, takeStep, useRunState, useStepState } from "./state.ts";

const frame = () =>
  act(() => new Promise<void>((resolve) => requestAnimationFrame(() => resolve())));

function step(node: string, more: Partial<LiveStep> = {}): LiveStep {
  return {
    run_id: "run_1",
    flow_id: "flow_1",
    node,
    iteration: [],
    state: "running",
    attempts: 1,
    port: null,
    at: "2026-11-21T09:00:00Z",
    ...more,
  };
}

function Box({ id, renders }: { id: string; renders: Record<string, number> }) {
  const state = useStepState(id);
  renders[id] = (renders[id] ?? 0) + 1;
  return <i>{state?.state}</i>;
}

beforeEach(() => {
  for (const id of Object.keys(useRunState.getState().steps)) useRunState.getState().forget(id);
  useRunState.getState().show("run_1");
});

describe("the run store", () => {
  it("applies a burst of a thousand steps in one change", async () => {
    let changes = 0;
    const stop = useRunState.subscribe(() => {
      changes += 1;
    });
    for (let index = 0; index < 1_000; index += 1) {
      takeStep(step("fields", { iteration: [index], state: "succeeded", port: "out" }));
    }
    expect(changes).toBe(0);
    await frame();
    stop();
    expect(changes).toBe(1);
    const state = stepState("fields")(useRunState.getState());
    expect(state?.counts).toEqual({ succeeded: 1_000 });
    expect(state?.ports).toEqual({ out: 1_000 });
  });

  it("renders only the nodes that moved", async () => {
    const renders: Record<string, number> = {};
    const ids = ["order", "check", "tell"];
    const { container } = render(ids.map((id) => <Box key={id} id={id} renders={renders} />));
    takeStep(step("check"));
    takeStep(step("check", { state: "succeeded", port: "vip" }));
    await frame();
    expect(renders).toEqual({ order: 1, check: 2, tell: 1 });
    expect(container.textContent).toBe("succeeded");
  });

  it("counts a step once, however often its state changes", async () => {
    takeStep(step("tell"));
    await frame();
    takeStep(step("tell", { state: "waiting" }));
    takeStep(step("tell", { state: "failed", attempts: 4 }));
    await frame();
    const state = stepState("tell")(useRunState.getState());
    expect(state).toMatchObject({ state: "failed", attempts: 4 });
    expect(state?.counts.failed).toBe(1);
    expect(state?.counts.running).toBe(0);
  });

  it("replaces what live events told by what the server holds", async () => {
    takeStep(step("tell", { state: "running" }));
    await frame();
    const told = step("tell", { state: "succeeded", port: "out" });
    const run = {
      id: "run_1",
      flow: "flow_1",
      steps: [{ ...told, effect: "pure", started_at: told.at, ended_at: told.at }],
    } as unknown as Run;
    act(() => useRunState.getState().load(run));
    const state = stepState("tell")(useRunState.getState());
    expect(state?.counts).toEqual({ succeeded: 1 });
  });

  it("forgets old runs and keeps the one that is shown", async () => {
    const run = (id: string) => ({
      id,
      flow_id: "flow_1",
      version: "v",
      state: "running" as const,
      reason: null,
      trigger: "order",
      keys: [],
      started_at: null,
      ended_at: null,
    });
    takeRun(run("run_1"));
    for (let index = 2; index < 700; index += 1) {
      takeRun(run(`run_${index}`));
      takeStep(step("order", { run_id: `run_${index}` }));
    }
    await frame();
    const { runs, steps } = useRunState.getState();
    expect(Object.keys(runs).length).toBeLessThanOrEqual(301);
    expect(Object.keys(steps).length).toBeLessThanOrEqual(301);
    expect(runs.run_1).toBeDefined();
    expect(runs.run_699).toBeDefined();
  });
});
