import { Trans } from "@lingui/react/macro";
import { Component, type ReactNode } from "react";
import { Failure } from "~/ui/Notice.tsx";
import classes from "./shell/frame.module.css";

interface BoundaryProps {
  children: ReactNode;
}

/** Keeps an error in one page from taking the whole editor down. */
export class Boundary extends Component<BoundaryProps, { error: unknown }> {
  override state = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    if (this.state.error === null) return this.props.children;
    return (
      <div className={classes.frame}>
        <Failure
          error={this.state.error}
          title={<Trans>This page stopped working</Trans>}
          onRetry={() => location.reload()}
        />
      </div>
    );
  }
}
