/** All shortcuts that work on this page, what the pointer does there, and the switch for those of a single character. */
import { useLingui } from "@lingui/react";
import { Trans, useLingui as useTexts } from "@lingui/react/macro";
import { Kbd, Modal, Switch } from "@mantine/core";
import { useContext, useState } from "react";
import classes from "./command.module.css";
import { gestures } from "./gestures.ts";
import { Keys } from "./Keys.tsx";
import { letLettersWork, useLettersWork } from "./letters.ts";
import { type AppCommand, commandsIn, RegistryContext, shortcutsOf } from "./registry.ts";
import { isSingleCharacter, shownKeys } from "./shortcut.ts";
import { groups, groupTitles } from "./words.ts";

export function CheatSheet({ onClose }: { onClose: () => void }) {
  const { t } = useTexts();
  const { _ } = useLingui();
  const registry = useContext(RegistryContext);
  const letters = useLettersWork();
  const [commands] = useState(() =>
    commandsIn(registry).filter((it) => shortcutsOf(it).length > 0),
  );
  const drawn = commands.some((it) => it.id === "view.zoomIn");
  return (
    <Modal
      opened
      onClose={onClose}
      returnFocus={false}
      transitionProps={{ duration: 0 }}
      size={860}
      title={t`Keyboard shortcuts`}
    >
      <Switch
        className={classes.letters}
        checked={letters}
        onChange={(event) => letLettersWork(event.currentTarget.checked)}
        label={<Trans>Shortcuts of a single character</Trans>}
        description={
          <Trans>
            Switch them off if you speak to your computer, or if keys are pressed by accident.
          </Trans>
        }
      />
      <div className={classes.sheet}>
        {groups.map((group) => {
          const own = commands.filter((it) => it.group === group);
          if (own.length === 0) return null;
          return (
            <section key={group} className={classes.section}>
              <h3>{_(groupTitles[group])}</h3>
              <ul>
                {own.map((command) => (
                  <Row key={command.id} command={command} letters={letters} />
                ))}
              </ul>
            </section>
          );
        })}
        {drawn && (
          <section className={classes.section}>
            <h3>
              <Trans>With the pointer</Trans>
            </h3>
            <ul>
              {gestures.map(({ title, held, act }) => (
                <li key={`${title.id} ${held} ${act.id}`} className={classes.row}>
                  <span>{_(title)}</span>
                  <span className={classes.gesture}>
                    {held && <Kbd className={classes.key}>{shownKeys(held)}</Kbd>} {_(act)}
                  </span>
                </li>
              ))}
            </ul>
          </section>
        )}
      </div>
    </Modal>
  );
}

function Row({ command, letters }: { command: AppCommand; letters: boolean }) {
  const { _ } = useLingui();
  const shown = shortcutsOf(command).filter((it) => letters || !isSingleCharacter(it));
  return (
    <li className={classes.row} data-off={shown.length === 0 || undefined}>
      <span>{_(command.title)}</span>
      <span className={classes.choices}>
        {shown.slice(0, 8).map((shortcut) => (
          <Keys key={shortcut} shortcut={shortcut} />
        ))}
        {shown.length === 0 && <Trans>off</Trans>}
      </span>
    </li>
  );
}
