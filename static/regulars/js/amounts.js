// What stands beside an amount ("USD", "stamps") follows the fields it depends on: the first of
// them that is filled in. `data-words` has what stands there for which value.

const valueOf = (form, name) => {
    const fields = [...form.querySelectorAll(`[name="${name}"]`)];
    const one = fields.find((field) => field.type !== "radio" || field.checked);
    return one ? one.value.trim() : "";
};

const follow = () => {
    for (const amount of document.querySelectorAll(".amount[data-follows]:not([data-follows=''])")) {
        const form = amount.closest("form");
        const names = amount.dataset.follows.split(" ");
        const said = names.map((name) => valueOf(form, name)).find(Boolean) ?? "";
        const words = amount.dataset.words ? JSON.parse(amount.dataset.words) : null;
        amount.lastElementChild.textContent = words ? (words[said] ?? "") : said;
    }
};

document.addEventListener("change", follow);
document.addEventListener("formset:added", follow);
