/** Short messages that something was done, spoken by screen readers and gone by themselves. */
import { useLingui } from "@lingui/react/macro";
import { CloseButton, Paper, Text } from "@mantine/core";
import { CircleAlert, CircleCheck } from "lucide-react";
import { useEffect } from "react";
import { create } from "zustand";
import classes from "./toast.module.css";

interface Toast {
  id: number;
  tone: "done" | "problem";
  text: string;
}

const SHOWN_MS = { done: 5_000, problem: 10_000 };
const useToasts = create<{ toasts: Toast[]; last: number }>()(() => ({ toasts: [], last: 0 }));

/** Says that something was done, or was not, to whoever looks at the page or listens to it. */
export function say(text: string, tone: Toast["tone"] = "done"): void {
  useToasts.setState(({ toasts, last }) => ({
    last: last + 1,
    toasts: [...toasts.slice(-2), { id: last + 1, tone, text }],
  }));
}

function dismiss(id: number): void {
  useToasts.setState(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) }));
}

export function Toasts() {
  const toasts = useToasts((state) => state.toasts);
  return (
    <div className={classes.stack} role="status" aria-live="polite">
      {toasts.map((toast) => (
        <ToastCard key={toast.id} {...toast} />
      ))}
    </div>
  );
}

function ToastCard({ id, tone, text }: Toast) {
  const { t } = useLingui();
  useEffect(() => {
    const timer = setTimeout(() => dismiss(id), SHOWN_MS[tone]);
    return () => clearTimeout(timer);
  }, [id, tone]);
  return (
    <Paper className={classes.toast} data-tone={tone}>
      {tone === "done" ? <CircleCheck size={18} /> : <CircleAlert size={18} />}
      <Text size="sm" flex={1}>
        {text}
      </Text>
      <CloseButton size="sm" aria-label={t`Dismiss`} onClick={() => dismiss(id)} />
    </Paper>
  );
}
