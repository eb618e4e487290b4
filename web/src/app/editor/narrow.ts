import { useMediaQuery } from "@mantine/hooks";

/** Whether there is room for one thing at a time only, as on a phone. */
export function useNarrow(): boolean {
  return useMediaQuery("(max-width: 48em)", false, { getInitialValueInEffect: false }) ?? false;
}
