/* What a reader would stumble over in a page of rote-report, found by the browser itself. report.sh puts this into a copy of the page,
   which is shown in a frame; the frame's page is told the problems, a line each. */
const problems = [];
const style = (element) => getComputedStyle(element);

function channels(colour) {
    const numbers = colour.match(/[\d.]+/g).map(Number);
    return { rgb: numbers.slice(0, 3), alpha: numbers.length > 3 ? numbers[3] : 1 };
}

function over(colour, ground) {
    return colour.rgb.map((value, i) => value * colour.alpha + ground[i] * (1 - colour.alpha));
}

/* The colour behind an element, from the page's ground up. */
function ground(element) {
    if (!element)
        return [255, 255, 255];
    return over(channels(style(element).backgroundColor), ground(element.parentElement));
}

/* https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
function luminance(rgb) {
    const [r, g, b] = rgb.map((value) => value / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a, b) {
    const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
}

function isShown(element) {
    const box = element.getBoundingClientRect();
    return box.width > 0 && box.height > 0 && style(element).visibility === "visible";
}

function checkContrast(element, colour, least, what) {
    const behind = ground(element);
    const ratio = contrast(over(channels(colour), behind), behind);
    if (ratio < least)
        problems.push(`contrast ${ratio.toFixed(2)} of ${what}: ${element.textContent.trim().slice(0, 40)}`);
}

let texts = 0, lines = 0, marks = 0;
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || element.closest("title, desc, script") || !isShown(element))
        continue;
    texts++;
    checkContrast(element, element.closest("svg") ? style(element).fill : style(element).color, 4.5, element.tagName);
}
for (const path of document.querySelectorAll("svg path:not(.gridline):not(defs *)"))
    if (style(path).stroke !== "none") {
        lines++;
        checkContrast(path, style(path).stroke, 3, "a line");
    }
for (const mark of document.querySelectorAll("svg use:not(defs *)"))
    if (!mark.getAttribute("color").includes("ground")) {
        marks++;
        checkContrast(mark, style(mark).color, 3, "a mark");
        if (!isShown(mark))
            problems.push("a mark that refers to nothing");
    }
if (texts < 100 || lines < 10 || marks < 10)
    problems.push(`there is too little to look at: ${texts} texts, ${lines} lines, ${marks} marks`);

if (document.documentElement.scrollWidth > innerWidth)
    problems.push(`the page is ${document.documentElement.scrollWidth} wide, the window ${innerWidth}`);
for (const element of document.querySelectorAll("main *")) {
    const box = element.getBoundingClientRect();
    if (box.right > innerWidth + 1 && !element.closest(".scroll, pre, svg"))
        problems.push(`<${element.tagName}> reaches out of the window`);
    if (element.scrollWidth > element.clientWidth + 1 && ["auto", "scroll"].includes(style(element).overflowX) && element.tabIndex < 0)
        problems.push(`<${element.tagName}> scrolls, but not with the keyboard`);
}
for (const image of document.images)
    if (!image.alt || !image.naturalWidth)
        problems.push(`a picture without ${image.alt ? "pixels" : "alt"}`);
for (const figure of document.querySelectorAll("svg"))
    for (const id of figure.getAttribute("aria-labelledby").split(" "))
        if (!figure.querySelector(`[id="${id}"]`).textContent.trim())
            problems.push("a figure without words");
for (const text of document.querySelectorAll("svg text"))
    if (text.getBoundingClientRect().height < 11)
        problems.push(`letters of ${text.getBoundingClientRect().height} pixels: ${text.textContent}`);

let level = 0;
for (const heading of document.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
    const next = Number(heading.tagName[1]);
    if (next > level + 1)
        problems.push(`<h${next}> after <h${level}>: ${heading.textContent}`);
    level = next;
}
if (document.querySelectorAll("h1").length !== 1)
    problems.push("not one <h1>");
for (const cell of document.querySelectorAll("th"))
    if (!cell.scope)
        problems.push(`<th> without scope: ${cell.textContent}`);
for (const entry of performance.getEntriesByType("resource"))
    if (!entry.name.startsWith("data:"))
        problems.push(`it loads ${entry.name}`);

parent.postMessage([`looked at ${innerWidth} ${style(document.body).backgroundColor}`, ...new Set(problems)].join("\n"), "*");
