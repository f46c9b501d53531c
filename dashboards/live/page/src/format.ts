// How instants and durations are written. Everything in ms; clocks are those of the place where the page is looked at.

const two = (value: number): string => String(Math.floor(value)).padStart(2, "0");

/** 14:31:55 */
export function clock(instant: number): string {
  const at = new Date(instant);
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** 14:31 */
export const shortClock = (instant: number): string => clock(instant).slice(0, 5);

/** 0:42, 12:05, 1:02:03 */
export function timer(duration: number): string {
  const seconds = Math.max(0, Math.floor(duration / 1000));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const rest = two(seconds % 60);
  return hours ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** 42 s, 12 min, 3 h 05 min */
export function age(duration: number): string {
  const seconds = Math.max(0, Math.floor(duration / 1000));
  if (seconds < 100) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 100 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}

/** T+1:12, hours and minutes since a dose */
export function sinceDose(duration: number): string {
  const minutes = Math.max(0, Math.floor(duration / 60_000));
  return `T+${Math.floor(minutes / 60)}:${two(minutes % 60)}`;
}

export const roomName = (room: string): string => (/^\d+\w?$/.test(room) ? `Room ${room}` : room);

export const words = (code: string): string => code.replaceAll("_", " ");

/** What is to be said, beside each other. */
export const joined = (...parts: string[]): string => parts.filter(Boolean).join(" · ");

/** Decimals a signal is written with. */
export const decimals = (signal: string): number => (["temperature", "perfusion_index"].includes(signal) ? 1 : 0);
