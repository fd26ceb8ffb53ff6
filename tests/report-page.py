"""A page of rote-report is whole HTML that stands alone: report-page.py FILE. Prints what is wrong, and ends with 1 if anything is."""

import collections
import html.parser
import re
import sys

EMPTY = {"meta", "link", "br", "img", "path", "circle", "rect", "use"}
ALLOWED = re.compile(r"(data:image/png;base64,[A-Za-z0-9+/=]+|data:,|#[\w-]+|#gpPt\d+)$")


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open = []
        self.wrong = []
        self.ids = collections.Counter()
        self.links = set()

    def complain(self, text):
        self.wrong.append(f"line {self.getpos()[0]}: {text}")

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag not in EMPTY:
            self.open.append(tag)
        if tag in ("script", "iframe", "object", "embed", "form"):
            self.complain(f"<{tag}>")
        for name, value in attributes.items():
            if name.startswith("on"):
                self.complain(f"{name} on <{tag}>")
            if name in ("href", "src", "xlink:href"):
                if not ALLOWED.match(value):
                    self.complain(f"{name}={value[:60]}")
                elif value[0] == "#":
                    self.links.add(value[1:])
            if name == "id":
                self.ids[value] += 1
            if name == "aria-labelledby":
                self.links.update(value.split())
        if tag == "img" and not attributes.get("alt"):
            self.complain("a picture without alt")
        if tag == "svg" and attributes.get("role") != "img":
            self.complain("a figure without role")

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in EMPTY:
            self.open.pop()

    def handle_endtag(self, tag):
        if tag in EMPTY:
            return
        if not self.open or self.open.pop() != tag:
            self.complain(f"</{tag}> ends nothing")

    def handle_data(self, data):
        if re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]", data):
            self.complain("a control character")


page = Page()
with open(sys.argv[1], encoding="utf-8") as file:
    text = file.read()
page.feed(text)
page.close()
page.wrong += [f"<{tag}> is not closed" for tag in page.open]
page.wrong += [f"id {name} is there {n} times" for name, n in page.ids.items() if n > 1]
page.wrong += [f"nothing has the id {name}" for name in sorted(page.links - set(page.ids))]
if re.search(r"url\(|@import|http-equiv=.refresh", text):
    page.wrong.append("a style sheet that loads something")
if not text.startswith("<!DOCTYPE html>\n") or not text.endswith("</html>\n"):
    page.wrong.append("it is not whole")
for line in page.wrong:
    print(line)
sys.exit(bool(page.wrong))
