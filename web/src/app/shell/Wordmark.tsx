import icon from "../icon.svg";
import classes from "./shell.module.css";

/** The product's mark and name; the name is never translated. */
export function Wordmark({ size = 26 }: { size?: number }) {
  return (
    <span className={classes.wordmark}>
      <img src={icon} width={size} height={size} alt="" />
      <span translate="no">Tramo</span>
    </span>
  );
}
