/** What an account offers for a field, and what the values are called that were chosen from it. */
import { queryOptions } from "@tanstack/react-query";
import { api } from "~/api/client.ts";

export const calledKey = (connection: string, choices: string, value: string) =>
  ["called", connection, choices, value] as const;

export const offered = (connection: string, choices: string, search: string) =>
  queryOptions({
    queryKey: ["choices", connection, choices, search] as const,
    queryFn: ({ signal }) => api.connections.choices(connection, choices, search, signal),
    staleTime: 60_000,
    retry: false,
  });
