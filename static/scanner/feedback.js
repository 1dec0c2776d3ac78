// What staff hear and feel without looking; each can be switched off.
import * as device from "./device.js";

const TUNES = { good: [[880, 0], [1318, 0.09]], seen: [[1046, 0]], bad: [[220, 0], [196, 0.14]] };
const SHAKES = { good: [30, 40, 30], seen: [20], bad: [120, 60, 120] };

let speaker = null;

export function feel(what) {
    // Browsers let nobody make a noise before the page was touched.
    if (navigator.userActivation && !navigator.userActivation.hasBeenActive) return;
    const wishes = device.wishes();
    if (wishes.vibration) navigator.vibrate?.(SHAKES[what]);
    if (wishes.sound) play(TUNES[what]);
}

function play(tune) {
    speaker ??= new AudioContext();
    if (speaker.state === "suspended") speaker.resume();
    for (const [pitch, after] of tune) {
        const tone = speaker.createOscillator();
        const volume = speaker.createGain();
        const start = speaker.currentTime + after;
        tone.frequency.value = pitch;
        volume.gain.setValueAtTime(0.12, start);
        volume.gain.exponentialRampToValueAtTime(0.001, start + 0.16);
        tone.connect(volume).connect(speaker.destination);
        tone.start(start);
        tone.stop(start + 0.18);
    }
}

let lock = null;

/** Keeps the screen on while the scanner is looked at, where the browser can. */
export async function stayAwake() {
    if (!device.wishes().awake || document.hidden || !navigator.wakeLock) return;
    try {
        lock ??= await navigator.wakeLock.request("screen");
        lock.addEventListener("release", () => { lock = null; });
    } catch {
        lock = null; // a phone that saves its battery says no
    }
}

export async function mayFallAsleep() {
    await lock?.release();
    lock = null;
}
