import { Kbd } from "@mantine/core";
import { Fragment } from "react";
import classes from "./command.module.css";
import { pressesOf, shownKeys } from "./shortcut.ts";

/** A shortcut, key by key. */
export function Keys({ shortcut }: { shortcut: string }) {
  return (
    <span className={classes.keys} data-shortcut={shortcut}>
      {pressesOf(shortcut).map((press, at) => (
        <Fragment key={press}>
          {at > 0 && " "}
          {shownKeys(press).map((key) => (
            <Kbd key={key} className={classes.key}>
              {key}
            </Kbd>
          ))}
        </Fragment>
      ))}
    </span>
  );
}
