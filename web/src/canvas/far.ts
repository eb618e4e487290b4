/** Whether a large flow is looked at from so far away that no word on it can be read. */
import { useStore } from "@xyflow/react";
import { manyNodes } from "./shape.ts";

const readable = 0.35;

export const useFar = (): boolean =>
  useStore((state) => state.transform[2] < readable && state.nodes.length > manyNodes);
