// What is known of the waveforms that the tiles draw: the last seconds of each, and how far they are drawn.

import { ms } from "./wire";
import type { StripView } from "./wire";

export const SPAN_MS = 6_000;
/** After so long without samples nothing is drawn: an old trace must not look like a living one. */
export const SILENT_MS = 4_000;
/** A break is drawn as a gap of so long. */
const GAP_MS = 300;
/** Who draws further behind than this draws all at once. */
const MOST_BEHIND_MS = 2_500;

interface Piece {
  from: number;
  step: number;
  points: number[];
}

/** One channel of one session. Its time begins with its first piece (ms). */
export class Trace {
  readonly pieces: Piece[] = [];
  end = 0;
  strip: StripView;
  private drawn = 0;
  private at = 0;
  heard = 0;

  constructor(strip: StripView) {
    this.strip = strip;
  }

  add(strip: StripView): void {
    const now = performance.now();
    const silent = now - this.heard > SILENT_MS;
    const from = this.end + (strip.broken || silent ? GAP_MS : 0);
    this.drawn = Math.max(this.head(now), this.end - MOST_BEHIND_MS);
    if (silent) this.drawn = this.end;
    this.at = this.heard = now;
    this.strip = strip;
    this.pieces.push({ from, step: ms(strip.lasts) / strip.points.length, points: strip.points });
    this.end = from + ms(strip.lasts);
    while (this.pieces[0] && this.pieces[0].from < this.end - 2 * SPAN_MS) this.pieces.shift();
  }

  /** How far the trace is drawn: it goes on evenly, though samples come a second at a time. */
  head(now: number): number {
    return Math.min(this.end, this.drawn + now - this.at);
  }
}

const traces = new Map<string, Trace>();

export function take(strip: StripView): void {
  const key = `${strip.session}/${strip.channel}`;
  let trace = traces.get(key);
  if (trace === undefined) traces.set(key, (trace = new Trace(strip)));
  trace.add(strip);
}

/** The trace of a session: its ECG, or its pulse wave where there is no ECG just now. */
export function traceOf(session: string): Trace | undefined {
  const [ecg, pleth] = [traces.get(`${session}/ecg`), traces.get(`${session}/infrared`)];
  const alive = [ecg, pleth].find((trace) => trace && performance.now() - trace.heard < SILENT_MS);
  return alive ?? ecg ?? pleth;
}
