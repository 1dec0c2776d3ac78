// Reads QR codes away from the screen's thread, so that buttons answer while it looks.
import { decodeQR } from "../vendor/qr/decode.js";

self.addEventListener("message", ({ data: { width, height, pixels } }) => {
    let text = null;
    try {
        text = decodeQR({ width, height, data: new Uint8ClampedArray(pixels) });
    } catch {
        text = null; // no code in this frame
    }
    self.postMessage(text);
});
