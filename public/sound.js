// Two short tones for a new critical alarm. A browser plays them only after the operator has touched the page.
let context = null;
let busyUntil = 0;

export function beep() {
  context ??= new AudioContext();
  context.resume();
  // A flood of alarms is one signal, not a thousand at once.
  if (context.currentTime < busyUntil) return;
  busyUntil = context.currentTime + 1;
  for (const [at, pitch] of [[0, 880], [0.22, 660]]) tone(context.currentTime + at, pitch);
}

function tone(start, pitch) {
  const oscillator = context.createOscillator();
  const volume = context.createGain();
  oscillator.frequency.value = pitch;
  // Soft edges: a hard start and end click.
  volume.gain.setValueAtTime(0, start);
  volume.gain.linearRampToValueAtTime(0.2, start + 0.02);
  volume.gain.setValueAtTime(0.2, start + 0.14);
  volume.gain.linearRampToValueAtTime(0, start + 0.18);
  oscillator.connect(volume).connect(context.destination);
  oscillator.start(start);
  oscillator.stop(start + 0.2);
}
