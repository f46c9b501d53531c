import type { Priority } from "./wire";

/** Most urgent first. */
export const PRIORITIES: Priority[] = ["high", "medium", "low"];

/** Colour is never the only cue. */
export const STARS: Record<Priority, string> = { high: "***", medium: "**", low: "*" };
