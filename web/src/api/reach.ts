/** Whether the server answers at all, as the last call found it. */
import { createStore } from "zustand";

export const reach = createStore<{ lost: boolean }>()(() => ({ lost: false }));

export function noteReach(answered: boolean): void {
  if (reach.getState().lost === answered) reach.setState({ lost: !answered });
}
