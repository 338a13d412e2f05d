# SPDX-License-Identifier: Apache-2.0
"""Markdown rendered by GitHub's own parser: the report's markup comes through, that of hostile names does not."""
import html.parser
import json
import re

import reading

try:
    import cmarkgfm
    from cmarkgfm.cmark import Options
except ImportError:
    reading.skip("python3-cmarkgfm is not installed (apt-get install python3-cmarkgfm)")

BASE = "https://host.test/owner/name/blob/0123abc"
OWN_TAGS = {"h3", "h4", "p", "ul", "li", "strong", "details", "summary", "table", "thead", "tbody", "tr", "th", "td", "a"}


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.links, self.texts, self.text, self.depth = [], [], [], "", 0

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        if tag == "a":
            self.links.append(dict(attributes)["href"])

    def handle_data(self, data):
        self.texts.append(data)
        self.text += data


def page_of(session, *options):
    text = reading.assert_printable(reading.render(session, "markdown", *options))
    page = Page()
    page.feed(cmarkgfm.github_flavored_markdown_to_html(text, options=Options.CMARK_OPT_UNSAFE))
    assert set(page.tags) <= OWN_TAGS, (session, set(page.tags) - OWN_TAGS)
    for node in page.texts:  # what a code host would make a link of; comments part the nodes
        assert not re.search(r"(?<![\w])[@#!]\w|https?://|www\.\w", node), (session, node)
    assert page.tags.count("details") == text.count("\n</details>"), session
    return page


pages = {session: page_of(session, "--links", BASE) for session in reading.EXAMPLES}
for session, page in pages.items():
    assert all(re.fullmatch(re.escape(BASE) + r"/[^ ()<>]+#L[0-9]+", link) for link in page.links), page.links

# The report is there: as many rows as the text has, the title, links to every place of a refuted prediction.
pigz = pages["pigz"]
assert "pigz: threads today" in pigz.text and "deflate_slow@deflate.c:1820" in pigz.text
assert f"{BASE}/deflate.c#L1820" in pigz.links
assert pigz.tags.count("table") >= 4 and pigz.tags.count("details") >= 4
assert page_of("pigz").links[0].startswith("pigz.c#L"), page_of("pigz").links

# Hostile names show as they are.
document = json.loads(reading.render("markup", "json"))
hostile = page_of("markup", "--all")
names = [lock["name"] for lock in document["locks"]]
assert len(names) >= 19
for name in names:
    assert name in hostile.text, name
print(f"{sum(len(page.tags) for page in pages.values())} elements, {sum(len(page.links) for page in pages.values())} links")
