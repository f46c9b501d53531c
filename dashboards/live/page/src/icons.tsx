// Our own line drawings: no font, no emoji. They are decoration beside a text that says the same.

const PATHS = {
  person: "M12 3a4 4 0 1 1 0 8 4 4 0 0 1 0-8M4 21c0-5 4-8 8-8s8 3 8 8",
  device: "M9 3v5M15 3v5M6 8h12v4a6 6 0 0 1-12 0zM12 18v3",
  check: "M4 12l6 6L20 6",
  cross: "M5 5l14 14M19 5L5 19",
  wait: "M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16M12 8v4l3 2",
  mute: "M4 9h4l5-4v14l-5-4H4zM16 9l5 6M21 9l-5 6",
} as const;

export function Icon({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
