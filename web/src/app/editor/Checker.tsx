/** Looks the flow over while it is edited; nothing of it is seen, so it is loaded after the flow. */
import { useCheck } from "./check.ts";

export function Checker() {
  useCheck();
  return null;
}
