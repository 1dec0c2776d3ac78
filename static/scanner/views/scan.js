// The first screen: the camera looks, and everything else is a thumb away.
import { Camera, listenToReader } from "../camera.js";
import * as device from "../device.js";
import { button, h, icon } from "../dom.js";
import { lookUp } from "../lookup.js";
import * as queue from "../queue.js";
import { say } from "../told.js";

export function scanView(app) {
    const about = device.known();
    const hint = h("p", { class: "hint" }, say("point_camera"));
    const frame = h("div", { class: "frame" }, h("div", { class: "corners" }));
    const waiting = h("button", { type: "button", class: "chip", hidden: true, onclick: () => app.go("recent") });
    let isBusy = false;

    async function found(text) {
        if (isBusy) return;
        isBusy = true;
        frame.classList.add("is-found");
        try {
            await lookUp(app, text);
        } finally {
            isBusy = false;
            frame.classList.remove("is-found");
        }
    }

    const camera = new Camera(found);
    camera.start().then(
        () => frame.prepend(camera.video),
        (failure) => { hint.textContent = say(`camera_${failure.message}`); frame.classList.add("is-blind"); },
    );
    const deafen = listenToReader(found);
    const unwatch = queue.watch((count, refused) => {
        waiting.hidden = !count && !refused;
        waiting.replaceChildren(
            icon(refused ? "alert" : "cloud"),
            say(refused ? "n_refused" : "n_waiting", { n: refused || count }),
        );
        waiting.classList.toggle("is-bad", refused > 0);
    });

    const place = [about?.business.name, about?.location].filter(Boolean).join(" · ");
    const element = h(
        "section", { class: "scan" },
        h("header", { class: "place" }, h("h1", { tabindex: "-1" }, place || say("scanner")), waiting),
        frame, hint,
        h(
            "nav", { class: "thumb", "aria-label": say("more") },
            button(say("search"), () => app.go("search"), { sign: "search" }),
            button(say("recent"), () => app.go("recent"), { sign: "recent" }),
            button(say("settings"), () => app.go("settings"), { sign: "settings" }),
        ),
    );
    return { title: "", element, leave: () => { camera.stop(); deafen(); unwatch(); } };
}
