import { age, joined, roomName, sinceDose, words } from "./format";
import { heartTold } from "./heart";
import type { Scene } from "./link";
import { STARS } from "./priority";
import { rhythmTold } from "./rhythm";
import { Strip } from "./strip";
import { pulse, shownCuff, shownNumber } from "./vital";
import type { Shown } from "./vital";
import { ms } from "./wire";
import type { Alert, DeviceView, Late, NumberView, SessionView } from "./wire";

const LOW_BATTERY = 20;
const LATE_SHOWN_MS = 600_000;

/** The signals of each cell. */
const CELLS = {
  hr: ["heart_rate", "pulse_rate"],
  spo2: ["spo2", "perfusion_index"],
  nibp: ["systolic", "diastolic", "mean_pressure"],
  rr: ["respiration_rate"],
  temp: ["temperature"],
  etco2: ["etco2"],
};

interface Props {
  session: SessionView;
  alerts: Alert[];
  scene: Scene;
}

/** One person. Its place on the page never changes while the session is open. */
export function Tile({ session, alerts, scene }: Props) {
  const { now, link } = scene;
  const lost = link === "lost";
  const { numbers } = session;
  const origin = shownOrigin(session, scene);
  const number = (signal: string) => shownNumber(numbers[signal], now, lost);
  const beating = pulse(numbers, now);
  const heart = shownNumber(beating, now, lost);
  const told = heartTold(session.heart, beating, heart, numbers);
  const rhythm = rhythmTold(session.rhythms, heart, now);
  const cuff = shownCuff(session.cuff, now, lost);
  return (
    <article class={`tile ${urgency(alerts)}`} aria-label={roomName(session.room)}>
      <TileHeader session={session} now={now} origin={origin} />
      <div class="vitals">
        <Vital kind="hr" label={beating?.label ?? "HR"} unit={joined("/min", told.source)} shown={{ ...heart, caption: joined(told.note, heart.caption, rhythm) }} on={filling(alerts, "hr")} />
        <Vital kind="spo2" label="SpO2" unit={perfusion(numbers.perfusion_index)} shown={number("spo2")} on={filling(alerts, "spo2")} />
        <Vital kind="nibp" label="NIBP" unit="mmHg" shown={cuff} aside={cuff.mean} on={filling(alerts, "nibp")} />
        <Vital kind="rr" label="RR" unit="/min" shown={number("respiration_rate")} on={filling(alerts, "rr")} />
        <Vital kind="temp" label="Temp" unit="°C" shown={number("temperature")} on={filling(alerts, "temp")} />
        {numbers.etco2 && <Vital kind="etco2" label="EtCO2" unit="mmHg" shown={number("etco2")} on={filling(alerts, "etco2")} />}
      </div>
      <Strip session={session.id} />
      <TileFooter session={session} alerts={besides(alerts)} scene={scene} />
    </article>
  );
}

function TileHeader({ session, now, origin }: { session: SessionView; now: number; origin: string }) {
  const dose = session.doses.at(-1);
  const which = session.doses.length > 1 ? ` · dose ${session.doses.length}` : "";
  return (
    <header>
      <div>
        <h2>{roomName(session.room)}</h2>
        <span class="dose">{dose ? sinceDose(now - ms(dose.given_at)) : "no dose"}</span>
      </div>
      <div class="calm">
        <span>{session.id}</span>
        <span>
          {words(session.phase ?? "")}
          {which}
        </span>
      </div>
      {origin && <p class="origin">{origin}</p>}
    </header>
  );
}

interface VitalProps {
  kind: string;
  label: string;
  unit: string;
  shown: Shown;
  aside?: string;
  on: Alert | undefined;
}

/** A number with its label, unit and caption. An alert fills the cell, but never makes an old number look new. */
function Vital({ kind, label, unit, shown, aside, on: alert }: VitalProps) {
  const fill = alert ? `alerting ${alert.priority}` : "";
  return (
    <div class={`vital ${kind} ${shown.state} ${fill}`}>
      <p class="label">
        <b>{label}</b> <small>{unit}</small>
        {alert && <strong>{STARS[alert.priority]}</strong>}
        {alert?.limit && <em>{alert.limit}</em>}
      </p>
      <p class="value">
        {shown.text}
        {shown.mark && <sup>{shown.mark}</sup>}
        {aside && <small>{aside}</small>}
      </p>
      <p class="caption">{shown.caption}</p>
    </div>
  );
}

function TileFooter({ session, alerts, scene }: Props) {
  const devices = (scene.board?.site.devices ?? []).filter((device) => session.devices.includes(device.id));
  const late = session.late.filter((each) => scene.now - ms(each.measured_at) < LATE_SHOWN_MS).at(-1);
  const troubles = devices.flatMap(trouble);
  return (
    <footer>
      {alerts.map((alert) => (
        <span key={alert.id} class={`open ${alert.priority}`}>
          {STARS[alert.priority]} {alert.text}
          {alert.state === "latched" && ": over, not answered"}
        </span>
      ))}
      {late && <span>{lateText(late, scene.now)}</span>}
      {troubles.map((text) => (
        <span key={text}>{text}</span>
      ))}
      {alerts.length + troubles.length === 0 && !late && <span class="calm">{session.devices.join(" · ") || "no device"}</span>}
    </footer>
  );
}

const lateText = (late: Late, now: number): string =>
  `late: ${words(late.signal)} ${late.value} (${late.limit}) ${age(now - ms(late.measured_at))} ago`;

function trouble(device: DeviceView): string[] {
  if (device.online === false) return [`${device.id} offline`];
  return device.battery !== null && device.battery <= LOW_BATTERY ? [`${device.id} battery ${device.battery} %`] : [];
}

const perfusion = (index: NumberView | undefined): string =>
  index?.value != null ? `% · PI ${index.value.toFixed(1)}` : "%";

/** The most urgent alert that fills a cell. What is over no longer does, and what came late is not about the number there. */
const filling = (alerts: Alert[], cell: keyof typeof CELLS): Alert | undefined =>
  alerts.find((alert) => CELLS[cell].includes(alert.signal) && alert.state !== "latched" && alert.rule !== "late_crossing");

/** The alerts that no cell shows: they stand in the footer, so that every open alert is on its tile. */
const besides = (alerts: Alert[]): Alert[] => {
  const filled = Object.keys(CELLS).map((cell) => filling(alerts, cell as keyof typeof CELLS));
  return alerts.filter((alert) => !filled.includes(alert));
};

/** The tile's frame: the most urgent alert, steady once somebody is there. */
function urgency(alerts: Alert[]): string {
  const present = alerts.filter((alert) => alert.state !== "latched");
  const first = present.find((alert) => alert.state !== "attended") ?? present[0];
  return first ? `framed ${first.priority} ${first.state}` : "";
}

/** What is not real says so, wherever it comes from. */
function shownOrigin(session: SessionView, scene: Scene): string {
  const origins = [scene.board?.site.origin, session.cuff.origin, ...Object.values(session.numbers).map((n) => n.origin), ...session.rhythms.map((r) => r.origin)];
  return origins.find((origin) => origin && origin !== "real") ?? "";
}

