import { useLingui } from "@lingui/react/macro";
import { Center, Loader } from "@mantine/core";

/** Shown while a page's code or first data is on its way. */
export function Waiting() {
  const { t } = useLingui();
  return (
    <Center h="100%" mih={240} role="status" aria-label={t`Loading`}>
      <Loader type="dots" />
    </Center>
  );
}
