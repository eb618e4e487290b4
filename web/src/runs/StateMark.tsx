import classes from "./mark.module.css";
import { type AnyState, stateWords, useRunWords } from "./words.tsx";

interface StateMarkProps {
  state: AnyState;
  /** Only the icon is seen; the word is still read out. */
  bare?: boolean;
  size?: number;
}

/** A state as icon and word: never by colour alone. */
export function StateMark({ state, bare = false, size = 16 }: StateMarkProps) {
  const words = useRunWords();
  const { icon: Icon, tone } = stateWords[state];
  const label = words.state(state);
  return (
    <span className={classes.mark} data-tone={tone} title={bare ? label : undefined}>
      <Icon
        size={size}
        className={state === "running" ? classes.turning : undefined}
        aria-hidden={bare ? undefined : true}
        aria-label={bare ? label : undefined}
        role={bare ? "img" : undefined}
      />
      {!bare && <span>{label}</span>}
    </span>
  );
}
