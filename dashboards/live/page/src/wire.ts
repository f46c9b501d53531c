// The shapes of dashboards/live/views.py and hub.py. Instants are nanoseconds since 1970, UTC; `ms` makes them usable here.

export type Priority = "low" | "medium" | "high";
export type AlertState = "raised" | "going" | "attended" | "latched" | "resolved";
export type Origin = "real" | "simulated" | "probe";

export interface NumberView {
  signal: string;
  label: string;
  unit: string;
  decimals: number;
  continuous: boolean;
  value: number | null;
  quality: "valid" | "questionable" | "invalid";
  cause: string;
  measured_at: number | null;
  received_at: number | null;
  device: string;
  origin: Origin | null;
  freshness: string;
  since: number | null;
  last_valid_at: number | null;
}

export interface CuffView {
  systolic: number | null;
  diastolic: number | null;
  mean: number | null;
  quality: "valid" | "questionable" | "invalid";
  cause: string;
  measured_at: number | null;
  received_at: number | null;
  device: string;
  origin: Origin | null;
  failed_at: number | null;
  failed_cause: string;
  freshness: string;
  since: number | null;
}

export type RateSource = "" | "ecg" | "pulse" | "monitor_ecg" | "monitor_pulse" | "cuff";

/** Which source of the heart's rate is believed; `against` is empty while nothing contradicts it. */
export interface HeartView {
  source: RateSource;
  device: string;
  sign: "" | "disagreement" | "weak" | "nothing_told";
  against: RateSource;
  against_device: string;
  other: number | null;
  origin: Origin | null;
  since: number | null;
}

export type RhythmSign = "irregular" | "pause" | "sudden_tachycardia";

/** What the ECG of a device shows of its wearer's rhythm, told each second while it does. */
export interface RhythmView {
  device: string;
  signs: RhythmSign[];
  measured_at: number;
  origin: Origin;
}

export interface Dose {
  drug: string;
  amount_mg: number;
  route: string;
  given_at: number;
}

export interface Note {
  by: string;
  text: string;
  at: number;
}

export interface Late {
  rule: string;
  signal: string;
  value: number;
  limit: string;
  measured_at: number;
}

export interface SessionView {
  id: string;
  room: string;
  protocol: string;
  slot: number;
  opened_at: number;
  phase: string | null;
  phase_since: number | null;
  doses: Dose[];
  numbers: Record<string, NumberView>;
  cuff: CuffView;
  heart: HeartView;
  rhythms: RhythmView[];
  devices: string[];
  notes: Note[];
  late: Late[];
}

export interface PageView {
  id: string;
  person: string;
  role: string;
  pager: string;
  reason: string;
  at: number;
  outcome: "delivered" | "failed" | "rejected" | null;
  outcome_at: number | null;
  detail: string;
}

export interface Alert {
  id: string;
  session: string;
  rule: string;
  signal: string;
  kind: "physiological" | "technical";
  priority: Priority;
  state: AlertState;
  version: number;
  change: string;
  text: string;
  action: string;
  raised_at: number;
  changed_at: number;
  origin: Origin;
  value?: number;
  limit?: string;
  room?: string;
  by?: string;
  silenced_until?: number;
}

export interface AlertView {
  alert: Alert;
  pages: PageView[];
  paged: number;
}

export interface DeviceView {
  id: string;
  session: string;
  online: boolean | null;
  battery: number | null;
  detail: string;
  heard_at: number | null;
  skew: number;
}

/** A device of the site. `model` is empty for one that does not come by our Bluetooth. */
export interface SiteDevice extends DeviceView {
  model: string;
}

/** A Bluetooth device that is heard. `device` is our id where it was added. */
export interface Nearby {
  nearby: string;
  kind: string;
  model: string;
  name: string;
  rssi: number;
  strength: "strong" | "fair" | "weak";
  heard_at: number;
  device: string;
  session: string;
}

export interface UnclaimedView {
  device: string;
  observations: number;
  measured_at: number;
}

export interface Refused {
  source: string;
  device: string;
  reason: string;
  at: number;
}

export interface Condition {
  code: string;
  subject: string;
  detail: string;
  since: number;
}

export interface Counters {
  readings: number;
  late: number;
  quarantined: number;
  unclaimed: number;
  duplicates: number;
  ignored: number;
  gaps: number;
}

export interface SiteView {
  name: string;
  origin: Origin;
  started_at: number | null;
  outage: number;
  counters: Counters;
  refused: Refused[];
  unclaimed: UnclaimedView[];
  devices: DeviceView[];
  conditions: Condition[];
}

export interface BoardView {
  site: SiteView;
  sessions: SessionView[];
  alerts: AlertView[];
}

export interface BoardUpdate {
  order: string[];
  sessions: SessionView[];
  alerts: AlertView[] | null;
}

export interface Stamp {
  sequence: number;
  at: number;
  watched_at: number;
  recorded: boolean;
}

export interface Snapshot extends Stamp {
  board: BoardView;
}

export interface Update extends Stamp {
  changes: BoardUpdate;
}

export interface Heartbeat extends Stamp {
  site: SiteView;
}

/** A second or more of one waveform, `points` evenly apart. `broken`: something is missing before it. */
export interface StripView {
  session: string;
  device: string;
  channel: "ecg" | "infrared";
  unit: string;
  origin: Origin;
  until: number;
  lasts: number;
  broken: boolean;
  points: number[];
}

export interface Waves extends Stamp {
  strips: StripView[];
}

export const ms = (nanoseconds: number): number => nanoseconds / 1e6;

/** The board after an update: what `folded` in the tests of the board does. */
export function folded(board: BoardView, changes: BoardUpdate): BoardView {
  const sessions = new Map([...board.sessions, ...changes.sessions].map((session) => [session.id, session]));
  return {
    site: board.site,
    sessions: changes.order.flatMap((id) => sessions.get(id) ?? []),
    alerts: changes.alerts ?? board.alerts,
  };
}
