import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { age, clock, words } from "./format";
import { ms } from "./wire";
import type { DeviceView, SiteView } from "./wire";

interface Props {
  site: SiteView;
  now: number;
  onClose: () => void;
}

/** What is wrong with the equipment, and what was not used and why. */
export function EquipmentDialog({ site, now, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const { counters } = site;
  return (
    <dialog ref={dialog} class="sheet wide" aria-labelledby="equipment-title" onClose={onClose}>
      <h2 id="equipment-title">Equipment</h2>
      <p>
        {counters.readings} readings · {counters.late} late · {counters.duplicates} duplicates · {counters.gaps} missing ·{" "}
        {counters.quarantined} refused · {counters.unclaimed} unclaimed · {counters.ignored} ignored
      </p>
      <List title="Conditions" none="none">
        {site.conditions.map((each) => (
          <li key={each.code + each.subject}>
            {words(each.code)} {each.subject} · {age(now - ms(each.since))} · {each.detail}
          </li>
        ))}
      </List>
      <List title="Unclaimed: sending, worn by nobody" none="none">
        {site.unclaimed.map((each) => (
          <li key={each.device}>
            {each.device} · last {age(now - ms(each.measured_at))} ago · messages: {each.observations}
          </li>
        ))}
      </List>
      <List title="Devices" none="none heard yet">
        {site.devices.map((device) => (
          <li key={device.id}>{deviceText(device, now)}</li>
        ))}
      </List>
      <List title="Refused messages, newest first" none="none">
        {site.refused.map((each, index) => (
          <li key={index}>
            {clock(ms(each.at))} {each.device || each.source} · {each.reason}
          </li>
        ))}
      </List>
      <div class="buttons">
        <button onClick={onClose}>Close</button>
      </div>
    </dialog>
  );
}

function List({ title, none, children }: { title: string; none: string; children: ComponentChildren[] }) {
  return (
    <section>
      <h3>{title}</h3>
      <ul>{children.length ? children : <li class="calm">{none}</li>}</ul>
    </section>
  );
}

function deviceText(device: DeviceView, now: number): string {
  const parts = [
    device.id,
    device.session ? `on ${device.session}` : "on nobody",
    device.online === null ? "" : device.online ? "online" : "OFFLINE",
    device.battery === null ? "" : `battery ${device.battery} %`,
    device.heard_at === null ? "never heard" : `last value ${age(now - ms(device.heard_at))} ago`,
    device.skew ? `clock off by ${age(Math.abs(ms(device.skew)))}` : "",
    device.detail,
  ];
  return parts.filter(Boolean).join(" · ");
}
