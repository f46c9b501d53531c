// What a number may be shown as. One decision for the whole page: a number is never in its own colour unless it is fresh.

import { age, clock, joined, shortClock, words } from "./format";
import { ms } from "./wire";
import type { CuffView, NumberView } from "./wire";

export type State = "valid" | "questionable" | "stale" | "invalid" | "none";

export interface Shown {
  text: string;
  /** "?" beside a questionable value. */
  mark: string;
  state: State;
  caption: string;
}

/** How old (ms) a value may look fresh when the core has not said that its signal went silent. */
const CONTINUOUS_MS = 30_000;
const INTERMITTENT_MS = 3_600_000;

/** How long (ms) a pulse counts as present when two signals can give it. */
const PRESENT_MS = 10_000;

const NOTHING = "---";
const UNUSABLE = "-?-";

export function shownNumber(number: NumberView | undefined, now: number, lost: boolean): Shown {
  if (!number || number.measured_at === null) return nothing(number?.freshness ?? "");
  const measured = ms(number.measured_at);
  const old = now - measured;
  if (number.value === null) {
    const since = old > PRESENT_MS ? ` · ${age(old)}` : "";
    return { text: UNUSABLE, mark: "", state: "invalid", caption: words(number.cause || "no value") + since };
  }
  const text = number.value.toFixed(number.decimals);
  if (number.freshness === "lost") {
    return { text: UNUSABLE, mark: "", state: "invalid", caption: `no data · ${text} at ${clock(measured)}` };
  }
  const mark = number.quality === "questionable" ? "?" : "";
  const why = mark && words(number.cause);
  const when = number.continuous ? "" : `${shortClock(measured)} · ${age(old)}`;
  if (lost || isStale(number.freshness, number.continuous, old)) {
    return { text, mark, state: "stale", caption: joined(overdue(number.freshness), when || `${age(old)} old`, why) };
  }
  return { text, mark, state: mark ? "questionable" : "valid", caption: joined(when, why) };
}

/** The cuff's triple is one measurement: clock time and age always stand beside it. */
export function shownCuff(cuff: CuffView, now: number, lost: boolean): Shown & { mean: string } {
  const failed = cuff.failed_at === null ? "" : `${shortClock(ms(cuff.failed_at))} failed: ${words(cuff.failed_cause)}`;
  if (cuff.measured_at === null) {
    const blank = nothing(cuff.freshness);
    return { ...blank, text: failed ? UNUSABLE : blank.text, caption: failed || blank.caption, mean: "" };
  }
  const measured = ms(cuff.measured_at);
  const old = now - measured;
  const mark = cuff.quality === "questionable" ? "?" : "";
  const stale = lost || isStale(cuff.freshness, false, old);
  return {
    text: `${part(cuff.systolic)}/${part(cuff.diastolic)}`,
    mark,
    mean: `(${part(cuff.mean)})`,
    state: stale ? "stale" : mark ? "questionable" : "valid",
    caption: joined(overdue(cuff.freshness), `${shortClock(measured)} · ${age(old)}`, failed || (mark && words(cuff.cause))),
  };
}

/** The heart rate or, while that is not there, the pulse rate that stands in for it; they share one freshness. */
export function pulse(numbers: Record<string, NumberView>, now: number): NumberView | undefined {
  const { heart_rate: heart, pulse_rate: rate } = numbers;
  const freshness = heart?.freshness || rate?.freshness || "";
  const chosen = [heart, rate].find((each) => isPresent(each, now)) ?? newest(heart, rate);
  return chosen && { ...chosen, freshness };
}

function isPresent(number: NumberView | undefined, now: number): boolean {
  return number?.value != null && number.measured_at !== null && now - ms(number.measured_at) < PRESENT_MS;
}

function newest(first: NumberView | undefined, second: NumberView | undefined): NumberView | undefined {
  return (second?.measured_at ?? 0) > (first?.measured_at ?? 0) ? second : (first ?? second);
}

function isStale(freshness: string, continuous: boolean, old: number): boolean {
  if (continuous) return freshness === "stale" || old > CONTINUOUS_MS;
  return freshness === "overdue" || (freshness === "" && old > INTERMITTENT_MS);
}

const nothing = (freshness: string): Shown => ({
  text: NOTHING,
  mark: "",
  state: "none",
  caption: freshness === "never_seen" ? "no data since the start" : "",
});

const overdue = (freshness: string): string => (freshness === "overdue" ? "overdue" : "");

const part = (value: number | null): string => (value === null ? NOTHING : value.toFixed(0));
