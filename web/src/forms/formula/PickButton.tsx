/** The data picker: click a field of what came before, and it is written into the parameter. */
import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Popover, Tooltip } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { Braces } from "lucide-react";
import { memo, useRef, useState } from "react";
import { FieldPicker } from "./FieldPicker.tsx";
import classes from "./formula.module.css";

interface PickButtonProps {
  /** Called with a field's place in the expression language. */
  onPick: (path: string) => void;
}

export const PickButton = memo(function PickButton({ onPick }: PickButtonProps) {
  const { t } = useLingui();
  const [opened, setOpened] = useState(false);
  const [away, setAway] = useState(8);
  const narrow = useMediaQuery("(max-width: 48em)", false, { getInitialValueInEffect: false });
  const button = useRef<HTMLButtonElement>(null);
  // Beside the panel, where there is room, so that the field stays in sight.
  const toggle = () => {
    const own = button.current?.getBoundingClientRect().left ?? 0;
    const panel = button.current?.closest("[data-panel]")?.getBoundingClientRect().left ?? own;
    setAway(panel > 380 ? own - panel + 8 : 8);
    setOpened(!opened);
  };
  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      // What is picked takes the focus into the field; who only closes the list comes back here.
      onDismiss={() => button.current?.focus()}
      position={narrow ? "bottom-end" : "left-start"}
      offset={narrow ? 8 : away}
      width="min(380px, calc(100vw - 16px))"
      shadow="lg"
      trapFocus
      withinPortal
    >
      <Popover.Target>
        <Tooltip label={t`Insert data from before`} openDelay={300} disabled={opened}>
          <ActionIcon
            size={22}
            variant="subtle"
            color="gray"
            aria-label={t`Insert data from before`}
            aria-expanded={opened}
            ref={button}
            onClick={toggle}
          >
            <Braces size={14} />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown p={0} aria-label={t`Insert data from before`}>
        <p className={classes.pickHead}>
          <Trans>Click a field to use it here</Trans>
        </p>
        <FieldPicker
          onPick={(path) => {
            onPick(path);
            setOpened(false);
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
});
