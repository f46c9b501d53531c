// The link to the station: one event stream, watched. Silence is never calm, so the page itself counts it.

import { take } from "./traces";
import { folded, ms } from "./wire";
import type { BoardView, Heartbeat, Snapshot, Stamp, Update, Waves } from "./wire";

export const SLOW_MS = 3_000;
export const LOST_MS = 10_000;
const RETRY_MS = 2_000;

export type LinkState = "connecting" | "ok" | "slow" | "lost";

/** What every part of the page is drawn from. Instants in ms. */
export interface Scene {
  board: BoardView | null;
  /** The station's clock, counted on by ours since its last event. */
  now: number;
  link: LinkState;
  /** ms since anybody is known to have watched. */
  silence: number;
  /** The station answers, but its core does not judge. */
  stopped: boolean;
  recorded: boolean;
}

export class Link {
  private board: BoardView | null = null;
  private stamp: Stamp | null = null;
  private heard = reference();
  private opened = reference();
  private source: EventSource | null = null;
  private timer = 0;

  constructor(private readonly changed: () => void) {}

  start(): void {
    this.connect();
    // An event stream gives up for good on some errors, and never notices a station that hangs.
    window.setInterval(() => {
      if (elapsed(this.heard) > LOST_MS && elapsed(this.opened) > LOST_MS) this.connect();
    }, 1_000);
  }

  scene(): Scene {
    const sinceEvent = elapsed(this.heard);
    const at = this.stamp ? ms(this.stamp.at) : Date.now();
    const unwatched = this.stamp ? at - ms(this.stamp.watched_at) : 0;
    const silence = Math.max(sinceEvent, unwatched);
    return {
      board: this.board,
      now: this.stamp ? at + sinceEvent : at,
      link: silence > LOST_MS ? "lost" : this.board === null ? "connecting" : silence > SLOW_MS ? "slow" : "ok",
      silence,
      stopped: unwatched > sinceEvent,
      recorded: this.stamp?.recorded ?? true,
    };
  }

  private connect(): void {
    window.clearTimeout(this.timer);
    this.source?.close();
    this.opened = reference();
    const source = new EventSource("/api/v1/stream");
    this.source = source;
    this.on<Snapshot>(source, "snapshot", (event) => event.board);
    this.on<Update>(source, "update", (event, board) => board && folded(board, event.changes));
    this.on<Heartbeat>(source, "heartbeat", (event, board) => board && { ...board, site: event.site });
    this.on<Waves>(source, "waves", (event, board) => {
      event.strips.forEach(take);
      return board;
    });
    source.addEventListener("error", () => {
      if (source.readyState === EventSource.CLOSED) this.timer = window.setTimeout(() => this.connect(), RETRY_MS);
    });
  }

  private on<E extends Stamp>(
    source: EventSource,
    name: string,
    next: (event: E, board: BoardView | null) => BoardView | null,
  ): void {
    source.addEventListener(name, (message: MessageEvent<string>) => {
      if (source !== this.source) return;
      const event = JSON.parse(message.data) as E;
      this.board = next(event, this.board);
      this.stamp = event;
      this.heard = reference();
      this.changed();
    });
  }
}

interface Instant {
  steady: number;
  wall: number;
}

const reference = (): Instant => ({ steady: performance.now(), wall: Date.now() });

/** ms since an instant. The steady clock stands still while a tablet sleeps, the wall clock may be set back: the longer counts. */
const elapsed = (since: Instant): number => Math.max(performance.now() - since.steady, Date.now() - since.wall);
