// Where the heart's number comes from, and what contradicts it. Words only: colours are for alerts.

import type { Shown } from "./vital";
import type { HeartView, NumberView, RateSource } from "./wire";

const WORDS: Record<RateSource, string> = { "": "", ecg: "ECG", monitor_ecg: "ECG", pulse: "pulse", monitor_pulse: "pulse", cuff: "cuff" };
const SIGNALS: Record<RateSource, string> = {
  "": "",
  ecg: "heart_rate",
  monitor_ecg: "heart_rate",
  pulse: "pulse_rate",
  monitor_pulse: "pulse_rate",
  cuff: "pulse_rate",
};

/** /min: sources no further apart say the same, as in monitor/signal/fusion.py. */
const AGREE = 10;

interface Source {
  source: RateSource;
  device: string;
}

interface Told {
  /** Where the number that stands there comes from. */
  source: string;
  /** Which other one contradicts it, or is to be believed rather. */
  note: string;
}

const NOTHING: Told = { source: "", note: "" };

/** What is said of the number that is shown; of one that is not fresh, nothing. */
export function heartTold(heart: HeartView, number: NumberView | undefined, shown: Shown, numbers: Record<string, NumberView>): Told {
  if (!heart.source || !number || !["valid", "questionable"].includes(shown.state)) return NOTHING;
  const believed: Source = heart;
  const against: Source = { source: heart.against, device: heart.against_device };
  if (isOf(number, believed)) {
    const source = WORDS[heart.source];
    return { source, note: heart.against ? `${rate(against, source, heart.other)}: differs` : "" };
  }
  const contradicts = isOf(number, against);
  const source = contradicts ? WORDS[against.source] : number.signal === "heart_rate" ? "ECG" : "pulse";
  const value = newest(believed, numbers);
  const other = rate(believed, source, value);
  if (contradicts) return { source, note: `${other}: differs` };
  const agrees = shown.state === "valid" && value !== null && number.value !== null && Math.abs(number.value - value) <= AGREE;
  return { source, note: agrees || value === null ? "" : `better: ${other}` };
}

const isOf = (number: NumberView, { source, device }: Source): boolean => number.signal === SIGNALS[source] && number.device === device;

const newest = (of: Source, numbers: Record<string, NumberView>): number | null => {
  const number = numbers[SIGNALS[of.source]];
  return number && isOf(number, of) ? number.value : null;
};

/** "pulse 64", "no pulse"; where both are the same source, the device's name instead. */
function rate({ source, device }: Source, besides: string, value: number | null): string {
  const name = WORDS[source] === besides ? device : WORDS[source];
  if (value === 0) return `no ${name}`;
  return value === null ? name : `${name} ${value.toFixed(0)}`;
}
