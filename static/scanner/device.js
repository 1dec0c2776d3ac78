// What this device is and how it likes things: kept on it, and nowhere else.
const NAMES = ["token", "told", "wishes"];
const PREFIX = "regulars.scanner.";
const USUAL = { sound: true, vibration: true, awake: true, camera: "environment", theme: "auto" };

const read = (name) => JSON.parse(localStorage.getItem(PREFIX + name) ?? "null");
const write = (name, value) => localStorage.setItem(PREFIX + name, JSON.stringify(value));

export const token = () => read("token");
export const keepToken = (plain) => write("token", plain);

/** What `GET device/` said last: name, mode, location, business, programs. */
export const known = () => read("told");
export const keepKnown = (answer) => write("told", answer);

export const wishes = () => ({ ...USUAL, ...read("wishes") });
export const hasWished = (name) => name in (read("wishes") ?? {});
export const wish = (name, value) => write("wishes", { ...read("wishes"), [name]: value });

export const program = (slug) => known()?.programs.find((each) => each.slug === slug) ?? null;

export const forget = () => NAMES.forEach((name) => localStorage.removeItem(PREFIX + name));

export function applyTheme() {
    const { theme } = wishes();
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
}
