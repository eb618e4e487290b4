/** The bar's last button; it is there before the menu behind it is loaded. */
import { useLingui } from "@lingui/react/macro";
import { ActionIcon, type ActionIconProps } from "@mantine/core";
import { EllipsisVertical } from "lucide-react";
import type { ComponentPropsWithRef } from "react";

export function MoreButton(
  props: ActionIconProps & Pick<ComponentPropsWithRef<"button">, "ref" | "onClick">,
) {
  const { t } = useLingui();
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size={34}
      aria-label={t`More`}
      data-guide="more"
      {...props}
    >
      <EllipsisVertical size={17} />
    </ActionIcon>
  );
}
