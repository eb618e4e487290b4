import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import type { Role } from "~/api/contract.ts";

export const roleLabels: Record<Role, MessageDescriptor> = {
  owner: msg`Owner`,
  editor: msg`Editor`,
  viewer: msg`Viewer`,
};

/** What each role may do, in one sentence. */
export const roleMeanings: Record<Role, MessageDescriptor> = {
  owner: msg`Everything, people and connections included.`,
  editor: msg`Builds and publishes flows, and uses the connections.`,
  viewer: msg`Looks at flows and runs and changes nothing.`,
};
