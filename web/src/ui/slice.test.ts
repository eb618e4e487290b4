import { expect, test, vi } from "vitest";
import { inSlices } from "./slice.ts";

function* steps(done: number[], each_ms: number): Generator<undefined> {
  for (let step = 0; step < 20; step += 1) {
    const until = performance.now() + each_ms;
    while (performance.now() < until);
    done.push(step);
    yield;
  }
}

test("a key that comes in the middle of long work is not held up until its end", async () => {
  const done: number[] = [];
  const ended = vi.fn();
  inSlices(steps(done, 2), ended);
  const whenKeysCame = await new Promise<number>((resume) => {
    setTimeout(() => resume(done.length));
  });
  expect(whenKeysCame).toBeLessThan(20);
  await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce());
  expect(done).toHaveLength(20);
});

test("work that is called off neither goes on nor ends", async () => {
  const done: number[] = [];
  const ended = vi.fn();
  const callOff = inSlices(steps(done, 2), ended);
  await new Promise((resume) => setTimeout(resume));
  callOff();
  const before = done.length;
  await new Promise((resume) => setTimeout(resume, 60));
  expect(done).toHaveLength(before);
  expect(ended).not.toHaveBeenCalled();
});
