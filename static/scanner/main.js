// The scanner: which view is shown, and the way back from it.
import * as api from "./api.js";
import * as device from "./device.js";
import { stayAwake } from "./feedback.js";
import * as queue from "./queue.js";
import * as store from "./store.js";
import { say, told } from "./told.js";
import { toast } from "./dom.js";
import { amountView } from "./views/amount.js";
import { cardView } from "./views/card.js";
import { kioskView } from "./views/kiosk.js";
import { pairView } from "./views/pair.js";
import { recentView } from "./views/recent.js";
import { resultView } from "./views/result.js";
import { scanView } from "./views/scan.js";
import { searchView } from "./views/search.js";
import { settingsView } from "./views/settings.js";
import { unseenView } from "./views/unseen.js";

const VIEWS = {
    amount: amountView, card: cardView, kiosk: kioskView, pair: pairView, recent: recentView,
    result: resultView, scan: scanView, search: searchView, settings: settingsView, unseen: unseenView,
};
const root = document.getElementById("app");
let leave = null;

const homeName = () => {
    if (!device.token()) return "pair";
    return device.known()?.mode === "kiosk" ? "kiosk" : "scan";
};

const app = { go, home, show };

/** Shows a view; the phone's own back button leads home from it. */
function go(name, props = {}) {
    if (!history.state?.inside) history.pushState({ inside: true }, "");
    show(name, props);
}

function home() {
    if (history.state?.inside) history.back();
    else show(homeName());
}

function show(name, props = {}) {
    leave?.();
    const view = VIEWS[name](app, props);
    leave = view.leave ?? null;
    root.replaceChildren(view.element);
    root.dataset.view = name;
    document.title = view.title ? `${view.title} · ${say("scanner")}` : say("scanner");
    (view.element.querySelector("[data-first]") ?? view.element.querySelector("h1"))?.focus();
}

/** Asks who we are: the shop may have changed what it offers, or taken our key away. */
async function learn() {
    try {
        device.keepKnown(await api.aboutDevice());
        return true;
    } catch (failure) {
        if (failure instanceof api.Refused && failure.isUnpaired) {
            device.keepToken(null);
            toast(say("unpaired"), "is-bad");
            return false;
        }
        return device.known() !== null;
    }
}

async function begin() {
    device.applyTheme();
    const code = location.hash.slice(1);
    if (location.pathname !== told.home || code) history.replaceState(null, "", told.home);
    window.addEventListener("popstate", () => show(homeName()));
    document.addEventListener("visibilitychange", stayAwake);
    navigator.serviceWorker?.register(told.worker, { scope: told.home });
    if (code) return show("pair", { code });
    if (device.token() && device.known() === null) await learn();
    show(homeName());
    if (device.token()) serve();
}

let isServing = false;

/** From the moment the device has a key. */
async function serve() {
    if (isServing) return;
    isServing = true;
    navigator.storage?.persist?.();
    stayAwake();
    await store.dropOld(Date.now());
    queue.start();
    const before = homeName();
    await learn();
    if (homeName() !== before) show(homeName());
}

app.learn = learn;
app.serve = serve;
begin();
