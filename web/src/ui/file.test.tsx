import { fireEvent, render } from "@testing-library/react";
import { expect, test } from "vitest";
import { useNoStrayFiles } from "./file.ts";

function Page() {
  useNoStrayFiles();
  return (
    <>
      <p>canvas</p>
      <input type="file" aria-label="file" />
    </>
  );
}

test("a file let go of beside the fields for files opens nothing", () => {
  const page = render(<Page />);
  const carried = (kind: string) => ({ dataTransfer: { types: [kind], dropEffect: "copy" } });
  // What is held back is not carried out: `fireEvent` says whether it would be.
  const [canvas, field] = [page.getByText("canvas"), page.getByLabelText("file")];
  expect(fireEvent.dragOver(canvas, carried("Files"))).toBe(false);
  expect(fireEvent.drop(canvas, carried("Files"))).toBe(false);
  expect(fireEvent.drop(field, carried("Files"))).toBe(true);
  expect(fireEvent.drop(canvas, carried("text/plain"))).toBe(true);
});
