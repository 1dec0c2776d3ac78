// The API, and the two ways in which it fails: it said no, or nobody answered.
import { told } from "./told.js";
import * as device from "./device.js";

const PATIENCE = 10000; // ms
// Answers after which the same request may be sent again later.
const LATER = new Set([408, 425, 429, 500, 502, 503, 504]);

/** The API understood and said no; `message` is for people. */
export class Refused extends Error {
    constructor(status, body, retryAfter) {
        super(body?.message ?? `${status}`);
        this.status = status;
        this.code = body?.code ?? "error";
        this.fields = body?.fields ?? {};
        this.retryAfter = retryAfter;
    }

    get isForLater() { return LATER.has(this.status); }

    get isUnpaired() { return this.status === 401; }

    /** The sentence, with what is wrong with single fields. */
    get sentence() {
        const more = Object.values(this.fields).flat();
        return more.length ? more.join(" ") : this.message;
    }
}

/** Nobody answered: whether the request arrived is unknown, unless there was no network at all. */
export class Unreached extends Error {
    constructor(mayHaveArrived) {
        super("unreached");
        this.mayHaveArrived = mayHaveArrived;
    }
}

export async function call(method, path, { body, key, token = device.token() } = {}) {
    const headers = {};
    if (token) headers.Authorization = `Bearer ${token}`;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (key) headers["Idempotency-Key"] = key;
    const hadNetwork = navigator.onLine;
    let answer;
    try {
        answer = await fetch(path.startsWith("/") ? path : told.api + path, {
            method, headers,
            body: body === undefined ? undefined : JSON.stringify(body),
            signal: AbortSignal.timeout(PATIENCE),
            cache: "no-store",
            credentials: "omit",
        });
    } catch {
        throw new Unreached(hadNetwork);
    }
    const said = answer.status === 204 ? null : await answer.json().catch(() => null);
    if (!answer.ok) throw new Refused(answer.status, said, Number(answer.headers.get("Retry-After")) || null);
    if (said === null && answer.status !== 204) throw new Unreached(true); // somebody else's page
    return said;
}

export const pair = (code) => call("POST", told.claim, { body: { code }, token: null });
export const aboutDevice = () => call("GET", "device/");
export const leave = () => call("DELETE", "device/");
export const scan = (code, key) => call("POST", "scan/", { body: { code }, key });
export const serve = (code, key) => call("POST", "kiosk/", { body: { code }, key });
export const search = (text) => call("GET", `cards/?${new URLSearchParams({ search: text })}`);

/** A key for one wish, however often it is sent. */
export function newKey() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
