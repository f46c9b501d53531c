// What the beats of the heart show besides their rate. Words only: colours are for alerts, and this is none.

import { joined } from "./format";
import type { Shown } from "./vital";
import { ms } from "./wire";
import type { RhythmSign, RhythmView } from "./wire";

/** In the order in which they are read. */
const WORDS: Record<RhythmSign, string> = { pause: "pause 3 s", sudden_tachycardia: "suddenly fast", irregular: "irregular" };

/** How long (ms) after it was told last a sign stands here, as in dashboards/live/rhythms.py. */
const SHOWN_MS = 10_000;

/** What any device shows now; nothing beside a number that is not fresh. */
export function rhythmTold(rhythms: RhythmView[], number: Shown, now: number): string {
  if (!["valid", "questionable"].includes(number.state)) return "";
  const recent = rhythms.filter((each) => now - ms(each.measured_at) < SHOWN_MS);
  const signs = Object.keys(WORDS) as RhythmSign[];
  return joined(...signs.filter((sign) => recent.some((each) => each.signs.includes(sign))).map((sign) => WORDS[sign]));
}
