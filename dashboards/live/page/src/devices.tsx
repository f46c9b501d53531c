import { age, roomName } from "./format";
import type { Around } from "./nearby";
import type { Step } from "./steps";
import { ms } from "./wire";
import type { Nearby, SessionView, SiteDevice } from "./wire";

/** Values that came so lately (ms) come still. */
const SENDING_MS = 10_000;

const LOW_BATTERY = 20;

type Go = (step: Step) => void;

/** Who wears a device now. */
export const wearer = (device: string, sessions: SessionView[]): SessionView | undefined =>
  sessions.find((session) => session.devices.includes(device));

/** Room 4 (s-107) */
export const whom = (session: SessionView): string => `${roomName(session.room)} (${session.id})`;

interface Props {
  title: string;
  none: string;
  devices: SiteDevice[];
  sessions: SessionView[];
  now: number;
  go: Go;
}

/** Devices of the site, each with what can be done with it. */
export function Devices({ title, none, devices, sessions, now, go }: Props) {
  return (
    <section>
      <h3>{title}</h3>
      <ul>
        {devices.length === 0 && <li class="calm">{none}</li>}
        {devices.map((device) => (
          <Device key={device.id} device={device} on={wearer(device.id, sessions)} now={now} go={go} />
        ))}
      </ul>
    </section>
  );
}

function Device({ device, on, now, go }: { device: SiteDevice; on: SessionView | undefined; now: number; go: Go }) {
  const { id, model } = device;
  const astray = on === undefined && sends(device, now);
  return (
    <li class="device">
      <p>
        <b>{id}</b> <span class="calm">{model}</span>
      </p>
      {on && <p>on {whom(on)}</p>}
      {astray && <p class="telling">SENDS, and nobody wears it</p>}
      <State device={device} now={now} />
      <div class="buttons">
        {on ? (
          <button onClick={() => go({ kind: "off", device: id })}>Take off</button>
        ) : (
          <button onClick={() => go({ kind: "put", device: id })}>Put on</button>
        )}
        {!on && model && (
          <button class="plain" onClick={() => go({ kind: "forget", device: id })}>
            Forget
          </button>
        )}
      </div>
    </li>
  );
}

/** Link, battery, age and clock; what needs somebody stands out. */
function State({ device, now }: { device: SiteDevice; now: number }) {
  const { online, battery, heard_at, skew, detail } = device;
  const parts: [string, boolean][] = [
    [online === null ? "" : online ? "online" : "OFFLINE", online === false],
    [heard_at === null ? "no value yet" : `last value ${age(now - ms(heard_at))} ago`, false],
    [battery === null ? "" : `battery ${battery} %`, battery !== null && battery <= LOW_BATTERY],
    [skew ? `clock off by ${age(Math.abs(ms(skew)))}` : "", skew !== 0],
    [detail, true],
  ];
  return (
    <p class="state">
      {parts
        .filter(([text]) => text)
        .map(([text, telling]) => (
          <span key={text} class={telling ? "telling" : ""}>
            {text}
          </span>
        ))}
    </p>
  );
}

/** Whether values come from a device now. */
export const sends = (device: SiteDevice, now: number): boolean =>
  device.heard_at !== null && now - ms(device.heard_at) < SENDING_MS;

/** What Bluetooth hears and is not ours yet. */
export function NearbyDevices({ around, now, go }: { around: Around | null; now: number; go: Go }) {
  const strangers = around?.nearby.filter((each) => !each.device) ?? [];
  return (
    <section>
      <h3>Nearby by Bluetooth, not added yet</h3>
      {around === null && <p class="calm">looking</p>}
      {around?.why && <p class="calm">{around.why}</p>}
      {around && !around.why && strangers.length === 0 && (
        <p class="calm">none heard: switch the device on and hold it near the station</p>
      )}
      <ul>
        {strangers.map((each) => (
          <Stranger key={each.nearby} each={each} now={now} go={go} />
        ))}
      </ul>
    </section>
  );
}

function Stranger({ each, now, go }: { each: Nearby; now: number; go: Go }) {
  return (
    <li class="device">
      <p>
        <b>{each.model}</b> <span class="calm">{each.name}</span>
      </p>
      <p>
        {each.kind}, signal {each.strength}
      </p>
      <p class="state">
        <span>heard {age(now - ms(each.heard_at))} ago</span>
      </p>
      <div class="buttons">
        <button aria-label={`Add ${each.model} ${each.name}`} onClick={() => go({ kind: "add", near: each })}>
          Add
        </button>
      </div>
    </li>
  );
}
