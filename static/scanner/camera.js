// The camera, and what it reads: by the browser's own detector where there is one, else by ours.
import { wishes } from "./device.js";

const SIDE = 640; // px of the frame that is searched
const PAUSE = 80; // ms between two frames
const BETWEEN = 800; // ms between two letters of one code, at most

// The code that was seen last, by any view: a card that still lies there is not scanned again.
const last = { text: null, at: 0 };

/** Why there is no picture: `insecure`, `denied`, `none`. */
class NoCamera extends Error {}

export class Camera {
    /** `found(text)` is called for each code, the same one anew once it was away for `patience` ms. */
    constructor(found, { facing = wishes().camera, patience = 3000 } = {}) {
        this.found = found;
        this.facing = facing;
        this.patience = patience;
        this.video = document.createElement("video");
        this.video.muted = true;
        this.video.playsInline = true;
        this.video.setAttribute("aria-hidden", "true");
        this.canvas = document.createElement("canvas");
        this.isOn = false;
    }

    async start() {
        if (!navigator.mediaDevices) throw new NoCamera("insecure");
        this.isOn = true;
        try {
            const picture = { facingMode: { ideal: this.facing }, width: { ideal: 1280 }, height: { ideal: 720 } };
            this.stream = await navigator.mediaDevices.getUserMedia({ video: picture, audio: false });
        } catch (failure) {
            this.isOn = false;
            throw new NoCamera(failure.name === "NotAllowedError" ? "denied" : "none");
        }
        if (!this.isOn) return this.stop(); // left before the camera was there
        this.video.srcObject = this.stream;
        await this.video.play().catch(() => {});
        this.read = await reader(this.canvas);
        last.at = Date.now();
        this.look();
    }

    async look() {
        while (this.isOn) {
            if (this.video.readyState >= 2 && !document.hidden) {
                const text = await this.read(this.video);
                if (text && this.isOn) this.tell(text);
            }
            await new Promise((resolve) => setTimeout(resolve, PAUSE));
        }
    }

    tell(text) {
        const now = Date.now();
        const isSame = text === last.text && now - last.at < this.patience;
        Object.assign(last, { text, at: now });
        if (!isSame) this.found(text);
    }

    stop() {
        this.isOn = false;
        this.stream?.getTracks().forEach((track) => track.stop());
        this.video.srcObject = null;
        this.read?.end?.();
        this.read = null;
    }
}

async function reader(canvas) {
    const formats = "BarcodeDetector" in window ? await BarcodeDetector.getSupportedFormats() : [];
    return formats.includes("qr_code") ? ofTheBrowser() : ofOurs(canvas);
}

function ofTheBrowser() {
    const detector = new BarcodeDetector({ formats: ["qr_code"] });
    return async (video) => {
        const codes = await detector.detect(video).catch(() => []);
        return codes[0]?.rawValue ?? null;
    };
}

function ofOurs(canvas) {
    const worker = new Worker(new URL("./decoder.js", import.meta.url), { type: "module" });
    const brush = canvas.getContext("2d", { willReadFrequently: true });
    const read = (video) => {
        const scale = Math.min(1, SIDE / Math.max(video.videoWidth, video.videoHeight));
        canvas.width = Math.round(video.videoWidth * scale);
        canvas.height = Math.round(video.videoHeight * scale);
        brush.drawImage(video, 0, 0, canvas.width, canvas.height);
        const { width, height, data } = brush.getImageData(0, 0, canvas.width, canvas.height);
        return new Promise((resolve) => {
            worker.onmessage = ({ data: text }) => resolve(text);
            worker.onerror = () => resolve(null);
            worker.postMessage({ width, height, pixels: data.buffer }, [data.buffer]);
        });
    };
    read.end = () => worker.terminate();
    return read;
}

/** A hand-held reader types like a keyboard, very fast, and ends with Enter. */
export function listenToReader(found) {
    let typed = "";
    let last = 0;
    const hear = (event) => {
        if (event.target.closest?.("input, textarea, select, button, a")) return;
        if (event.timeStamp - last > BETWEEN) typed = "";
        last = event.timeStamp;
        if (event.key === "Enter" && typed.length > 3) found(typed);
        if (event.key === "Enter") typed = "";
        else if (event.key.length === 1) typed += event.key;
    };
    document.addEventListener("keydown", hear);
    return () => document.removeEventListener("keydown", hear);
}
