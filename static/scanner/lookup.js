// From a code to the card's screen, also where nobody answers.
import * as api from "./api.js";
import { toast } from "./dom.js";
import { feel } from "./feedback.js";
import * as store from "./store.js";
import { say } from "./told.js";

/** Leads to the card, or says why there is none. A card's own address ends with its code. */
export async function lookUp(app, text) {
    const code = codeIn(text);
    try {
        const { card } = await api.scan(code);
        feel("seen");
        await store.remember(code, card);
        if (code !== card.serial) await store.remember(card.serial, card);
        app.go("card", { card, code });
    } catch (failure) {
        await instead(app, code, failure);
    }
}

async function instead(app, code, failure) {
    const isAway = failure instanceof api.Unreached || (failure instanceof api.Refused && failure.isForLater);
    if (!isAway) {
        feel("bad");
        if (!(failure instanceof api.Refused)) throw failure;
        if (failure.isUnpaired) return app.learn().then(() => app.home());
        return toast(failure.code === "not_found" ? say("unknown_card") : failure.sentence, "is-bad");
    }
    if (failure instanceof api.Refused && failure.code === "throttled") return toast(failure.sentence, "is-bad");
    feel("seen");
    const kept = await store.recall(code);
    if (kept) app.go("card", { card: kept.card, code, seen: kept.seen });
    else app.go("unseen", { code });
}

function codeIn(text) {
    const said = text.trim();
    if (!/^https?:\/\//.test(said)) return said;
    const parts = new URL(said).pathname.split("/").filter(Boolean);
    return parts.at(-1) ?? said;
}
