// @ts-check
// The time of the demo, where it is not that of the reader's wall.

const EVERY_MS = 500;

export function showClock() {
  const shown = document.getElementById('clock');
  if (shown === null) return;
  const tell = async () => {
    try {
      const { text, speed } = await (await fetch('/clock')).json();
      shown.textContent = speed === 1 ? text : `${text} · ${speed} ×`;
    } catch {
      // The server is away: what was shown last stands.
    }
  };
  setInterval(tell, EVERY_MS);
  void tell();
}
